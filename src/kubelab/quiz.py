"""Quiz cells: a question, choices, and feedback at once; in Jupyter and in the static book, without a kernel.

Law: plain HTML. Each choice is a `<details>`: it opens with mouse or keyboard, needs no script, and screen readers know
it. A script, where it may run, turns the choices into one group of radio buttons with a live region for the feedback.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape

from kubelab.errors import KubelabError


@dataclass(frozen=True)
class Choice:
    """One answer to choose, whether it is right, and what to say to someone who chose it."""

    text: str
    right: bool
    feedback: str


def right(text: str, feedback: str) -> Choice:
    """A right answer."""
    return Choice(text, True, feedback)


def wrong(text: str, feedback: str) -> Choice:
    """A wrong answer; the feedback says what it overlooks."""
    return Choice(text, False, feedback)


class Quiz:
    """One question with two choices or more. The last expression of a cell shows it.

    >>> Quiz("Who replaces a Pod?", right("Its ReplicaSet", "It counts."), wrong("The node", "It only runs Pods."))
    Who replaces a Pod?
      a) Its ReplicaSet
      b) The node
    """

    def __init__(self, question: str, *choices: Choice) -> None:
        if sum(choice.right for choice in choices) != 1 or len(choices) < 2:
            raise KubelabError(f"The question {question!r} needs two choices or more, one of them right.")
        self.question, self.choices = question, choices

    def __repr__(self) -> str:
        letters = "abcdefghij"
        lines = (f"  {letter}) {choice.text}" for letter, choice in zip(letters, self.choices, strict=False))
        return "\n".join([self.question, *lines])

    def _repr_html_(self) -> str:
        name = "quiz-" + hashlib.sha256(repr(self).encode()).hexdigest()[:10]
        choices = "".join(_choice(choice, name) for choice in self.choices)
        return (
            f"<div class='kubelab-quiz' id='{name}' style='{_BOX}'>"
            f"<p style='margin:.2em 0 .5em'><b>{_inline(self.question)}</b></p>{choices}"
            f"<script>({_SCRIPT})(document.getElementById('{name}'))</script></div>"
        )


class Questions:
    """The questions at the end of a lab, kept in a file of their own so that the answers are out of sight:

    `from questions import questions`, and `questions` as the cell's last line.

    >>> Questions(Quiz("Is that all?", right("Yes", "It is."), wrong("No", "It is.")))
    Is that all?
      a) Yes
      b) No
    """

    def __init__(self, *quizzes: Quiz) -> None:
        self.quizzes = quizzes

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.quizzes))

    def _repr_html_(self) -> str:
        return "".join(quiz._repr_html_() for quiz in self.quizzes)


def _choice(choice: Choice, name: str) -> str:
    mark, color = ("✔ Right. ", "#0072b2") if choice.right else ("✘ No. ", "#d55e00")
    return (
        f"<details name='{name}' style='margin:.25em 0'>"
        f"<summary style='cursor:pointer'>{_inline(choice.text)}</summary>"
        f"<div class='feedback' style='margin:.2em 0 .4em 1.4em;border-left:3px solid {color};padding-left:.6em'>"
        f"<b style='color:{color}'>{mark}</b>{_inline(choice.feedback)}</div></details>"
    )


def _inline(text: str) -> str:
    """Escaped, with `code` between backquotes."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if position % 2 else part for position, part in enumerate(parts))


_BOX = "border:1px solid #9996;border-radius:.4em;padding:.5em 1em;margin:.5em 0"

# Runs once for each quiz. Without it the <details> do the same, one by one.
_SCRIPT = """function (box) {
  if (!box || box.dataset.ready) return;
  box.dataset.ready = "1";
  var group = document.createElement("div"), said = document.createElement("div");
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", box.querySelector("p").textContent);
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");
  box.querySelectorAll("details").forEach(function (one, index) {
    var label = document.createElement("label"), radio = document.createElement("input");
    var feedback = one.querySelector(".feedback");
    radio.type = "radio"; radio.name = box.id; radio.value = index;
    label.style.cssText = "display:block;margin:.25em 0;cursor:pointer";
    radio.addEventListener("change", function () { said.replaceChildren(feedback.cloneNode(true)); });
    label.append(radio, " ");
    one.querySelector("summary").childNodes.forEach(function (node) { label.append(node.cloneNode(true)); });
    group.append(label);
    one.remove();
  });
  box.append(group, said);
}"""
