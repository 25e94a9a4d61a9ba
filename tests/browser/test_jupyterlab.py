"""A learner's desk, for real: JupyterLab as the project starts it, one lab from top to bottom, its widget's controls,
its quiz, and an exercise that fails and then passes."""

import contextlib
import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [
    pytest.mark.browser, pytest.mark.kubectl, pytest.mark.timeout(400), pytest.mark.xdist_group("jupyterlab"),
]  # fmt: skip
PATIENCE = 120_000
"""Wall milliseconds; the machine may be busy."""
NUMBER = re.compile(r"\[\d+\]")
RIGHT = """%%apply
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: shop
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: web, image: "nginx:1.27"}]}}
"""


class Notebook:
    """One notebook in a page. Complaints of the page's scripts are collected."""

    def __init__(self, page, address):
        self.page, self.complaints = page, []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        dialog = page.locator(".jp-Dialog")  # a notebook that is run very early asks which kernel is meant
        page.add_locator_handler(dialog, lambda: dialog.locator(".jp-mod-accept").click())
        page.goto(address)
        self.cells = page.locator(".jp-Notebook .jp-CodeCell")
        self.cells.first.wait_for()
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=PATIENCE)

    def cell(self, text):
        """The code cell that contains a text."""
        return self.cells.filter(has=self.page.locator(".jp-InputArea-editor", has_text=text)).first

    def run_all(self):
        """Run every cell, and wait for the last."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        expect(self.cells.last.locator(".jp-InputPrompt")).to_have_text(NUMBER, timeout=PATIENCE)

    def run(self, text, instead=None):
        """Run one cell, perhaps with another text in it, and wait until it has a new number."""
        cell = self.cell(text)
        number = cell.locator(".jp-InputPrompt").inner_text()
        cell.locator(".cm-content").click()
        if instead is not None:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(instead)
            cell = self.cell(instead.splitlines()[-1])
        self.start(cell, number)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(NUMBER, timeout=PATIENCE)
        return cell

    def start(self, cell, number):
        """Press the keys that run a cell, and again if nothing came of it: a busy page may miss them."""
        for patience in (PATIENCE / 6, PATIENCE / 3, PATIENCE):
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            with contextlib.suppress(AssertionError):
                expect(cell.locator(".jp-InputPrompt")).not_to_have_text(number, timeout=patience)
                return
        raise AssertionError(f"The cell with the number {number} does not run.")


@pytest.fixture
def opened(browser, jupyterlab, kubectl):
    """Open a notebook by its path."""
    context = browser.new_context(viewport={"width": 1300, "height": 1400})
    yield lambda path: Notebook(context.new_page(), jupyterlab(path))
    context.close()


def test_a_lab_runs_from_top_to_bottom_and_its_widget_changes_the_cluster(opened):
    lab = opened("10-replicasets/lab.ipynb")
    lab.run_all()
    assert lab.page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    shown = lab.cell("widgets.cluster(lab)")
    shown.locator("img.kubelab-figure").wait_for()  # it took the widget's place when the lab was closed

    for text in ("from kubelab import", "kubectl apply -f manifests/web.yaml", "widgets.cluster(lab)"):
        shown = lab.run(text)
    pods = shown.locator('.box[data-key^="Pod/"]:not([data-leaving])')
    pods.nth(2).wait_for()
    assert pods.count() == 3
    slider = shown.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    pods.nth(3).wait_for()
    shown.get_by_text("replicaset/web: 4 replicas wanted instead of 3.").wait_for()
    pods.first.click()
    chosen = pods.first.get_attribute("data-key").removeprefix("Pod/")
    shown.get_by_role("button", name="make it fail").click()
    shown.locator(f'.box[data-key="Pod/{chosen}"][data-state="failed"], .box[data-state="backoff"]').first.wait_for()
    shown.get_by_role("button", name="undo").click()
    shown.get_by_text(f"pod/{chosen} has its image nginx:1.27 again.").wait_for()
    assert lab.complaints == []


def test_an_exercise_says_what_is_wrong_and_then_that_it_is_right(opened):
    exercises = opened("10-replicasets/exercises.ipynb")
    exercises.run("ex = exercises(lab)")
    first = "# Write your manifest here, then run this cell."
    bare = "%kubectl run shop --image=nginx:1.27 --labels=app=shop"
    exercises.run(first, instead=bare)
    check = exercises.run("ex.keep_four.check()")
    assert "Not yet: Four Pods, whatever happens" in check.locator(".jp-OutputArea").inner_text()
    exercises.run(bare, instead=RIGHT)
    check = exercises.run("ex.keep_four.check()")
    assert "One of the four was deleted, and another took its place." in check.locator(".jp-OutputArea").inner_text()
    assert exercises.complaints == []


def test_a_quiz_answers_at_once(opened):
    lab = opened("10-replicasets/lab.ipynb")
    quiz = lab.run("from questions import questions").locator(".kubelab-quiz").first
    said = quiz.get_by_role("status")
    answers = quiz.get_by_role("radio")
    heard = []
    for place in range(answers.count()):
        answers.nth(place).check()
        heard.append(said.inner_text())
    assert len([one for one in heard if one.startswith("✔ Right.")]) == 1
    assert len([one for one in heard if one.startswith("✘ No.")]) == len(heard) - 1
    assert len(set(heard)) == len(heard)
