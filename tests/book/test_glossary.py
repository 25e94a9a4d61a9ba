"""The glossary: in order, one sentence a term, and each leads to a chapter that uses it."""

import re

import pytest

from tests.book.sources import ROOT, chapters, text

PAGE = text(ROOT / "book/glossary.md")
ROW = re.compile(r"^\| \*\*([^*]+)\*\* \| ([^|]+) \| ([^|]+) \| \{doc\}`\d+ <([\w-]+)>` \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)
EVERY = pytest.mark.parametrize(("term", "japanese", "meaning", "chapter"), ROWS, ids=[row[0] for row in ROWS])
SLIPS = re.compile(r"\bDevelopments?\b|Deveopment|Delopoyment|[Ss]electer")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def test_every_row_is_read_by_this_test():
    assert len(ROWS) == PAGE.count("\n| **") > 60


def test_terms_are_in_order_and_each_is_there_once():
    terms = [term for term, *_ in ROWS]
    assert terms == sorted(set(terms), key=str.casefold)


@EVERY
def test_a_chapter_uses_the_term_that_leads_to_it(term, japanese, meaning, chapter):
    path = ROOT / "book" / f"{chapter}.md"
    assert path.exists()
    plural = f"{term[:-1]}ies" if term.endswith("y") else f"{term}e?s"
    assert re.search(rf"\b(?:{term}|{plural})\b", text(path), re.IGNORECASE), f"{path.name} never says {term!r}"


@EVERY
def test_it_is_said_in_one_plain_sentence(term, japanese, meaning, chapter):
    assert re.fullmatch(r"[A-Z`][^.]*\.", meaning)


@EVERY
def test_its_japanese_name_is_japanese_or_the_name_in_the_api(term, japanese, meaning, chapter):
    as_in_the_api = term.casefold() in japanese.casefold()
    assert JAPANESE.search(japanese) or as_in_the_api


@pytest.mark.parametrize("page", [*chapters(), ROOT / "book/index.md"], ids=lambda path: path.stem)
def test_no_page_has_the_old_slips_of_the_pen(page):
    assert SLIPS.findall(text(page)) == []


@pytest.mark.parametrize("slip", ["Development", "Delopoyment", "Deveopment", "selecter"])
def test_the_slips_would_be_noticed(slip):
    assert SLIPS.search(f"a {slip} of Pods")
