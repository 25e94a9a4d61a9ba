"""The `kubelab` command, as typed: what it prints, what it leaves, its exit codes."""

import os
import threading

import pytest
from click.testing import CliRunner

from kubelab import clusters
from kubelab.cli import main
from kubelab.clusters.base import Status
from kubelab.clusters.current import Current
from kubelab.clusters.practice import Practice
from tests.kubelab.conftest import FAKE_PRACTICE
from tests.kubelab.programs import ON_POSIX, Programs


@pytest.fixture
def kubelab(monkeypatch):
    """Runs the command with the fake practice cluster; returns (exit code, stdout, stderr)."""
    original = Practice.__init__

    def fake(self, name="practice", **options):
        original(self, name, **{"command": FAKE_PRACTICE, **options})

    monkeypatch.setattr(Practice, "__init__", fake)

    def run(*arguments):
        result = CliRunner().invoke(main, arguments, prog_name="kubelab")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    yield run
    for name in ("practice", "other"):
        Practice(name).down()


def test_up_starts_and_says_how_to_use_it(kubelab, home):
    code, out, err = kubelab("up")
    assert code == 0
    assert f"export KUBECONFIG={home}/clusters/practice/practice/kubeconfig" in out or os.name == "nt"
    assert "Starting the practice cluster" in err


def test_a_second_up_says_it_is_running(kubelab):
    kubelab("up")
    assert kubelab("up")[1].startswith("Already up. The practice cluster 'practice' is running")


def test_down_leaves_nothing_and_a_second_down_is_no_error(kubelab, home):
    kubelab("up")
    assert "is gone" in kubelab("down")[1]
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert kubelab("down")[0] == 0


@pytest.mark.parametrize(("before", "code", "text"), [((), 1, "No practice cluster"), (("up",), 0, "is running at")])
def test_status_tells_by_exit_code_too(kubelab, before, code, text):
    if before:
        kubelab(*before)
    found = kubelab("status")
    assert found[0] == code
    assert text in found[1]


def test_later_commands_follow_the_cluster_that_up_named(kubelab):
    kubelab("up", "--name", "other")
    assert "'other' is running" in kubelab("status")[1]
    kubelab("down")
    assert clusters.selected() is None


def test_a_name_or_a_kind_on_the_command_line_comes_before_what_up_named(kubelab):
    kubelab("up", "--name", "other")
    assert "No practice cluster named 'mine'" in kubelab("status", "--name", "mine")[1]
    assert "kubelab has made no kind cluster" in kubelab("status", "--cluster", "kind")[1]
    assert "'other' is running" in kubelab("status", "--cluster", "practice")[1]


def test_the_cluster_that_was_chosen_can_be_made_ready_before_notebooks_run(kubelab):
    assert "The practice cluster 'practice' is running at" in kubelab("prepare")[1]


def test_fast_forward_moves_the_clock(kubelab):
    kubelab("up", "--clock", "stepped")
    assert kubelab("fast-forward", "1h30m") == (
        0,
        "It is now 1h30m later in the cluster.\n",
        "Moving time on by 1h30m\n",
    )
    assert "stepped" in kubelab("status")[1]


REFUSED = [
    (("fast-forward", "5m"), 1, "No practice cluster"),
    (("fast-forward", "soon"), 1, "'soon' is not a duration"),
    (("up", "--cluster", "cloud"), 2, "Invalid value"),
    (("up", "--nodes", "0"), 2, "Invalid value"),
    (("up", "--cluster", "current"), 1, "no kubeconfig at"),
]


@pytest.mark.parametrize(("arguments", "code", "text"), REFUSED)
def test_what_cannot_be_done_is_a_sentence(kubelab, monkeypatch, tmp_path, arguments, code, text):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    found = kubelab(*arguments)
    assert found[0] == code
    assert text in found[2]
    assert "Traceback" not in found[2]


def test_the_cluster_is_entered_elsewhere_only_on_request_and_removed_by_down(kubelab, tmp_path):
    mine = tmp_path / "config"
    kubelab("up")
    assert not mine.exists()
    kubelab("up", "--kubeconfig", str(mine))
    assert "127.0.0.1" in mine.read_text()
    kubelab("down")
    assert not mine.exists()


