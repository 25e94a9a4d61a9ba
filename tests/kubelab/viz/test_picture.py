"""What holds for every figure: the same bytes each time, described, in both themes; and it looks as it did."""

import base64
import os
import re
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from pathlib import Path

import numpy
import pytest
from PIL import Image

from kubelab import viz
from kubelab.viz.palette import DARK, LIGHT, exchanges
from tests.kubelab.viz.batch import nightly, retries
from tests.kubelab.viz.objects import notes_cluster
from tests.kubelab.viz.recorded import answers, load

PICTURES = Path(__file__).parent / "pictures"
TOLERANCE = 6.0  # of 255, root mean square: other systems smooth edges a little differently


def rollout(name="rollout-surge-1-unavailable-0"):
    return load(name, answers(12, 0.2, broken=(7, 8.2)))


DRAWN = {
    "pod-life": lambda: viz.pod_life(load("liveness-restarts")),
    "pod-life-crashes": lambda: viz.pod_life(load("pod-crashloops")),
    "rollout": lambda: viz.rollout(rollout()),
    "replicas": lambda: viz.replicas(load("replicaset-heals-and-scales")),
    "strategies": lambda: viz.strategies({"one by one": rollout(), "Recreate": rollout("rollout-recreate")}),
    "backoff": lambda: viz.backoff(load("pod-crashloops")),
    "requests": lambda: viz.requests_per_pod(rollout(), pods=["c"]),
    "job-pods": lambda: viz.job_pods(retries()),
    "cron-jobs": lambda: viz.cron_jobs(nightly()),
    "ownership": lambda: viz.ownership(notes_cluster()),
}
EVERY = pytest.mark.parametrize("name", DRAWN)


def pixels(png):
    return numpy.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=float)


@EVERY
def test_it_looks_as_it_did(name):
    """KUBELAB_DRAW=1 draws the expected pictures anew; look at them before committing them."""
    expected = PICTURES / f"{name}.png"
    drawn = DRAWN[name]().png(dpi=60)
    if os.environ.get("KUBELAB_DRAW"):
        expected.write_bytes(drawn)

    now, then = pixels(drawn), pixels(expected.read_bytes())

    assert now.shape == then.shape
    assert numpy.sqrt(((now - then) ** 2).mean()) < TOLERANCE


@EVERY
def test_the_same_data_gives_the_same_bytes(name):
    assert DRAWN[name]().svg() == DRAWN[name]().svg()


@EVERY
def test_it_is_described_and_needs_nothing_from_elsewhere(name):
    picture = DRAWN[name]()
    svg = picture.svg()
    root = ElementTree.fromstring(svg)

    assert root.get("role") == "img"
    assert root.find("{http://www.w3.org/2000/svg}desc").text == picture.alt
    assert not re.search(r"""(?:href|src)=["'](?!#)|url\((?!#)|@import""", svg)


@EVERY
def test_it_follows_the_page_into_the_dark(name):
    svg = DRAWN[name]().svg()

    assert "@media(prefers-color-scheme:dark){svg{" in svg
    body = svg.split("</style>", 1)[1]
    assert [color for color in exchanges() if color in body] == []
    assert not re.search(r"#[0-9a-f]{6}\b", body), "a color that is no role of the palette stays as it is in the dark"


@EVERY
def test_a_notebook_gets_an_image_with_its_alt_text(name):
    picture = DRAWN[name]()
    bundle = picture._repr_mimebundle_()
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', bundle["text/html"])

    assert bundle["text/plain"] == picture.alt
    assert base64.b64decode(data[1]).decode() == picture.svg()
    assert 'alt="' in bundle["text/html"]


def test_words_from_a_cluster_are_escaped():
    picture = viz.requests_per_pod(['<b onclick="x">'])

    assert "<b onclick" not in picture.html().replace(picture.svg(), "")
    assert "<b onclick" not in picture.svg()


def test_themes_have_colors_of_their_own_for_every_role():
    assert len(exchanges()) == len(LIGHT.__dataclass_fields__)
    assert DARK.paper != LIGHT.paper


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_it_can_be_saved(tmp_path, suffix):
    DRAWN["backoff"]().save(tmp_path / f"p.{suffix}", theme="dark")

    assert (tmp_path / f"p.{suffix}").stat().st_size > 1000


def test_saving_as_something_else_is_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match=r"p\.pdf: a picture can be saved as \.png or \.svg"):
        DRAWN["backoff"]().save(tmp_path / "p.pdf")


def test_drawing_leaves_matplotlib_as_it_was():
    import matplotlib

    before = dict(matplotlib.rcParams)
    DRAWN["rollout"]().png()

    assert dict(matplotlib.rcParams) == before


@pytest.mark.filterwarnings("ignore:Glyph 27")
@pytest.mark.parametrize("said", ["a\\d", r"\g<1>\1", "costs $5 or $6", "$x_$", "\x1b[31mred", "<script>&amp;"])
def test_names_and_answers_are_shown_as_they_are(said):
    svg = viz.requests_per_pod([said]).svg()
    shown = ElementTree.fromstring(svg).find("{http://www.w3.org/2000/svg}desc").text
    assert shown == f"1 request over 1 Pod. Answered: {said} 1.".replace("\x1b", "")
