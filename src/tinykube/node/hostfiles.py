"""The files that the node writes for a Pod's containers: /etc/hosts, /etc/resolv.conf, /etc/hostname.

Law: pure text from the Pod's spec and its address.

Models pkg/kubelet/kubelet_pods.go (managedHostsFileContent, GeneratePodHostNameAndDomain) and
pkg/kubelet/network/dns/dns.go.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.objects import Obj

DOMAIN = "cluster.local"
NAME_SERVER = "10.96.0.10"
_MANAGED = "# Kubernetes-managed hosts file"
_HOSTS = """127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
"""


def hostname(pod: Obj) -> str:
    """The name that the Pod's containers give themselves."""
    short, domain = _short_name(pod), _domain(pod)
    return f"{short}.{domain}" if pod["spec"].get("setHostnameAsFQDN") and domain else short


def _short_name(pod: Obj) -> str:
    spec = pod["spec"]
    if override := spec.get("hostnameOverride"):
        return str(override)
    if spec.get("hostNetwork"):
        return str(spec["nodeName"])
    return str(spec.get("hostname") or objects.name(pod))[:63].rstrip("-.")


def _domain(pod: Obj) -> str:
    spec = pod["spec"]
    subdomain = "" if spec.get("hostnameOverride") or spec.get("hostNetwork") else spec.get("subdomain")
    return f"{subdomain}.{objects.namespace(pod)}.svc.{DOMAIN}" if subdomain else ""


def hosts_file(pod: Obj, ip: str) -> str:
    """/etc/hosts."""
    short, domain = _short_name(pod), _domain(pod)
    own = f"{ip}\t{short}.{domain}\t{short}\n" if domain else f"{ip}\t{short}\n"
    text = f"{_MANAGED}{' (host network)' if pod['spec'].get('hostNetwork') else ''}.\n{_HOSTS}{own}"
    aliases = pod["spec"].get("hostAliases") or ()
    if aliases:
        lines = [f"{alias['ip']}\t" + "\t".join(alias.get("hostnames") or ()) for alias in aliases]
        text += "\n# Entries added by HostAliases.\n" + "".join(f"{line}\n" for line in lines)
    return text


def resolv_conf(pod: Obj) -> str:
    """/etc/resolv.conf for the Pod's dnsPolicy and dnsConfig."""
    policy, config = pod["spec"].get("dnsPolicy", "ClusterFirst"), pod["spec"].get("dnsConfig") or {}
    if policy == "ClusterFirst" and pod["spec"].get("hostNetwork"):
        policy = "Default"
    servers: list[str] = []
    searches: list[str] = []
    options: dict[str, str | None] = {}
    if policy in ("ClusterFirst", "ClusterFirstWithHostNet"):
        servers, options = [NAME_SERVER], {"ndots": "5"}
        searches = [f"{objects.namespace(pod)}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN]
    elif policy == "Default":
        servers = [NAME_SERVER]
    servers = list(dict.fromkeys([*servers, *(config.get("nameservers") or ())]))
    searches = list(dict.fromkeys([*searches, *(config.get("searches") or ())]))
    options |= {option["name"]: option.get("value") for option in config.get("options") or ()}
    text = f"search {' '.join(searches)}\n" if searches else ""
    text += "".join(f"nameserver {server}\n" for server in servers)
    if options:
        text += "options " + " ".join(n if v is None else f"{n}:{v}" for n, v in options.items()) + "\n"
    return text
