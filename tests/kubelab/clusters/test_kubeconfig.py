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


@pytest.mark.parametrize(
    "text", ["{", "[1]", "", "contexts: work", "clusters: [{}]", "users: [work]", "contexts: [{name: a, context: b}]"]
)
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


@pytest.mark.parametrize("text", ["- milk\n", "users: none\n", "contexts: [work]\n", "clusters: [{cluster: a}]\n"])
def test_a_file_that_is_no_kubeconfig_is_not_overwritten(write, text):
    target = write("notes.txt", text)
    with pytest.raises(KubelabError, match="not a kubeconfig"):
        kubeconfig_entries.enter(write("source", document("practice")), target)
    assert target.read_text() == text


@pytest.mark.skipif(os.name != "posix", reason="links are for administrators on Windows")
def test_a_link_stays_one_and_its_file_is_changed(write, tmp_path):
    source, kept = write("source", document("practice")), write("kept", document("work"))
    (tmp_path / "link").symlink_to(kept)
    kubeconfig_entries.enter(source, tmp_path / "link")
    assert sorted(kubeconfig.load(str(kept)).contexts) == ["practice", "work"]
    kubeconfig_entries.remove(source, tmp_path / "link")
    assert sorted(kubeconfig.load(str(kept)).contexts) == ["work"]
    assert (tmp_path / "link").is_symlink()


def test_without_a_choice_it_is_kubectls_file(monkeypatch, tmp_path):
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    assert kubeconfig.default_paths() == str(tmp_path / ".kube" / "config")
    monkeypatch.setenv("KUBECONFIG", "mine")
    assert kubeconfig.default_paths() == "mine"


@pytest.mark.parametrize(
    ("server", "here"),
    [
        *((f"https://{host}:6443", True) for host in ("127.0.0.1", "127.8.8.8", "localhost", "[::1]")),
        *((f"https://{host}:6443", False) for host in ("10.0.0.1", "127.example.com", "localhost.example.com")),
        ("", False),
    ],
)
def test_a_server_is_here_or_elsewhere(write, server, here):
    assert kubeconfig.load(str(write("config", document("a", server)))).is_local("a") is here


def test_a_context_has_its_user(write):
    config = kubeconfig.load(str(write("config", document("a", token="t"))))
    assert (config.user("a"), config.user("b"), config.cluster("b")) == ({"token": "t"}, {}, {})
