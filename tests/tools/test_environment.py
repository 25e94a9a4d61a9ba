import pytest

import environment
from console import SetupError


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with requirements and nothing installed."""
    (tmp_path / "tools").mkdir()
    for name in (*environment.ASKED_FOR, *environment.FOR_TESTS):
        (tmp_path / name).write_text("pinned==1\n")
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(environment, "LOG", tmp_path / "log")
    environment.PYTHON.touch()
    return tmp_path


def installed(tests):
    environment.stamp(tests).write_text(environment.fingerprint(tests))


def test_nothing_is_complete_without_a_stamp(repository):
    assert not environment.is_complete(tests=False)


def test_a_stamp_says_that_it_is_complete(repository):
    installed(tests=False)

    assert environment.is_complete(tests=False)
    assert not environment.is_complete(tests=True)


def test_what_the_tests_need_includes_what_a_learner_needs(repository):
    installed(tests=True)

    assert environment.is_complete(tests=False)


@pytest.mark.parametrize("name", environment.ASKED_FOR)
def test_changed_requirements_are_installed_anew(repository, name):
    installed(tests=False)
    (repository / name).write_text("pinned==2\n")

    assert not environment.is_complete(tests=False)


def test_a_machine_that_can_make_no_environment_is_told_what_to_install(repository, monkeypatch):
    def refuse(*_, **__):
        raise SetupError("no")

    environment.PYTHON.unlink()
    monkeypatch.setattr(environment, "run", refuse)
    monkeypatch.setattr(environment.debian, "is_here", lambda: False)

    with pytest.raises(SetupError, match="python3-venv"):
        environment.make_venv()


def test_a_failed_install_speaks_of_the_index_and_leaves_no_stamp(repository, monkeypatch):
    def fail(*_, **__):
        raise SetupError("pip stopped with exit code 1.")

    monkeypatch.setattr(environment, "run", fail)

    with pytest.raises(SetupError, match="needs to reach a package index"):
        environment.install_packages(tests=False)
    assert not environment.stamp(False).exists()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Collecting rich==15.0.0 (from -r requirements.txt)", "fetching rich==15.0.0"),
        ("Installing collected packages: a, b, c", "installing 3 packages, which takes a minute"),
        ("WARNING: something", ""),
    ],
)
def test_pips_words_are_shortened(line, shown):
    assert environment.pips_progress(line) == shown


def test_a_full_disk_is_a_sentence(repository, monkeypatch, capsys):
    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(environment, "make_venv", full)

    assert environment.main([]) == 1
    assert (
        "The set-up stopped: [Errno 28] No space left on device. See that the disk has room" in capsys.readouterr().out
    )
