"""The JSONPath that waiting understands."""

import pytest

from kubelab import jsonpath
from kubelab.errors import KubelabError

POD = {
    "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web"}},
    "spec": {"containers": [{"name": "a", "image": "nginx"}, {"name": "b", "image": "busybox"}]},
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}],
    },
}
CASES = [
    ("{.status.phase}", ["Running"]),
    (".status.phase", ["Running"]),
    ("status.phase", ["Running"]),
    ("{$.metadata.name}", ["web"]),
    ("{.spec.containers[1].name}", ["b"]),
    ("{.spec.containers[-1].name}", ["b"]),
    ("{.spec.containers[9].name}", []),
    ("{.spec.containers[*].image}", ["nginx", "busybox"]),
    ('{.status.conditions[?(@.type=="Ready")].status}', ["True"]),
    ("{.status.conditions[?(@.type!='Ready')].type}", ["Other"]),
    (r"{.metadata.labels.app\.kubernetes\.io/name}", ["web"]),
    ("{.metadata.labels['app.kubernetes.io/name']}", ["web"]),
    ("{.nothing.here}", []),
    ("{}", [POD]),
]


@pytest.mark.parametrize(("path", "found"), CASES)
def test_find(path, found):
    assert jsonpath.find(POD, path) == found


@pytest.mark.parametrize("path", ["{.a[}", "{.a[?(@.b)]}", "{range .items[*]}x{end}"])
def test_what_is_not_understood_is_refused(path):
    with pytest.raises(KubelabError, match="JSONPath"):
        jsonpath.find(POD, path)
