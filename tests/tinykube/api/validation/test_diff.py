from tinykube.api.validation.diff import pod_spec
from tinykube.api.validation.golang import encode, json_name


def lines(old, new):
    return pod_spec(old, new).splitlines()


def test_a_changed_field_is_shown_with_three_lines_around_it():
    assert pod_spec({"terminationGracePeriodSeconds": 30}, {"terminationGracePeriodSeconds": 5}) == (
        "@@ -4,7 +4,7 @@\n"
        '  "Containers": null,\n'
        '  "EphemeralContainers": null,\n'
        '  "RestartPolicy": "",\n'
        '- "TerminationGracePeriodSeconds": 30,\n'
        '+ "TerminationGracePeriodSeconds": 5,\n'
        '  "ActiveDeadlineSeconds": null,\n'
        '  "DNSPolicy": "",\n'
        '  "NodeSelector": null,\n'
    )


def test_fields_that_are_apart_are_shown_apart():
    found = lines({}, {"restartPolicy": "Never", "priority": 5})
    assert [line for line in found if line.startswith("@@")] == ["@@ -3,7 +3,7 @@", "@@ -21,7 +21,7 @@"]


def test_maps_show_only_what_changed_and_what_stayed():
    found = lines({"nodeSelector": {"a": "b", "c": "d"}}, {"nodeSelector": {"a": "b", "e": "f"}})
    assert found[3:6] == ['   "a": "b",', '-  "c": "d"', '+  "e": "f"']


def test_amounts_are_shown_as_they_are_written():
    old = {"containers": [{"resources": {"limits": {"cpu": "200m", "memory": "1Gi"}}}]}
    new = {"containers": [{"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]}
    assert [line for line in lines(old, new) if line[0] in "-+"] == [
        '-     "cpu": "200m",',
        '+     "cpu": "1",',
    ]


def test_the_hosts_namespaces_belong_to_the_security_context():
    assert '+  "HostNetwork": true,' in lines({}, {"hostNetwork": True})


def test_the_volume_of_a_service_accounts_token_has_every_field():
    token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
    files = {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    volume = {"name": "v", "projected": {"defaultMode": 420, "sources": [token, files]}}
    assert encode("Volume", volume)["Projected"]["Sources"] == [
        {
            "Secret": None,
            "DownwardAPI": None,
            "ConfigMap": None,
            "ServiceAccountToken": {"Audience": "", "ExpirationSeconds": 3607, "Path": "token"},
            "ClusterTrustBundle": None,
            "PodCertificate": None,
        },
        {
            "Secret": None,
            "DownwardAPI": None,
            "ConfigMap": {
                "Name": "kube-root-ca.crt",
                "Items": [{"Key": "ca.crt", "Path": "ca.crt", "Mode": None}],
                "Optional": None,
            },
            "ServiceAccountToken": None,
            "ClusterTrustBundle": None,
            "PodCertificate": None,
        },
    ]


def test_a_label_selector_is_shown_as_the_api_has_it():
    term = {"labelSelector": {"matchLabels": {"app": "a"}}, "topologyKey": "zone"}
    assert encode("PodAffinityTerm", term)["LabelSelector"] == {"matchLabels": {"app": "a"}}


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
