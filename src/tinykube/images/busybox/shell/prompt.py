"""The prompt of an interactive shell.

Models busybox's libbb/lineedit.c (parse_and_put_prompt).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinykube.runtime.users import name_of

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell


def prompt(shell: Shell, variable: str) -> str:
    """$PS1 or $PS2 with its backslash sequences replaced."""
    process = shell.process
    home = shell.get("HOME") or ""
    cwd = process.cwd
    if len(home) > 1 and (cwd + "/").startswith(home + "/"):
        cwd = "~" + cwd[len(home) :]
    replacements = {
        "w": cwd,
        "W": cwd.rpartition("/")[2] or cwd,
        "h": process.table.hostname.partition(".")[0],
        "H": process.table.hostname,
        "u": name_of(process.fs, process.fs.uid) or str(process.fs.uid),
        "$": "#" if process.fs.uid == 0 else "$",
        "n": "\n",
        "[": "",
        "]": "",
        "\\": "\\",
    }
    return re.sub(r"\\(.)", lambda match: replacements.get(match.group(1), match.group(0)), shell.get(variable) or "")
