"""The players, in a browser without a network."""

import re

import pytest

from kubelab import viz
from tests.kubelab.viz.recorded import answers, load


def rollout_player():
    return viz.rollout_player(load("rollout-surge-1-unavailable-0", answers(12, 0.5, broken=(7, 8))))


def pod_player():
    return viz.pod_player(load("liveness-restarts"))


PLAYERS = pytest.mark.parametrize("make", [rollout_player, pod_player])


@PLAYERS
def test_without_scripts_there_is_the_figure_with_its_alt_text(make):
    player = make()

    assert player.picture.html() in player.html()
    assert player._repr_mimebundle_()["text/plain"] == player.picture.alt


@PLAYERS
def test_the_same_recording_gives_the_same_bytes(make):
    assert make().html() == make().html()


@PLAYERS
def test_it_loads_nothing(make):
    assert not re.search(r"""\b(?:src|href)=["'](?!data:)|@import|\bfetch\(|XMLHttpRequest""", make().html())


def test_words_from_a_cluster_cannot_leave_the_script():
    recording = load("liveness-restarts")
    for change in recording.changes:
        if change.object["kind"] == "Event":
            change.object["message"] = "</script><img src=x onerror=alert(1)>"

    script = viz.pod_player(recording).html().split("<script>", 1)[1]

    assert script.count("</script>") == 1
    assert "<img" not in script


@pytest.fixture(scope="module")
def page(chromium):
    """A page that holds both players twice, as a book's page and a notebook may; nothing may be loaded."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_context(offline=True).new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        players = rollout_player().html() + pod_player().html() + pod_player().html()
        page.set_content(f'<!doctype html><html data-theme="light"><meta charset="utf-8"><body>{players}</body></html>')
        yield page
        browser.close()


def move_to(page, number, t):
    page.locator("input[type=range]").nth(number).evaluate(
        "(slider, t) => { slider.value = t; slider.dispatchEvent(new Event('input')); }", t
    )


@pytest.mark.browser
def test_every_player_on_a_page_comes_alive_without_complaint(page):
    assert page.get_by_role("group").count() == 3
    assert page.complaints == []


@pytest.mark.browser
def test_scrubbing_tells_what_was_so_then(page):
    move_to(page, 0, 8.0)

    now = page.locator(".now").nth(0)
    assert "2 of revision 1 and 1 of revision 2" in now.inner_text()
    assert now.inner_text().endswith("requests: 15 served, 2 failed")
    assert page.locator("output").nth(0).inner_text() == "8.0 s"


@pytest.mark.browser
def test_the_step_buttons_stop_where_something_changed(page):
    move_to(page, 1, 0)
    page.get_by_role("button", name="next change").nth(1).click()
    assert page.locator("output").nth(1).inner_text() == "0.1 s"

    page.get_by_role("button", name="previous change").nth(1).click()
    assert page.locator("output").nth(1).inner_text() == "0.0 s"


@pytest.mark.browser
def test_events_are_listed_up_to_the_moment(page):
    move_to(page, 1, 6.0)

    events = page.locator("ol").nth(1).inner_text()
    assert "Unhealthy" in events
    assert "Killing" not in events


@pytest.mark.browser
def test_play_moves_and_pause_stops(page):
    move_to(page, 1, 1.0)
    page.get_by_role("button", name="play", exact=True).nth(1).click()
    page.wait_for_function(
        "() => Number(document.querySelectorAll('.kubelab-player')[1].shadowRoot.querySelector('input').value) > 1"
    )
    page.get_by_role("button", name="pause").click()

    assert page.get_by_role("button", name="pause").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "scheme"), [("dark", "dark"), ("light", "light")])
def test_it_follows_the_books_theme(page, theme, scheme):
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)

    assert page.locator(".player").first.evaluate("player => player.style.colorScheme") == scheme


def test_names_are_no_markup():
    page = viz.Player({"title": "</script><img src=x>", "colors": {}}, viz.requests_per_pod(["<img src=x>"])).html()
    assert "<img src=x>" not in page
    assert page.count("</script>") == 1
