"""The table of busybox's programs.

Models busybox's include/applets.h.
"""

from __future__ import annotations

from tinykube.images.busybox.shell.main import main as shell
from tinykube.images.busybox.tools import basics, echo, kill, printf, test
from tinykube.runtime.nodes import Program

APPLETS: dict[str, Program] = {
    "[": test.main,
    "[[": test.main,
    "ash": shell,
    "cat": basics.cat,
    "clear": basics.clear,
    "echo": echo.main,
    "env": basics.env,
    "false": basics.false,
    "hostname": basics.hostname,
    "id": basics.id_,
    "kill": kill.main,
    "killall": kill.killall,
    "nproc": basics.nproc,
    "pgrep": kill.pidof,
    "pidof": kill.pidof,
    "printenv": basics.printenv,
    "printf": printf.main,
    "pwd": basics.pwd,
    "sh": shell,
    "sleep": basics.sleep,
    "test": test.main,
    "timeout": basics.timeout,
    "true": basics.true,
    "uname": basics.uname,
    "whoami": basics.whoami,
    "yes": basics.yes,
}
