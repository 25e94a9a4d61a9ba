import pytest

from tinykube.node.hostfiles import hostname, hosts_file, resolv_conf


def pod(**spec):
    return {"metadata": {"name": "web-0", "namespace": "shop"}, "spec": {"nodeName": "node-1", **spec}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "web-0"),
        ({"hostname": "db"}, "db"),
        ({"hostname": "db", "subdomain": "sub"}, "db"),
        ({"hostname": "db", "subdomain": "sub", "setHostnameAsFQDN": True}, "db.sub.shop.svc.cluster.local"),
        ({"hostNetwork": True}, "node-1"),
        ({"hostNetwork": True, "hostnameOverride": "own"}, "own"),
    ],
)
def test_hostname(spec, expected):
    assert hostname(pod(**spec)) == expected


def test_hosts_file_names_the_pod_and_its_aliases():
    text = hosts_file(pod(subdomain="db", hostAliases=[{"ip": "1.2.3.4", "hostnames": ["foo", "bar"]}]), "10.244.0.5")
    assert text.startswith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
    assert "10.244.0.5\tweb-0.db.shop.svc.cluster.local\tweb-0\n" in text
    assert text.endswith("# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n")


def test_the_hosts_file_on_the_nodes_network_says_so():
    text = hosts_file(pod(hostNetwork=True, subdomain="db"), "172.18.0.2")
    assert text.startswith("# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n")
    assert text.endswith("172.18.0.2\tnode-1\n")


def test_a_host_name_in_full_is_not_made_longer_in_the_hosts_file():
    text = hosts_file(pod(subdomain="db", setHostnameAsFQDN=True), "10.244.0.5")
    assert "10.244.0.5\tweb-0.db.shop.svc.cluster.local\tweb-0\n" in text


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            {},
            "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
        ),
        ({"hostNetwork": True}, "nameserver 10.96.0.10\n"),
        (
            {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"},
            "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
        ),
        (
            {
                "dnsPolicy": "None",
                "dnsConfig": {
                    "nameservers": ["9.9.9.9"],
                    "searches": ["a.b"],
                    "options": [{"name": "ndots", "value": "2"}],
                },
            },
            "search a.b\nnameserver 9.9.9.9\noptions ndots:2\n",
        ),
    ],
)
def test_resolv_conf(spec, expected):
    assert resolv_conf(pod(**spec)) == expected
