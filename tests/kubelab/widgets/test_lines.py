"""Which line a refusal is about: paths in every way that API servers write them."""

import pytest
import yaml

from kubelab.widgets import lines

TEXT = """\
# a comment
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
    - image: nginx:1.27
      name: web
      ports:
        - containerPort: 80
        - {containerPort: "443"}
    - name: log
      imagee: busybox:1.36
---
kind: Service
metadata:
  name: two
"""
PLACES = [
    ("metadata.name", 5),
    ("metadata.labels", 6),
    ("metadata.labels.app", 6),
    ("metadata.annotations", 4),
    ("spec", 7),
    ("spec.containers[0]", 9),
    ("spec.containers[0].name", 10),
    ("spec.containers[1].image", 14),
    ("spec.containers[1].imagee", 15),
    ("spec.containers[7].image", 8),
    ('.spec.containers[name="log"].imagee', 15),
    ('.spec.containers[name="web"].ports[containerPort="443",protocol="TCP"].containerPort', 13),
    ("spec.containers.ports.containerPort", 12),
    ("", 2),
    ("status", 2),
]


@pytest.mark.parametrize(("path", "line"), PLACES)
def test_a_fields_line_is_its_own_or_that_of_what_is_around_it(path, line):
    assert lines.documents(TEXT)[0].line_of(path) == line


def test_lines_are_counted_through_all_documents():
    second = lines.documents(TEXT)[1]
    assert (second.line, second.line_of("metadata.name")) == (17, 19)
    assert yaml.safe_load(second.text) == {"kind": "Service", "metadata": {"name": "two"}}


WORDS = [
    (
        'Pod in version "v1" cannot be handled: strict decoding error: unknown field "spec.a", unknown field "b"',
        [("spec.a", "spec.a: unknown field"), ("b", "b: unknown field")],
    ),
    (
        "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.hostPort of type int32",
        [("spec.containers.ports.hostPort", "spec.containers.ports.hostPort: string found, int32 expected")],
    ),
    (
        'failed to create typed patch object (n/w; v1): .spec.containers: duplicate entries for key [name="web"]',
        [(".spec.containers", 'spec.containers: duplicate entries for key [name="web"]')],
    ),
    (
        "failed to create typed patch object (ns/w; v1, Kind=Pod): errors:\n  .spec.a: field not declared in schema\n"
        '  .spec.containers[name="web"].b: field not declared in schema',
        [
            (".spec.a", "spec.a: field not declared in schema"),
            ('.spec.containers[name="web"].b', 'spec.containers[name="web"].b: field not declared in schema'),
        ],
    ),
    ("something else", [("", "something else")]),
]


@pytest.mark.parametrize(("message", "found"), WORDS)
def test_an_api_servers_sentence_is_taken_apart_into_fields(message, found):
    assert list(lines.of_status(message, [])) == found


def test_causes_come_before_sentences():
    causes = [{"field": "metadata.name", "message": "Required value"}]
    assert list(lines.of_status("in words", causes)) == [("metadata.name", "metadata.name: Required value")]


def test_text_that_is_no_yaml_has_its_line():
    with pytest.raises(yaml.YAMLError) as caught:
        lines.documents("kind: Pod\nmetadata: a: b\n")
    assert lines.not_yaml(caught.value).line == 2
