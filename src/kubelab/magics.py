"""`%kubectl`, `%%kubectl`, `%%apply` and `%fast_forward`: a terminal inside the notebook, aimed at the current lab.

Law: a command that fails shows what it said and leaves the notebook usable; no traceback, no exception. They act on the
`Lab` made last in this kernel.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, line_cell_magic, line_magic, magics_class, no_var_expand

from kubelab import durations
from kubelab.errors import KubelabError

if TYPE_CHECKING:
    from kubelab.lab import Lab

_current: list[Lab] = []


def use(lab: Lab) -> None:
    """Aim the magics at `lab`, and make them known to IPython if this is a notebook."""
    _current[:] = [lab]
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.register_magics(LabMagics)


def current() -> Lab:
    """The lab that the magics act on.

    Raises:
        KubelabError: there is none yet.
    """
    if not _current:
        raise KubelabError("There is no lab yet.", 'Run the notebook\'s first cell: `lab = Lab("…")`.')
    return _current[0]


@magics_class
class LabMagics(Magics):
    """The notebook's commands."""

    @no_var_expand
    @line_cell_magic
    def kubectl(self, line: str, cell: str | None = None) -> None:
        """Run the real kubectl: `%kubectl get pods`. As a cell, its body is standard input: `%%kubectl apply -f -`.

        `%kubectl --for 10s get pods -w` ends after ten seconds of the lab's time.
        """
        self._run(self._expand(line), cell)

    @no_var_expand
    @cell_magic
    def apply(self, line: str, cell: str) -> None:
        """Apply the cell's body as a manifest: `kubectl apply -f -`; options may follow, such as `--server-side`."""
        if unfinished := _unfinished(cell):
            print(unfinished)
            return
        self._run(f"apply {self._expand(line)} -f -", cell)

    @line_magic
    def fast_forward(self, line: str) -> None:
        """Let cluster time pass: `%fast_forward 5m`. A cluster whose clock cannot be moved takes that long."""
        try:
            seconds = durations.parse(line)
            current().fast_forward(seconds)
        except (KubelabError, KeyboardInterrupt) as error:
            print(str(error) or "(interrupted)", file=sys.stderr)
            return
        print(f"{durations.show(seconds)} later")

    def _run(self, line: str, stdin: str | None) -> None:
        try:
            current().terminal(line, stdin, _show)
        except KubelabError as error:
            print(error, file=sys.stderr)
        except KeyboardInterrupt:
            print("(interrupted)", file=sys.stderr)

    def _expand(self, line: str) -> str:
        """`{name}` becomes the Python variable of that name, if there is one that is a text or a number."""
        names = self.shell.user_ns if self.shell is not None else {}

        def value(match: re.Match[str]) -> str:
            found: Any = names.get(match[1])
            return str(found) if isinstance(found, str | int | float) else match[0]

        return re.sub(r"\{([A-Za-z_]\w*)\}", value, line)


def _unfinished(manifest: str) -> str:
    """Why there is nothing to apply yet: a starter that nobody has touched is no mistake. "" if there is."""
    lines = [line for line in manifest.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return "There is no manifest in this cell yet."
    return "Fill in the blanks (____) first." if any("____" in line for line in lines) else ""


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext kubelab`."""
    shell.register_magics(LabMagics)
