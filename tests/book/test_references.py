"""What chapters and notebooks point at is there: cells that were run, included files, pictures, other pages."""

import ast
import re
from pathlib import Path

import pytest

from tests.book.sources import (
    CODE_DIRECTIVE,
    INCLUDE_DIRECTIVE,
    LAB_DIRECTIVE,
    ROOT,
    Notebook,
    chapters,
    notebooks,
    prose,
    text,
)

QUOTED = [
    (chapter, lab, cell) for chapter in chapters() for lab, cell in LAB_DIRECTIVE.findall(text(chapter))
]  # fmt: skip
CODE = [(chapter, target, name) for chapter in chapters() for target, name in CODE_DIRECTIVE.findall(text(chapter))]
TEXTS = [*chapters(), ROOT / "book/index.md", *(notebook.path for notebook in notebooks())]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
DOC_ROLE = re.compile(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`")


def name_of(value):
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else value


@pytest.mark.parametrize(("chapter", "lab", "cell"), QUOTED, ids=name_of)
def test_every_quoted_cell_is_in_its_lab_and_was_run(chapter, lab, cell):
    notebook = Notebook(ROOT / "labs" / lab / "lab.ipynb")
    found = [c for c in notebook.code if c.get("id") == cell]
    assert found, f"{chapter.name} quotes the cell {cell!r}, which {notebook.name} does not have"
    assert found[0]["execution_count"], f"{notebook.name}: the cell {cell!r} has not been run"


@pytest.mark.parametrize("chapter", chapters(), ids=name_of)
def test_every_included_file_is_there(chapter):
    missing = [
        target for target in INCLUDE_DIRECTIVE.findall(text(chapter)) if not located(chapter, target).exists()
    ]  # fmt: skip
    assert missing == []


@pytest.mark.parametrize(("chapter", "target", "name"), CODE, ids=name_of)
def test_every_quoted_piece_of_code_is_there_under_its_name(chapter, target, name):
    assert name in names_in(located(chapter, target)), f"{chapter.name} quotes {name}, which is not in {target}"


@pytest.mark.parametrize("source", TEXTS, ids=name_of)
def test_every_link_inside_the_book_leads_somewhere(source):
    targets = [target for target in LINK.findall(prose(source)) if not re.match(r"[a-z]+:|#", target)]
    docs = DOC_ROLE.findall(prose(source))
    broken = [target for target in targets if not located(source, target.split("#")[0]).exists()]
    broken += [doc for doc in docs if not any(located(source, doc + end).exists() for end in (".md", ".ipynb"))]
    assert broken == []


@pytest.mark.parametrize("source", TEXTS, ids=name_of)
def test_every_picture_is_there_and_is_described(source):
    for alt, target in IMAGE.findall(prose(source)):
        assert alt.strip(), f"{name_of(source)}: the picture {target} has no alt text"
        assert located(source, target).exists(), f"{name_of(source)}: {target} is missing"


def names_in(path):
    """The classes and functions of a Python file, and what is in the classes: "Store", "Store.get"."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in ast.parse(text(path)).body if isinstance(node, defined)]
    inner = ((node, one) for node in top if isinstance(node, ast.ClassDef) for one in node.body)
    return {node.name for node in top} | {f"{node.name}.{one.name}" for node, one in inner if isinstance(one, defined)}


def located(source, target):
    """The file that a path written in `source` means; a leading slash is the book's root."""
    return ROOT / target.lstrip("/") if target.startswith("/") else (source.parent / target).resolve()
