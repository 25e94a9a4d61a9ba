from tinykube.api.validation.diff import pod_spec
from tinykube.api.validation.golang import encode, json_name


def lines(old, new):
    return pod_spec(old, new).splitlines()


def test_a_scalar_with_its_neighbors():
    assert lines({"terminationGracePeriodSeconds": 30}, {"terminationGracePeriodSeconds": 5}) == [
        "  core.PodSpec{",
        "  \t... // 3 identical fields",
        "  \tEphemeralContainers:           nil,",
        '  \tRestartPolicy:                 "",',
        "- \tTerminationGracePeriodSeconds: &30,",
        "+ \tTerminationGracePeriodSeconds: &5,",
        "  \tActiveDeadlineSeconds:         nil,",
        '  \tDNSPolicy:                     "",',
        "  \t... // 28 identical fields",
        "  }",
    ]


def test_maps_show_only_what_changed_and_what_stayed():
    found = lines({"nodeSelector": {"a": "b", "c": "d"}}, {"nodeSelector": {"a": "b", "e": "f"}})
    start = found.index("  \tNodeSelector: map[string]string{")
    assert found[start + 1 : start + 5] == ['  \t\t"a": "b",', '- \t\t"c": "d",', '+ \t\t"e": "f",', "  \t},"]


def test_lists_of_structs_grow_at_their_end():
    old = {"containers": [{"name": "a", "env": [{"name": "A", "value": "1"}]}]}
    new = {"containers": [{"name": "a", "env": [{"name": "A", "value": "1"}, {"name": "B"}]}]}
    found = lines(old, new)
    start = found.index("  \t\t\tEnv: []core.EnvVar{")
    assert found[start + 1 : start + 4] == [
        '  \t\t\t\t{Name: "A", Value: "1"},',
        '+ \t\t\t\t{Name: "B"},',
        "  \t\t\t},",
    ]


def test_amounts_are_shown_as_go_holds_them():
    old = {"containers": [{"resources": {"limits": {"cpu": "200m", "memory": "1Gi"}}}]}
    new = {"containers": [{"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]}
    text = pod_spec(old, new)
    assert '- \t\t\t\t\ts"cpu":    {i: {value: 200, scale: -3}, s: "200m", Format: "DecimalSI"},' in text
    assert '+ \t\t\t\t\ts"cpu":    {i: {value: 1}, s: "1", Format: "DecimalSI"},' in text
    assert '  \t\t\t\t\ts"memory": {i: {value: 1073741824}, Format: "BinarySI"},' in text


def test_the_hosts_namespaces_belong_to_the_security_context():
    found = lines({}, {"hostNetwork": True})
    assert "+ \tSecurityContext:  core.PodSecurityContext{HostNetwork: true}," not in found
    assert any("SecurityContext:" in line and "&core.PodSecurityContext{HostNetwork: true}" in line for line in found)


def test_names_are_turned_as_the_json_tags_are():
    names = {"DNSPolicy": "dnsPolicy", "TTY": "tty", "HostIP": "hostIP", "SELinuxOptions": "seLinuxOptions"}
    assert {go: json_name(go) for go in names} == names


def test_encoding_shows_zero_values():
    assert encode("ContainerPort", {"containerPort": 80}) == {
        "Name": "",
        "HostPort": 0,
        "ContainerPort": 80,
        "Protocol": "",
        "HostIP": "",
    }
