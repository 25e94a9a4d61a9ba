"""The kubelet's role: the node agent that runs Pods, with kube-proxy and the cluster's DNS beside it.

Law: the node meets the rest of the cluster only through the API (`client`, `informer`, `events`); containers are run
by `runtime`. Inside, what decides (`actions`, `status`, `phase`, `conditions`, `restarts`, `env`, `qos`, `payload`,
`hostfiles`) is pure, and what acts (`pod_runtime`, `starting`, `killing`, `volumes`, `probes`, `status_manager`) is
told what to do by one worker a Pod (`pod_workers`). Start reading at `kubelet.py`.

Models pkg/kubelet, pkg/proxy and CoreDNS.
"""

from tinykube.node.kubelet import Kubelet

__all__ = ["Kubelet"]
