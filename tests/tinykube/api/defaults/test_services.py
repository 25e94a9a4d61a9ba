from tinykube.api.defaults import default, services
from tinykube.objects import copy


def service(**spec):
    obj = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], **spec}}
    default("v1/Service", obj)
    return obj


def test_ports_lead_to_themselves():
    assert service()["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]


def test_only_services_reached_from_outside_have_an_external_policy():
    assert "externalTrafficPolicy" not in service()["spec"]
    assert service(type="NodePort")["spec"]["externalTrafficPolicy"] == "Cluster"
    assert service(externalIPs=["1.2.3.4"])["spec"]["externalTrafficPolicy"] == "Cluster"


def test_session_affinity_has_a_timeout():
    found = service(sessionAffinity="ClientIP")["spec"]
    assert found["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}


def test_a_change_of_type_clears_what_the_old_type_had():
    old = service(type="LoadBalancer", ports=[{"port": 80, "nodePort": 30080}])
    new = copy(old)
    new["spec"]["type"] = "ClusterIP"
    services.drop_type_dependent(new, old)
    assert not {"externalTrafficPolicy", "allocateLoadBalancerNodePorts"} & set(new["spec"])
    assert "nodePort" not in new["spec"]["ports"][0]
