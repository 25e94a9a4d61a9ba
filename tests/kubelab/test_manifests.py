"""Manifests: files, directories, text; and what is none."""

import pytest

from kubelab import manifests
from kubelab.errors import NotAManifest

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"


def test_text_with_several_documents_and_a_list():
    text = f"# first\n---\n{POD}---\n---\napiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Service}}\n"
    assert [one["kind"] for one in manifests.read(text)] == ["Pod", "Service"]


@pytest.mark.parametrize("more", ["", "items: two"])
def test_a_kind_that_sounds_like_a_list_is_an_object(more):
    assert [one["kind"] for one in manifests.read(f"apiVersion: shop/v1\nkind: PriceList\n{more}")] == ["PriceList"]


def test_an_object_may_have_items():
    assert len(manifests.read("apiVersion: shop/v1\nkind: Basket\nitems: [{apiVersion: v1, kind: Apple}]")) == 1


def test_files_and_directories(tmp_path):
    (tmp_path / "b.yaml").write_text(POD.replace("web", "b"))
    (tmp_path / "a.yml").write_text(POD.replace("web", "a"))
    (tmp_path / "notes.txt").write_text("no manifest")
    assert [one["metadata"]["name"] for one in manifests.read(tmp_path)] == ["a", "b"]
    assert manifests.read(str(tmp_path / "b.yaml"))[0]["metadata"]["name"] == "b"


REFUSED = [
    ("manifests/none.yaml", "There is no file"),
    ("apiVersion: v1\nkind: Pod\n  metadata:\n", "line 3, column 11: mapping values are not allowed here"),
    ("kind: Pod\n", "has no apiVersion"),
    ("- a\n- b: 1\n", "describes a list"),
    ("# nothing\n---\n", "There is no object"),
    ("a: b: c\n", "is not YAML"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_is_no_manifest_is_a_sentence(text, sentence):
    with pytest.raises(NotAManifest, match=sentence):
        manifests.read(text)


def test_a_directory_without_manifests_is_a_sentence(tmp_path):
    with pytest.raises(NotAManifest, match=r"There is no manifest in .*end in .yaml, .yml, .json"):
        manifests.read(tmp_path)


def test_a_file_in_another_encoding_is_a_sentence(tmp_path):
    (tmp_path / "pod.yaml").write_text(POD, encoding="utf-16")  # as some shells on Windows write it
    with pytest.raises(NotAManifest, match="is not text in UTF-8"):
        manifests.read(tmp_path / "pod.yaml")
    (tmp_path / "pod.yaml").write_text(POD, encoding="utf-8-sig")
    assert manifests.read(tmp_path / "pod.yaml")[0]["kind"] == "Pod"
