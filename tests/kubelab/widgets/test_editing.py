"""The manifest editor: the API server's words at their lines; nothing is changed by looking."""

import html

import pytest

from kubelab import widgets
from kubelab.widgets import editing
from kubelab.widgets.lines import Problem

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ok}\n"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Bad_\n"


def test_every_refused_field_is_told_at_its_line_and_nothing_is_created(lab):
    made = widgets.editor(
        lab, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: A_\nspec:\n  containers:\n    - name: c\n"
    )
    assert [(one.line, one.text.split(":")[0]) for one in made.problems] == [
        (4, "metadata.name"),
        (7, "spec.containers[0].image"),
    ]
    assert made.said == "Refused, for 2 reasons."
    assert lab.list("pods") == []


def test_what_is_mended_is_applied(lab):
    made = widgets.editor(lab, BAD)
    made.apply()
    assert made.said == "Refused, for 1 reason. Nothing is applied."
    made.text = GOOD
    made.check()
    assert (made.said, made.problems) == ("configmap/ok created (server dry run)", [])
    assert lab.find("configmap/ok") is None
    made.apply()
    assert made.said == "configmap/ok created"
    made.check()
    assert made.said == "configmap/ok unchanged (server dry run)"


def test_objects_before_a_refused_one_are_applied_and_named(lab):
    made = widgets.editor(lab, f"{GOOD}---\n{BAD}")
    made.apply()
    assert made.said == "Refused, for 1 reason. Applied before that: configmap/ok created."
    assert [one.line for one in made.problems] == [8]


SAID = [
    ("a: b: c", "This is not YAML.", 1),
    ("# nothing\n", "There is no manifest here yet. It starts with apiVersion, kind and metadata.", None),
    ("apiVersion: v1\nkind: Pods\nmetadata: {name: x}\n", "Refused, for 1 reason.", 2),
    ("apiVersion: v1\nmetadata: {name: x}\n", "Refused, for 1 reason.", 1),
]


@pytest.mark.parametrize(("text", "said", "line"), SAID)
def test_text_that_is_no_manifest_is_told_so(lab, text, said, line):
    made = widgets.editor(lab, text)
    assert made.said == said
    assert [one.line for one in made.problems] == ([] if line is None else [line])


def test_the_figure_shows_each_problem_below_its_line_and_is_the_same_each_time(lab):
    figures = [widgets.editor(lab, BAD)._figure for _ in range(2)]
    assert figures[0] == figures[1]
    html = figures[0]["text/html"]
    assert html.index("name: Bad_") < html.index("metadata.name: Invalid value") < html.index("Refused, for 1 reason.")
    assert figures[0]["text/plain"].startswith("A manifest of 4 lines. Refused, for 1 reason.\nline 4: metadata.name:")


def test_a_file_is_read(lab, tmp_path):
    (tmp_path / "one.yaml").write_text(GOOD)
    assert widgets.editor(lab, tmp_path / "one.yaml").text == GOOD.strip()


def test_what_stands_in_a_manifest_or_a_refusal_is_no_markup():
    markup = "<img src=x onerror='alert(1)'>"
    page = editing._figure(f"kind: {markup}", [Problem(1, markup)], markup)
    assert "<img" not in page
    assert page.count(html.escape(markup)) == 3
