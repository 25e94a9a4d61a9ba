import re

import pytest

import stages


def test_real_clusters_compare_no_outputs():
    assert "--nbval" in stages.notebooks("practice").command
    assert "--nbval" not in stages.notebooks("kind").command


def test_the_next_stage_runs_after_one_that_failed_and_the_whole_has_failed(monkeypatch, capsys):
    ends = iter([1, 0])
    monkeypatch.setattr(stages.subprocess, "call", lambda *_, **__: next(ends))
    monkeypatch.setattr(stages, "stages", lambda *_: [stages.Stage("one", []), stages.Stage("two", [])])
    monkeypatch.setattr("sys.argv", ["stages.py", "test"])

    assert stages.main() == 1
    said = capsys.readouterr().out
    assert re.search(r"one: FAILED \(exit code 1\)", said)
    assert "two: passed" in said
    assert said.endswith("Failed: one.\n")


@pytest.mark.parametrize("cluster", ["minikube", "Practice"])
def test_a_cluster_nobody_knows_is_refused_in_a_sentence(monkeypatch, capsys, cluster):
    monkeypatch.setenv("CLUSTER", cluster)
    monkeypatch.setattr("sys.argv", ["stages.py", "labs"])

    assert stages.main() == 2
    assert f"CLUSTER={cluster} names no kind of cluster" in capsys.readouterr().out
