import itertools

from tinykube.api.defaults import default, services
from tinykube.objects import copy


def service(old=None, **spec):
    obj = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], **spec}}
    default("v1/Service", obj)
    ips, ports = itertools.count(1), itertools.count(30000)
    services.assign_addresses(obj, old, lambda: f"10.96.0.{next(ips)}", lambda: next(ports))
    return obj


def test_types_get_what_they_need():
    assert service()["spec"]["clusterIPs"] == ["10.96.0.1"]
    assert service(clusterIP="None")["spec"]["clusterIPs"] == ["None"]
    assert service(type="NodePort")["spec"]["ports"][0]["nodePort"] == 30000
    assert "clusterIP" not in service(type="ExternalName", externalName="x")["spec"]


def test_session_affinity_has_a_timeout():
    found = service(sessionAffinity="ClientIP")["spec"]
    assert found["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}


def test_an_update_that_leaves_addresses_out_keeps_them():
    old = service(type="NodePort")
    old["spec"]["clusterIP"], old["spec"]["clusterIPs"] = "10.96.7.7", ["10.96.7.7"]
    old["spec"]["ports"][0]["nodePort"] = 31000
    new = service(old, type="NodePort")
    assert (new["spec"]["clusterIP"], new["spec"]["ports"][0]["nodePort"]) == ("10.96.7.7", 31000)


def test_a_change_of_type_clears_what_the_old_type_had():
    old = service(type="LoadBalancer")
    new = copy(old)
    new["spec"]["type"] = "ClusterIP"
    services.drop_type_dependent(new, old)
    assert not {"externalTrafficPolicy", "allocateLoadBalancerNodePorts"} & set(new["spec"])
    assert "nodePort" not in new["spec"]["ports"][0]
