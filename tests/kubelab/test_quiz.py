"""Quiz cells."""

import pytest

from kubelab import Quiz, right, wrong
from kubelab.errors import KubelabError
from kubelab.quiz import Questions


@pytest.fixture
def quiz():
    return Quiz("Who counts `replicas`?", right("ReplicaSet <RS>", "Yes."), wrong("Deployment", "It only `delegates`."))


def test_text_shows_the_choices_and_not_the_answer(quiz):
    assert repr(quiz) == "Who counts `replicas`?\n  a) ReplicaSet <RS>\n  b) Deployment"


def test_html_works_without_scripts_by_keyboard(quiz):
    html = quiz._repr_html_()
    assert html.count("<details") == html.count("<summary") == 2
    assert "ReplicaSet &lt;RS&gt;" in html
    assert "<code>delegates</code>" in html


def test_html_is_the_same_each_time(quiz):
    assert quiz._repr_html_() == quiz._repr_html_()


@pytest.mark.parametrize(
    "choices", [(), (right("a", ""),), (wrong("a", ""), wrong("b", "")), (right("a", ""), right("b", ""))]
)
def test_one_choice_is_right(choices):
    with pytest.raises(KubelabError):
        Quiz("?", *choices)


def test_several_questions_are_shown_one_after_another(quiz):
    other = Quiz("And?", right("Yes", ""), wrong("No", ""))
    assert Questions(quiz, other)._repr_html_() == quiz._repr_html_() + other._repr_html_()


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_feedback_comes_at_once_with_and_without_scripts(quiz, chromium, tmp_path, scripts):
    sync_api = pytest.importorskip("playwright.sync_api")
    (tmp_path / "quiz.html").write_text(f"<!doctype html><body>{quiz._repr_html_()}</body>")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=scripts).new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "quiz.html").as_uri())
        if scripts:
            page.get_by_label("Deployment").check()
            shown = page.get_by_role("status").inner_text()
        else:
            page.get_by_text("Deployment").click()
            shown = page.locator("details[open] .feedback").inner_text()
        browser.close()
    assert shown == "✘ No. It only delegates."
    assert errors == []
