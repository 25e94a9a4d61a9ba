import os
import re
import subprocess
import sys

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


def test_every_letter_is_printed_where_the_output_takes_those_of_one_code_page(tmp_path):
    program = "import console; console.speak_every_language(); print('── ✔')"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(stages.ROOT / "tools")}

    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout

    assert said.decode("utf-8").strip() == "── ✔"


@pytest.mark.parametrize("cluster", ["minikube", "Practice"])
def test_a_cluster_nobody_knows_is_refused_in_a_sentence(monkeypatch, capsys, cluster):
    monkeypatch.setenv("CLUSTER", cluster)
    monkeypatch.setattr("sys.argv", ["stages.py", "labs"])

    assert stages.main() == 2
    assert f"CLUSTER={cluster} names no kind of cluster" in capsys.readouterr().out
