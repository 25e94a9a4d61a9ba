"""kubelab: what a notebook of "Kubernetes, Hands On" imports."""
