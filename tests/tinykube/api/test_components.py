"""The statuses of the control plane's parts."""


def test_every_part_is_healthy(api, refusal):
    listed = api.list("componentstatuses")["items"]
    assert [c["metadata"]["name"] for c in listed] == ["controller-manager", "etcd-0", "scheduler"]
    assert {c["conditions"][0]["status"] for c in listed} == {"True"}
    assert api.get("componentstatuses", None, "scheduler") in listed
    assert refusal(api.get, "componentstatuses", None, "x")["message"] == 'componentstatus "x" not found'
