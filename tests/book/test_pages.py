"""The built pages, as a browser would meet them: `pytest tests/book --book _build/html`, which `make book` does."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src"}
LOADING_RELATIONS = {"stylesheet", "preload", "modulepreload", "icon", "shortcut icon", "manifest", "dns-prefetch"}


class Page(HTMLParser):
    """The ids, links, headings and everything that is loaded of one HTML file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.ids, self.links, self.loaded = path, set(), [], []
        self.undescribed, self.headings = [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("id"):
            self.ids.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "h1":
            self.headings += 1
        if tag == "img" and not (given.get("alt") or "").strip() and given.get("role") != "presentation":
            self.undescribed.append((given.get("src") or "")[:80])
        address = given.get(LOADED.get(tag, ""), "")
        if address and (tag != "link" or given.get("rel", "") in LOADING_RELATIONS):
            self.loaded.append(address)


@cache
def page(path: Path) -> Page:
    return Page(path)


def pytest_generate_tests(metafunc):
    book = metafunc.config.getoption("--book", default=None)
    if "built" in metafunc.fixturenames:
        pages = sorted(path for path in book.rglob("*.html") if "_static" not in path.parts) if book else []
        metafunc.parametrize("built", [*map(page, pages)], ids=[path.stem for path in pages])


def test_a_page_loads_nothing_from_elsewhere(built):
    assert [address for address in built.loaded if re.match(r"(?:https?:)?//", address)] == []


def test_every_picture_on_a_page_is_described(built):
    assert built.undescribed == []


def test_every_page_has_a_title(built):
    forwards = 'http-equiv="Refresh"' in built.path.read_text(encoding="utf-8")
    assert built.headings or forwards


def test_every_link_within_the_book_leads_somewhere(built):
    broken = [link for link in built.links if not leads_somewhere(built, link)]
    assert broken == []


def test_no_page_names_a_place_on_the_machine_that_built_it(built):
    text = built.path.read_text(encoding="utf-8")
    assert str(Path(__file__).resolve().parents[2]) not in text


def leads_somewhere(built, link):
    """Is the link outside the book, or to a file and an anchor that are there?"""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (built.path.parent / unquote(parts.path)).resolve() if parts.path else built.path
    target = target / "index.html" if target.is_dir() else target
    if not target.exists():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target.suffix != ".html" or anchor in page(target).ids


def test_there_are_pages_where_the_book_was_built(request):
    book = request.config.getoption("--book", default=None)
    if book is None:
        pytest.skip("no built book was named; `make book` builds one and looks at it")
    assert list(book.rglob("*.html")), f"There are no pages at {book}; `make book` builds them."
