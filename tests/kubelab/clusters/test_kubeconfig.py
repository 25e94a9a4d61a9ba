"""Kubeconfigs, merged and read as client-go does."""

import json
import os

import pytest

from kubelab import kubeconfig_entries
from kubelab.clusters import kubeconfig
from kubelab.errors import ClusterUnavailable, KubelabError


def document(name, server="https://127.0.0.1:1", **user):
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority": "ca.crt"}}],
        "users": [{"name": name, "user": user or {"token": name}}],
    }


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_the_first_file_to_name_a_thing_wins(write):
    one, two = write("one", document("a", "https://first")), write("two", {**document("a", "https://second")})
    three = write("three", document("b"))
    config = kubeconfig.load(os.pathsep.join(map(str, [one, two, three])))
    assert (config.current, config.server("a"), sorted(config.contexts)) == ("a", "https://first", ["a", "b"])


def test_files_are_relative_to_the_kubeconfig(write, tmp_path):
    config = kubeconfig.load(str(write("config", document("a"))))
    assert config.cluster("a")["certificate-authority"] == str(tmp_path / "ca.crt")


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_what_is_no_kubeconfig_is_a_sentence(write, text):
    with pytest.raises(ClusterUnavailable, match="kubeconfig"):
        kubeconfig.load(str(write("config", text)))


def test_a_token_file_is_read(write):
    token = write("token", "secret\n")
    assert kubeconfig.bearer_headers({"tokenFile": str(token)}) == {"Authorization": "Bearer secret"}


def test_entering_keeps_what_is_there_and_the_current_context(write):
    source, target = write("source", document("practice")), write("target", document("work"))
    kubeconfig_entries.enter(source, target)
    config = kubeconfig.load(str(target))
    assert (config.current, sorted(config.contexts)) == ("work", ["practice", "work"])


def test_entering_twice_changes_nothing_more(write):
    source, target = write("source", document("practice")), write("target", document("work"))
    kubeconfig_entries.enter(source, target)
    once = target.read_text()
    kubeconfig_entries.enter(source, target)
    assert target.read_text() == once


def test_removing_leaves_the_rest(write):
    source, target = write("source", document("practice")), write("target", document("work"))
    kubeconfig_entries.enter(source, target)
    kubeconfig_entries.remove(source, target)
    config = kubeconfig.load(str(target))
    assert (config.current, sorted(config.contexts), sorted(config.users)) == ("work", ["work"], ["work"])


def test_a_file_that_held_nothing_else_is_deleted(write, tmp_path):
    source, target = write("source", document("practice")), tmp_path / "new"
    kubeconfig_entries.enter(source, target)
    assert kubeconfig.load(str(target)).current == "practice"
    kubeconfig_entries.remove(source, target)
    assert not target.exists()


def test_a_file_that_is_no_kubeconfig_is_not_overwritten(write):
    target = write("notes.txt", "- milk\n")
    with pytest.raises(KubelabError, match="not a kubeconfig"):
        kubeconfig_entries.enter(write("source", document("practice")), target)
    assert target.read_text() == "- milk\n"
