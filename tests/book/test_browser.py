"""The built pages in a browser that reaches nothing but them: `make book` looks at every one."""

import http.server
import threading
from functools import partial

import pytest


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def book(request):
    """The built book's folder."""
    found = request.config.getoption("--book", default=None)
    if found is None:
        pytest.skip("no built book was named; `make book` builds one and looks at it")
    return found


@pytest.fixture(scope="module")
def address(book):
    """The book, served on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(book))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser without its own errands."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_every_page_loads_without_the_network_and_without_complaint(book, address, browser):
    complaints = []
    page = browser.new_page()
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(address) else route.abort())
    page.on("request", lambda one: None if one.url.startswith((address, "data:")) else complaints.append(one.url))
    page.on("console", lambda one: complaints.append(f"{page.url}: {one.text}") if one.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    for path in sorted(book.rglob("*.html")):
        if "_static" not in path.parts:
            page.goto(f"{address}/{path.relative_to(book).as_posix()}", wait_until="load")

    assert complaints == []


@pytest.mark.browser
def test_players_play_on_the_static_pages(book, address, browser):
    pages = [path for path in book.rglob("*.html") if "kubelab-player" in path.read_text(encoding="utf-8")]
    page = browser.new_page()
    for path in pages:
        page.goto(f"{address}/{path.relative_to(book).as_posix()}", wait_until="load")
        players = page.locator(".kubelab-player")
        for number in range(players.count()):
            players.nth(number).get_by_role("button", name="next change").click()
            assert players.nth(number).locator("output").inner_text() != ""


@pytest.mark.browser
def test_quizzes_answer_on_the_static_pages(book, address, browser):
    pages = [path for path in book.rglob("*.html") if "kubelab-quiz" in path.read_text(encoding="utf-8")]
    page = browser.new_page()
    for path in pages:
        page.goto(f"{address}/{path.relative_to(book).as_posix()}", wait_until="load")
        for quiz in page.locator(".kubelab-quiz").all():
            quiz.get_by_role("radio").last.check()
            assert quiz.get_by_role("status").inner_text().startswith(("✔ Right.", "✘ No."))


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lab", "figure"), [("10-replicasets", "img.kubelab-figure"), ("02-first-pod", ".kubelab-manifest")]
)
def test_a_widget_is_a_figure_on_the_static_page(book, address, browser, lab, figure):
    page = browser.new_page()
    page.goto(f"{address}/labs/{lab}/lab.html", wait_until="load")
    cell = page.locator(".cell", has=page.locator(".cell_input", has_text="widgets.")).last
    assert cell.locator(figure).is_visible()
    assert page.locator("script[type*=jupyter]").count() == 0
