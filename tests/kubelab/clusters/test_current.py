"""The current context: looked at before it is used, refused when it looks like other people's, never changed."""

import json
import socket
from types import SimpleNamespace

import psutil
import pytest

from kubelab.clusters import Options, kubeconfig
from kubelab.clusters.current import Current, looks_shared
from kubelab.errors import ClusterUnavailable, CommandFailed, KubelabError
from tests.kubelab.programs import ON_POSIX, Programs

pytestmark = pytest.mark.skipif(not ON_POSIX, reason="the fake programs are shell scripts")

VERSIONS = {
    "clientVersion": {"major": "1", "minor": "32"},
    "serverVersion": {"major": "1", "minor": "33+", "gitVersion": "v1.33.1"},
}


def write_kubeconfig(tmp_path, context="home", server="https://127.0.0.1:6443", cluster="home"):
    document = {
        "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": cluster, "user": "me"}}],
        "clusters": [{"name": cluster, "cluster": {"server": server}}],
        "users": [{"name": "me", "user": {"token": "t"}}],
    }
    path = tmp_path / "config"
    path.write_text(json.dumps(document))
    return str(path)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    return Programs(tmp_path / "bin", monkeypatch, ["kubectl"])


def ready(programs, versions=VERSIONS):
    programs.answer(" version ", json.dumps(versions))
    programs.answer("auth can-i", "yes")


def test_up_looks_at_version_and_rights_and_makes_nothing(programs, tmp_path):
    ready(programs)
    status = Current(write_kubeconfig(tmp_path)).up()
    assert status.state == "running"
    assert "v1.33.1" in status.detail
    assert {line.split(" 15s ")[1].split()[0] for line in programs.lines} == {"version", "auth"}


def test_every_question_names_the_context(programs, tmp_path):
    ready(programs)
    Current(write_kubeconfig(tmp_path)).up()
    assert all(line.startswith("kubectl --context home ") for line in programs.lines)


def test_missing_rights_are_listed(programs, tmp_path):
    programs.answer("can-i create pods/exec", "no", code=1)
    ready(programs)
    with pytest.raises(ClusterUnavailable, match="refused: create pods/exec"):
        Current(write_kubeconfig(tmp_path)).up()


def test_a_cluster_that_is_too_old_is_refused(programs, tmp_path):
    ready(programs, {**VERSIONS, "serverVersion": {"major": "1", "minor": "27", "gitVersion": "v1.27.9"}})
    with pytest.raises(ClusterUnavailable, match=r"v1\.27\.9; the labs need 1\.29"):
        Current(write_kubeconfig(tmp_path)).up()


def test_version_skew_is_a_warning(programs, tmp_path):
    ready(programs, {**VERSIONS, "serverVersion": {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}})
    told = []
    Current(write_kubeconfig(tmp_path)).up(progress=told.append)
    assert any("more than one minor version" in text for text in told)


SILENT = [
    ("The connection to the server 127.0.0.1:6443 was refused", "Check that the cluster runs"),
    ("error: You must be logged in to the server (Unauthorized)", "log in to the cluster again"),
]


@pytest.mark.parametrize(("said", "next_step"), SILENT)
def test_a_cluster_that_does_not_answer_is_explained(programs, tmp_path, said, next_step):
    programs.answer(" version ", said, code=1)
    with pytest.raises(CommandFailed, match="does not answer") as caught:
        Current(write_kubeconfig(tmp_path)).up()
    assert next_step in caught.value.next_step


SHARED = [
    ({"context": "prod-eu"}, "prod"),
    ({"cluster": "company-production"}, "production"),
    ({"server": "https://198.51.100.7:6443"}, "not on this machine"),
    ({"server": "https://k8s.example.com"}, "not on this machine"),
    ({"server": "https://172.31.254.9:6443"}, ""),
    ({"server": "https://10.20.30.40:6443"}, ""),
    ({"server": "https://10.20.30.40:6443", "context": "prod"}, "prod"),
    ({"server": "https://[2001:db8::7]:6443"}, "not on this machine"),
    ({"context": "minikube", "server": "https://192.168.49.2:8443"}, ""),
    ({"server": "https://live.example.com"}, "live"),
    ({}, ""),
    ({"context": "product-demo"}, ""),
    ({"server": "https://kubernetes.docker.internal:6443"}, ""),
]


@pytest.mark.parametrize(("parts", "reason"), SHARED)
def test_what_looks_shared(tmp_path, monkeypatch, parts, reason):
    bridge = SimpleNamespace(family=socket.AF_INET, address="172.31.0.1", netmask="255.255.0.0")
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"br-1": [bridge]})
    config = kubeconfig.load(write_kubeconfig(tmp_path, **parts))
    found = looks_shared(config, config.current)
    assert (reason in found) if reason else found == ""


def test_a_shared_context_is_refused_until_named(programs, tmp_path, monkeypatch):
    ready(programs)
    path = write_kubeconfig(tmp_path, context="prod")
    with pytest.raises(KubelabError, match="looks like a cluster that others use") as caught:
        Current(path).up()
    assert "--allow prod" in caught.value.next_step
    assert programs.lines == []
    assert Current(path, allow="prod").up().state == "running"
    monkeypatch.setenv("KUBELAB_ALLOW_CONTEXT", "prod")
    assert Current(path).up().state == "running"
    monkeypatch.setenv("KUBELAB_ALLOW_CONTEXT", "other")
    with pytest.raises(KubelabError):
        Current(path).access()


def test_another_machine_of_a_private_network_is_pointed_out_once(tmp_path, capsys):
    path = write_kubeconfig(tmp_path, context="rack", server="https://10.20.30.40:6443")
    for _ in range(2):
        Current(path).access()
    assert capsys.readouterr().err.count("names a cluster on another machine, https://10.20.30.40:6443") == 1
    assert Current(write_kubeconfig(tmp_path)).access()
    assert capsys.readouterr().err == ""


def test_no_context_and_no_file_are_sentences(tmp_path):
    with pytest.raises(ClusterUnavailable, match="no kubeconfig at"):
        Current(str(tmp_path / "none")).access()
    with pytest.raises(ClusterUnavailable, match="no context named 'else'"):
        Current(write_kubeconfig(tmp_path), context="else").access()


def test_down_deletes_only_the_labs_namespaces(programs, tmp_path):
    Current(write_kubeconfig(tmp_path)).down()
    assert programs.lines == [
        "kubectl --context home --request-timeout 15s delete namespace -l "
        "app.kubernetes.io/managed-by=kubelab --wait=false"
    ]


def test_status_asks_only_whether_the_port_answers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = f"https://127.0.0.1:{listening.getsockname()[1]}"
        assert Current(write_kubeconfig(tmp_path, server=server)).status().state == "running"
    assert Current(write_kubeconfig(tmp_path, server=server)).status().state == "unreachable"


def test_its_nodes_and_clock_cannot_be_chosen(tmp_path):
    with pytest.raises(KubelabError, match="not ours to choose"):
        Current(write_kubeconfig(tmp_path)).up(Options(nodes=3))