def test_down_takes_out_the_entries_of_a_crashed_cluster_too(kubelab, tmp_path):
    mine = tmp_path / "config"
    kubelab("up", "--kubeconfig", str(mine))
    cluster = Practice("practice")
    cluster._ask_to_end(lambda: False)
    kubelab("down")
    assert not mine.exists()


def test_a_cluster_started_again_after_a_crash_leaves_no_stale_key_where_it_was_entered(kubelab, tmp_path):
    mine = tmp_path / "config"
    kubelab("up", "--kubeconfig", str(mine))
    Practice("practice")._ask_to_end(lambda: False)
    kubelab("up")
    assert Practice("practice").server() in mine.read_text()
    kubelab("down")
    assert not mine.exists()


def test_images_come_from_the_one_list(kubelab):
    code, out, _ = kubelab("images")
    assert code == 0
    assert "backend-app:1.0.0                built from labs/images\n" in out
    assert "\nbusybox: " in out.partition("The practice cluster can run these")[2]


def test_doctor_names_what_is_missing_and_fails_only_for_what_is_needed(kubelab, monkeypatch):
    monkeypatch.setattr("kubelab.paths.program", lambda _: None)
    code, out, _ = kubelab("doctor")
    assert code == 1
    assert "MISSING   kubectl" in out
    assert "optional  kind" in out
    assert "ok        practice cluster" in out


def test_doctor_finds_a_disk_that_is_full(kubelab, monkeypatch):
    def full(path, text):
        raise OSError(28, "No space left on device") if text else AssertionError("an empty file fits on any disk")

    monkeypatch.setattr("kubelab.paths.write_atomically", full)
    code, out, _ = kubelab("doctor")
    assert code == 1
    assert "MISSING   state directory" in out
    assert "No space left on device. Set KUBELAB_HOME to another one." in out
    assert "MISSING   practice cluster   [Errno 28] No space left on device" in out


def test_two_ups_at_once_start_one_cluster(kubelab):
    results = []
    threads = [threading.Thread(target=lambda: results.append(Practice("other").up())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.already for result in results) == [False, True]


def test_an_interrupted_command_ends_with_130_and_a_sentence(kubelab, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Practice, "up", interrupted)
    code, _, err = kubelab("up")
    assert (code, err.strip()) == (130, "Interrupted. Run the command again to go on.")


@pytest.mark.parametrize("command", ["up", "down", "status"])
@pytest.mark.parametrize("kind", ["practice", "kind"])
@pytest.mark.parametrize(
    "name", ["../../../mine", "{tmp_path}/mine", "..", ".", "a/b", "a\\b", "UPPER", "-x", "x" * 41]
)
def test_a_name_that_could_lead_to_another_directory_is_refused(kubelab, tmp_path, command, kind, name):
    mine = tmp_path / "mine"
    mine.mkdir()
    code, _, err = kubelab(command, "--cluster", kind, f"--name={name.format(tmp_path=tmp_path)}")
    assert code == 1
    assert "cannot name a cluster. Use" in err.replace("\n", " ")
    assert mine.exists()


@pytest.mark.parametrize("command", [("up",), ("up", "--cluster", "current")])
def test_a_state_directory_that_cannot_be_used_is_a_sentence(kubelab, monkeypatch, tmp_path, command):
    file = tmp_path / "file"
    file.write_text("current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c}]\n")
    monkeypatch.setenv("KUBECONFIG", str(file))
    monkeypatch.setenv("KUBELAB_HOME", str(file / "home"))
    monkeypatch.setattr(Current, "up", lambda *_: Status("running", "It runs."))
    code, _, err = kubelab(*command)
    assert code == 1
    assert "Not a directory" in err or os.name == "nt"
    assert "KUBELAB_HOME" in err or "kubelab doctor" in err


@pytest.mark.skipif(not ON_POSIX, reason="the fake programs are shell scripts")
def test_doctor_is_not_put_off_by_programs_that_say_nothing_or_cannot_run(kubelab, tmp_path, monkeypatch):
    programs = Programs(tmp_path, monkeypatch, ["kubectl"])
    for name in ("kind", "docker"):
        (programs.directory / name).write_bytes(b"\x7fELF for another machine")
        (programs.directory / name).chmod(0o755)
    _, out, _ = kubelab("doctor")
    assert "ok        kubectl            a program that says nothing at" in out
    assert "optional  Docker or Podman   only for kind:" in out
    assert "optional  kind               only for --cluster kind:" in out
    assert out.count("cannot be started (Exec format error). Install") == 2
