import signal
import socket

import pytest

import labs


def test_a_port_that_is_taken_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert labs.free_port(port) > port


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere there is always a screen")
def test_without_a_screen_there_is_no_browser(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(labs.shutil, "which", lambda _: None)

    assert labs.browser() is None


def test_ctrl_c_while_a_cluster_is_brought_up_is_left_to_the_command_that_does_it(monkeypatch):
    class Interrupted:
        def wait(self):
            signal.raise_signal(signal.SIGINT)
            return 130

    monkeypatch.setattr(labs.subprocess, "Popen", lambda _: Interrupted())
    before = signal.getsignal(signal.SIGINT)

    assert not labs.use("kind")
    assert signal.getsignal(signal.SIGINT) is before


def test_copies_that_cannot_be_written_are_a_sentence(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.setattr(labs, "MINE", tmp_path / "file" / "my-labs")
    monkeypatch.setattr("sys.argv", ["labs.py", "--cluster", "practice"])

    assert labs.main() == 1
    assert "Your copies of the labs could not be written: " in capsys.readouterr().out


def test_ports_end_at_the_last_one():
    with pytest.raises(SystemExit, match="No port from 65536 to 65635 is free"):
        labs.free_port(65536)
