import hashlib
import json
import os

import pytest

import programs
from console import SetupError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


def fake_kubectl(folder, major="1", minor="36", exit_code=0):
    """A program that answers like `kubectl version --client -o json`."""
    folder.mkdir(exist_ok=True)
    answer = json.dumps({"clientVersion": {"major": major, "minor": minor}})
    path = folder / "kubectl"
    path.write_text(f"#!/bin/sh\necho '{answer}'\nexit {exit_code}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("minor", "expected"), [("36", (1, 36)), ("27+", (1, 27))])
def test_a_kubectl_tells_its_version(tmp_path, minor, expected):
    assert programs.kubectl_version(fake_kubectl(tmp_path, minor=minor)) == expected


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho no\n", "#!/bin/sh\necho '{}'\n", ""])
def test_what_is_no_kubectl_has_no_version(tmp_path, text):
    path = tmp_path / "kubectl"
    path.write_text(text)
    path.chmod(0o755)

    assert programs.kubectl_version(str(path)) is None


@pytest.mark.parametrize(
    ("on_path", "in_venv", "taken"),
    [("36", "36", "path"), ("27", "36", "venv"), (None, "36", "venv"), ("28", None, "path"), ("27", None, None)],
)
def test_the_first_kubectl_that_is_new_enough_is_taken(tmp_path, monkeypatch, on_path, in_venv, taken):
    for name, minor in (("path", on_path), ("venv", in_venv)):
        if minor:
            fake_kubectl(tmp_path / name, minor=minor)
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin" if on_path else str(tmp_path / "path"))

    assert programs.find_kubectl(tmp_path / "venv") == (str(tmp_path / taken / "kubectl") if taken else None)


def test_a_download_that_does_not_match_its_checksum_is_thrown_away(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "_fetch", lambda address, what="": b"0" * 64 if address.endswith("256") else b"x")

    with pytest.raises(SetupError, match="does not match its checksum"):
        programs._kubectl_from_kubernetes(tmp_path, tmp_path / "log")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_matches_is_made_executable(tmp_path, monkeypatch):
    checksum = hashlib.sha256(b"binary").hexdigest().encode()
    monkeypatch.setattr(
        programs, "_fetch", lambda address, what="": checksum if address.endswith("256") else b"binary"
    )  # fmt: skip

    programs._kubectl_from_kubernetes(tmp_path, tmp_path / "log")

    assert os.access(tmp_path / "kubectl", os.X_OK)
    assert (tmp_path / "kubectl").read_bytes() == b"binary"


def test_when_no_kubectl_can_be_had_it_says_how_to_get_one(tmp_path, monkeypatch, capsys):
    def unreachable(*_):
        raise SetupError("The site cannot be reached from here.")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_kubectl_from_kubernetes", unreachable)
    monkeypatch.setattr(programs, "_kubectl_from_debian", unreachable)

    assert programs.get_kubectl(tmp_path / "bin", tmp_path / "log") is False
    said = capsys.readouterr().out
    assert "cannot be reached" in said
    assert "Install version 1.28 or newer" in said
