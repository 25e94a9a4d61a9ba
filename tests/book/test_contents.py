"""The table of contents, the chapters and the labs belong together."""

import re

import pytest

from tests.book.sources import NOTEBOOK_KINDS, ROOT, chapters, contents, labs, page_file, text

PAGES = contents()
NUMBERED = [path for path in chapters() if re.match(r"\d\d-", path.name)]
TEACHING = [path for path in NUMBERED if int(path.name[:2]) <= 16]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_table_of_contents_exists(page):
    assert page_file(page), f"_toc.yml names {page}, but there is no such chapter or notebook"


def test_no_page_is_listed_twice():
    assert sorted(set(PAGES)) == sorted(PAGES)


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.stem)
def test_every_chapter_is_in_the_table_of_contents(chapter):
    assert f"book/{chapter.stem}" in PAGES


@pytest.mark.parametrize("lab", labs(), ids=lambda path: path.name)
@pytest.mark.parametrize("kind", NOTEBOOK_KINDS)
def test_every_lab_has_its_notebooks(lab, kind):
    assert (lab / f"{kind}.ipynb").exists()


@pytest.mark.parametrize("lab", labs(), ids=lambda path: path.name)
def test_every_lab_is_read_beside_its_chapter(lab):
    assert (ROOT / "book" / f"{lab.name}.md").exists(), f"labs/{lab.name} has no chapter of the same name"
    assert {f"labs/{lab.name}/lab", f"labs/{lab.name}/exercises"} <= set(PAGES)


@pytest.mark.parametrize("chapter", TEACHING, ids=lambda path: path.stem)
@pytest.mark.parametrize("part", ["**You will be able to**", "## When it goes wrong", "## Real world", "## Exercises"])
def test_every_chapter_has_the_parts_that_all_share(chapter, part):
    assert part in text(chapter), f"{chapter.name} lacks {part!r}"


@pytest.mark.parametrize("chapter", TEACHING, ids=lambda path: path.stem)
def test_every_chapter_asks_the_reader_to_predict(chapter):
    assert "} Predict" in text(chapter)
