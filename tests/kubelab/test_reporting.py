"""How waiting looks."""

from types import SimpleNamespace

from kubelab import reporting


def test_in_a_notebook_a_wait_is_a_line_drawn_once_a_second_and_emptied_at_the_end(monkeypatch):
    shown = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(data["text/plain"]))
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data["text/plain"]) or handle)
    monkeypatch.setattr(reporting, "_in_a_notebook", lambda: True)
    instants = iter([0.0, 0.5, 2.0, 2.0])
    monkeypatch.setattr(reporting.time, "monotonic", lambda: next(instants))

    with reporting.waiting(60) as progress:
        progress("15")
        progress("30")

    assert shown == [f"waiting 1m {'·' * 30} 0s", f"waiting 1m {'━' * 15}{'·' * 15} 30s", ""]


def test_elsewhere_than_in_a_terminal_each_step_is_a_line_on_standard_error(capsys):
    with reporting.steps() as progress:
        progress("Pulling [bold]")
        progress("Loading")
    assert capsys.readouterr() == ("", "Pulling [bold]\nLoading\n")


def test_this_is_no_notebook():
    assert not reporting._in_a_notebook()
