"""Image references: the same image by all its names, and a helpful sentence for what is not here."""

import pytest

from tinykube.images import catalogue
from tinykube.runtime.images import ImageStore, normalize

STORE = ImageStore(catalogue())


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("nginx", ("docker.io/library/nginx", "latest")),
        ("nginx:1.27", ("docker.io/library/nginx", "1.27")),
        ("library/nginx", ("docker.io/library/nginx", "latest")),
        ("docker.io/nginx:1.27", ("docker.io/library/nginx", "1.27")),
        ("index.docker.io/library/nginx:1.27", ("docker.io/library/nginx", "1.27")),
        ("registry.k8s.io/pause:3.10", ("registry.k8s.io/pause", "3.10")),
        ("localhost:5000/app", ("localhost:5000/app", "latest")),
        ("user/app:v1", ("docker.io/user/app", "v1")),
        ("nginx@sha256:abc", ("docker.io/library/nginx", "@sha256:abc")),
    ],
)
def test_references_have_a_full_form(reference, expected):
    assert normalize(reference) == expected


NO_REFERENCES = ("", "UPPER/case", "a b", ":tag", "-x", "nginx::1", "nginx:", "a//b", "nginx:1:2")


@pytest.mark.parametrize("reference", NO_REFERENCES)
def test_what_cannot_name_an_image_is_refused(reference):
    with pytest.raises(ValueError, match="invalid reference format"):
        normalize(reference)
    assert STORE.find(reference) is None


def test_all_names_of_an_image_find_the_same_one():
    image = STORE.find("nginx:1.27")
    assert image is not None
    for name in ("docker.io/library/nginx:1.27", "library/nginx:1.27", image.id, image.digest):
        assert STORE.find(name) is image


def test_versions_differ_and_ids_are_stable():
    ids = {STORE.find(f"nginx:{tag}").id for tag in ("1.25", "1.26", "1.27", "1.28", "1.29")}
    assert len(ids) == 5
    assert all(image_id.startswith("sha256:") and len(image_id) == 71 for image_id in ids)
    assert ImageStore(catalogue()).find("nginx:1.27").id == STORE.find("nginx:1.27").id


def test_an_unknown_image_is_explained():
    assert STORE.find("example.invalid/none:1") is None
    sentence = STORE.explain("example.invalid/none:1")
    assert "example.invalid/none:1" in sentence
    assert "nginx" in sentence
    assert "kind" in sentence


def test_the_catalogue_names_each_reference_once():
    references = STORE.references()
    assert len(references) == len(set(references))
    assert "busybox:1.36" in references
