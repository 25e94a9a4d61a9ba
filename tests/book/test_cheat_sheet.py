"""Every command of the cheat sheet is one that kubectl understands, and was run in the lab that it leads to."""

import re
import shlex
import subprocess
from functools import cache
from typing import NamedTuple

import pytest

from tests.book.sources import ROOT, Notebook, text

ROW = re.compile(r"^\| `kubectl ([^`]+)` \|.*\{doc\}`\d+ <([\w-]+)>` \|$", re.MULTILINE)
RUN = re.compile(r"""^[ ]*%%?kubectl (.*)$|lab\.kubectl\(f?(["'])(.*?)\2[,)]""", re.MULTILINE)
SAME = {
    "-l": "--selector",
    "-o": "--output",
    "-L": "--label-columns",
    "-c": "--container",
    "-f": "--filename or --follow",
}
VALUED = {"-l", "-o", "-L", "-c", "-n", "-p", "--for", "-f"}
VERBS_WITH_VERBS = {"rollout", "config", "auth", "set", "create"}
SINGULAR = {
    "deployments": "deployment",
    "pods": "pod",
    "jobs": "job",
    "services": "service",
    "replicasets": "replicaset",
}
ROWS = ROW.findall(text(ROOT / "book/cheat-sheet.md"))


class Words(NamedTuple):
    """What a command line is made of, its names left out."""

    verb: tuple[str, ...]
    kinds: frozenset[str]
    options: frozenset[str]


def words(line):
    """The verb, the kinds and the options."""
    parts = shlex.split(line)
    parts = parts[: parts.index("--")] if "--" in parts else parts
    options, rest, skip = set(), [], False
    for part in parts:
        if part.startswith("-") and not skip:
            name = part.partition("=")[0]
            options.add(SAME.get(name, name))
            skip = name in VALUED and "=" not in part and not (name == "-f" and "logs" in parts)
        elif skip:
            skip = False
        else:
            rest.append(part)
    verb = tuple(rest[: 2 if rest[0] in VERBS_WITH_VERBS else 1])
    kinds = re.split(r"[,/]", rest[len(verb)]) if verb[0] in ("get", "describe", "delete") and len(rest) > 1 else []
    return Words(verb, frozenset(SINGULAR.get(kind, kind) for kind in kinds), frozenset(options))


@cache
def run_in(chapter):
    """Every kubectl command line of a chapter's lab and its solutions, taken apart."""
    notebooks = [Notebook(ROOT / "labs" / chapter / f"{kind}.ipynb") for kind in ("lab", "solutions")]
    source = "\n".join("".join(cell["source"]) for notebook in notebooks for cell in notebook.code)
    return {words(found[1] or found[3]) for found in RUN.finditer(source)}


def test_every_command_of_the_page_is_read_by_this_test():
    page = text(ROOT / "book/cheat-sheet.md")
    assert len(ROWS) == len(re.findall(r"^\| `kubectl ", page, re.MULTILINE)) > 50


@pytest.mark.parametrize(("line", "chapter"), ROWS)
def test_it_was_run_in_the_lab_of_the_chapter_that_it_leads_to(line, chapter):
    wanted = words(line)
    assert any(
        one.verb == wanted.verb and wanted.kinds <= one.kinds and wanted.options <= one.options
        for one in run_in(chapter)
    ), f"no cell of labs/{chapter} runs {line!r} with these words and options"


@pytest.mark.kubectl
@pytest.mark.parametrize("line", [line for line, _ in ROWS])
def test_kubectl_understands_it(line, kubectl):
    parts = shlex.split(line)
    place = parts.index("--") if "--" in parts else len(parts)
    asked = subprocess.run(
        [kubectl, *parts[:place], "--help"], capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    assert re.search(rf"Usage:\s+kubectl {' '.join(words(line).verb)}\b", asked.stdout)


@pytest.mark.kubectl
def test_the_test_notices_what_kubectl_does_not_understand(kubectl):
    asked = subprocess.run([kubectl, "get", "pods", "--show-lables", "--help"], capture_output=True, check=False)
    assert asked.returncode != 0
