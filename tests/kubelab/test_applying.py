"""Applying beside others who write the same object."""

from kubelab.errors import Refused

COLORS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: colors}
data: {%s}
"""


def test_fields_of_a_client_side_apply_are_taken_over_though_others_write_meanwhile(lab, monkeypatch):
    lab.kubectl("apply -f -", COLORS % "sky: blue, sea: green")
    send, refused = lab._connection.json, []

    def contended(method, path, query=None, body=None, content_type="application/json"):
        if "json-patch" in content_type and len(refused) < 2:
            refused.append(path)
            raise Refused({"reason": "Conflict", "message": "the object has been modified"}, 409)
        return send(method, path, query, body, content_type)

    monkeypatch.setattr(lab._connection, "json", contended)
    assert repr(lab.apply(COLORS % "sky: gray")) == "configmap/colors configured"
    assert lab.get("configmap/colors")["data"] == {"sky": "gray"}
    assert len(refused) == 2
