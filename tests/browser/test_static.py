"""What a reader meets who has no kernel: quizzes that answer, and figures in place of widgets; no network."""

import pytest

from kubelab import Quiz, right, wrong
from kubelab.viz import ownership
from kubelab.widgets import editing
from kubelab.widgets.lines import Problem

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
QUIZ = Quiz("Who replaces a Pod?", wrong("The node", "It only runs Pods."), right("Its `ReplicaSet`", "It counts."))
POD = {"kind": "Pod", "metadata": {"name": "web", "uid": "1"}, "status": {"phase": "Running"}}


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request, browser):
    """A page without network; `.scripts` says whether JavaScript runs in it."""
    context = browser.new_context(java_script_enabled=request.param, offline=True)
    page = context.new_page()
    page.scripts, page.complaints = request.param, []
    page.on("console", lambda one: page.complaints.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    assert page.complaints == []
    context.close()


def test_a_quiz_answers_each_choice_at_once(page):
    page.set_content(QUIZ._repr_html_())
    choices = page.get_by_role("radio") if page.scripts else page.locator("summary")
    assert choices.count() == 2
    for place, feedback in enumerate(["✘ No. It only runs Pods.", "✔ Right. It counts."]):
        choices.nth(place).click()
        shown = [one for one in page.locator(".feedback").all() if one.is_visible()]
        assert [one.inner_text() for one in shown] == [feedback]


def test_a_quiz_is_answered_with_the_keyboard(page):
    page.set_content(QUIZ._repr_html_())
    page.keyboard.press("Tab")
    page.keyboard.press("Space" if page.scripts else "Enter")
    assert page.locator(".feedback").first.inner_text() == "✘ No. It only runs Pods."


def test_a_cluster_view_is_an_image_that_says_what_it_shows(page):
    page.set_content(ownership([POD]).html())
    image = page.get_by_role("img", name="Ownership of 1 object.")
    assert image.evaluate("(one) => one.naturalWidth > 0") if page.scripts else image.is_visible()


def test_an_editor_is_its_text_with_each_refusal_below_its_line(page):
    problems = [Problem(2, "kind: no such kind")]
    page.set_content(editing._figure("apiVersion: v1\nkind: Pods\nmetadata:", problems, "Refused, for 1 reason."))
    lines = [line for line in page.locator("pre").inner_text().splitlines() if line.strip()]
    assert lines == ["1apiVersion: v1", "✘ 2kind: Pods", "✘ kind: no such kind", "3metadata:"]
    assert page.locator("figcaption").inner_text() == "Refused, for 1 reason."
