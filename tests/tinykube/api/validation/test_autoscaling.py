"""Autoscalers that are refused, in upstream's words."""

import pytest
from tests.tinykube.api.validation.pipeline import created

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
CPU = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}


def autoscaler(*metrics, **spec):
    body = {"scaleTargetRef": TARGET, "maxReplicas": 5, "metrics": list(metrics), **spec}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": body}


def cpu(**target):
    return {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", **target}}}


TYPES = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'
METRIC = "spec.metrics[0]"
CASES = [
    (autoscaler({}), [
        f"{METRIC}.type: Required value: must specify a metric source type",
        f'{METRIC}.type: Unsupported value: "": {TYPES}',
    ]),
    (autoscaler({"type": "CPU", "resource": CPU}), [
        f'{METRIC}.type: Unsupported value: "CPU": {TYPES}',
    ]),
    (autoscaler({"type": "Pods", "resource": CPU}), [
        f"{METRIC}.pods: Required value: must populate information for the given metric source",
    ]),
    (autoscaler(cpu()), [
        f"{METRIC}.resource.target.averageUtilization: Required value: must set either a target raw value or a target "
        "utilization",
    ]),
    (autoscaler(cpu(averageUtilization=0)), [
        f"{METRIC}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
    ]),
    (autoscaler(cpu(averageUtilization=5, averageValue="1")), [
        f"{METRIC}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target "
        "utilization",
    ]),
    (autoscaler(cpu(averageUtilization=5, type="Percent")), [
        f'{METRIC}.resource.target.type: Invalid value: "Percent": must be either Utilization, Value, or AverageValue',
    ]),
    (autoscaler(behavior={"scaleDown": {"stabilizationWindowSeconds": 4000, "selectPolicy": "X"}}), [
        "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600",
        'spec.behavior.scaleDown.selectPolicy: Unsupported value: "X": supported values: "Disabled", "Max", "Min"',
    ]),
    (autoscaler(behavior={"scaleUp": {"policies": [{"type": "All", "value": 0, "periodSeconds": 2000}]}}), [
        'spec.behavior.scaleUp.policies[0].type: Unsupported value: "All": supported values: "Percent", "Pods"',
        "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
        "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("manifest", "expected"), CASES)
def test_every_reason_is_given(manifest, expected):
    assert created(manifest) == expected
