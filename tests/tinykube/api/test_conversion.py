"""Events and autoscalers in both of their shapes."""

from tinykube.api import conversion, resources

EVENTS = resources.at("events.k8s.io", "v1", "events")
V1 = resources.at("autoscaling", "v1", "horizontalpodautoscalers")


def test_an_event_is_stored_in_its_core_shape():
    sent = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "e"},
        "regarding": {"name": "p"},
        "note": "hello",
        "reportingController": "me",
        "deprecatedCount": 3,
    }
    stored = conversion.to_stored(EVENTS, sent)
    assert stored["apiVersion"] == "v1"
    assert (stored["involvedObject"], stored["message"], stored["count"]) == ({"name": "p"}, "hello", 3)
    assert conversion.from_stored(EVENTS, stored) == sent
    listed = {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": [stored]}
    assert conversion.from_stored(EVENTS, listed)["items"] == [sent]
    assert conversion.stored_as(EVENTS) == "events"
    assert conversion.field_selector(EVENTS, "regarding.name=p") == "involvedObject.name=p"


def test_an_autoscaler_is_stored_in_version_2():
    sent = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 70},
    }
    stored = conversion.to_stored(V1, sent)
    assert stored["apiVersion"] == "autoscaling/v2"
    assert stored["spec"]["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 70}
    back = conversion.from_stored(V1, stored)
    assert back["spec"] == sent["spec"]
    assert back["status"] == {"currentReplicas": 0, "desiredReplicas": 0}


def test_everything_else_goes_through_unchanged():
    pods = resources.at("", "v1", "pods")
    obj = {"kind": "Pod"}
    assert conversion.to_stored(pods, obj) is obj
    assert conversion.from_stored(pods, obj) is obj
