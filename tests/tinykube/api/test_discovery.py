"""What the server says of itself."""

from tinykube.api import discovery, resources


def test_aggregated_and_legacy_discovery_say_the_same():
    for resource in resources.served():
        legacy = discovery.legacy_resources(resource.group, resource.version)
        names = [r["name"] for r in legacy["resources"]]
        assert resource.name in names
        assert all(f"{resource.name}/{s.name}" in names for s in resource.subresources)
    listed = [
        r["resource"]
        for core in (True, False)
        for group in discovery.aggregated(core)["items"]
        for version in group["versions"]
        for r in version["resources"]
    ]
    assert listed == [r.name for r in resources.served()]


def test_the_recorded_facts_of_some_resources():
    core = {r["resource"]: r for r in discovery.aggregated(True)["items"][0]["versions"][0]["resources"]}
    pods = core["pods"]
    assert (pods["shortNames"], pods["categories"], pods["scope"]) == (["po"], ["all"], "Namespaced")
    eviction = next(s for s in pods["subresources"] if s["subresource"] == "eviction")
    assert eviction["responseKind"] == {"group": "policy", "version": "v1", "kind": "Eviction"}
    assert "deletecollection" not in core["namespaces"]["verbs"]
    apps = {r["name"]: r for r in discovery.legacy_resources("apps", "v1")["resources"]}
    assert apps["deployments/scale"] == {
        "name": "deployments/scale",
        "singularName": "",
        "namespaced": True,
        "group": "autoscaling",
        "version": "v1",
        "kind": "Scale",
        "verbs": ["get", "patch", "update"],
    }


def test_groups_prefer_their_first_version():
    groups = {g["name"]: g for g in discovery.legacy_groups()["groups"]}
    assert groups["autoscaling"]["preferredVersion"]["version"] == "v2"
    assert discovery.legacy_group("apps")["kind"] == "APIGroup"
    assert discovery.legacy_group("nope") is None
    assert discovery.legacy_resources("apps", "v2") is None
