"""A Kubernetes small enough to read.

Same parts, same names and the same division of labour as the real one: `store` plays etcd, `api` and `server`
play kube-apiserver, `controllers` and `scheduler` the control plane's loops, `node` the kubelet, `runtime` the
container runtime. The parts meet only through the API. Start reading at `cluster.py`.
"""
