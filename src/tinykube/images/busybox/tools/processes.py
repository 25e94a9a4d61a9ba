"""ps, top, free, uptime.

Models busybox's procps/ps.c, top.c, free.c, uptime.c.
"""

from __future__ import annotations

from tinykube.images.busybox.tools.dates import format_date
from tinykube.images.busybox.tools.options import UsageError, parse_words
from tinykube.runtime.devices import NODE_MEMORY
from tinykube.runtime.process import Process
from tinykube.runtime.users import name_of


def command_line(process: Process) -> str:
    """As ps shows it."""
    return " ".join(process.argv) or "{none}"


def _elapsed(process: Process) -> str:
    seconds = int(process.clock.now() - process.started)
    return f"{seconds // 60}:{seconds % 60:02}"


_COLUMNS = {
    "pid": ("PID", 5, lambda p: str(p.pid)),
    "ppid": ("PPID", 5, lambda p: str(p.parent.pid if p.parent is not None else 0)),
    "user": ("USER", 8, lambda p: name_of(p.fs, p.fs.uid) or str(p.fs.uid)),
    "group": ("GROUP", 8, lambda p: name_of(p.fs, p.fs.gid) or str(p.fs.gid)),
    "comm": ("COMMAND", 16, lambda p: p.name[:15]),
    "args": ("COMMAND", 27, command_line),
    "time": ("TIME", 5, lambda p: "0:00"),
    "etime": ("ELAPSED", 7, _elapsed),
    "vsz": ("VSZ", 4, lambda p: str(p.memory // 1024)),
    "rss": ("RSS", 4, lambda p: str(p.memory // 1024)),
    "stat": ("STAT", 4, lambda p: "S"),
    "tty": ("TT", 6, lambda p: "?"),
}
_COLUMNS["cmd"] = _COLUMNS["args"]


async def ps(process: Process) -> int:
    """ps, with -o."""
    words = [word for word in process.argv[1:] if word.startswith("-")]
    rest = [word for word in process.argv[1:] if not word.startswith("-")]
    options, _ = parse_words([*words, *rest], "o:Tefwalx")
    chosen = ",".join(options.all.get("o", ["pid,user,time,args"])).split(",")
    unknown = [name for name in chosen if name not in _COLUMNS]
    if unknown:
        raise UsageError(f"bad -o argument '{unknown[0]}', supported arguments: {','.join(_COLUMNS)}")
    columns = [_COLUMNS[name] for name in chosen]
    _print_row(process, columns, [heading for heading, _, _ in columns])
    for other in sorted(process.table.processes.values(), key=lambda p: p.pid):
        _print_row(process, columns, [show(other) for _, _, show in columns])
    return 0


def _print_row(process: Process, columns: list, values: list[str]) -> None:
    cells = []
    for index, ((_, width, show), value) in enumerate(zip(columns, values, strict=True)):
        last = index == len(columns) - 1
        numeric = value[:1].isdigit() and show not in (_COLUMNS["user"][2], _COLUMNS["group"][2])
        cells.append(value if last else f"{value:>{width}}" if numeric else f"{value:<{width}}")
    process.out(" ".join(cells) + "\n")


async def top(process: Process) -> int:
    """top, with -b, -n, -d."""
    options, _ = parse_words(process.argv[1:], "bn:d:Hm")
    left = options.number("n", 0)
    while True:
        _screen(process, clear="b" not in options)
        left -= 1
        if left == 0:
            return 0
        await process.sleep(float(options.values.get("d", "5")))


def _screen(process: Process, clear: bool) -> None:
    cgroup = process.table.cgroup
    used, free = cgroup.memory // 1024, (NODE_MEMORY - cgroup.memory) // 1024
    out = ["\033[H\033[J"] if clear else []
    out.append(f"Mem: {used}K used, {free}K free, 0K shrd, 0K buff, 0K cached\n")
    out.append("CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n")
    out.append(f"Load average: 0.00 0.00 0.00 1/{len(process.table.processes)} {process.pid}\n")
    out.append("  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND\n")
    for other in sorted(process.table.processes.values(), key=lambda p: p.pid):
        parent = other.parent.pid if other.parent is not None else 0
        user = name_of(other.fs, other.fs.uid) or str(other.fs.uid)
        state = "R" if other is process else "S"
        size = other.memory // 1024
        out.append(f"{other.pid:5} {parent:5} {user:<8} {state:<4} {size:5}   0%   0% {command_line(other)}\n")
    process.out("".join(out))


async def free(process: Process) -> int:
    """free, with -b, -k, -m, -g, -h."""
    options, _ = parse_words(process.argv[1:], "bkmgh")
    unit = next((size for flag, size in (("b", 1), ("m", 1024**2), ("g", 1024**3)) if flag in options), 1024)
    used = process.table.cgroup.memory
    row = (NODE_MEMORY, used, NODE_MEMORY - used, 0, 0, NODE_MEMORY - used)
    process.out("              total        used        free      shared  buff/cache   available\n")
    process.out("Mem:    " + " ".join(f"{count // unit:>11}" for count in row) + "\n")
    process.out("Swap:   " + " ".join(f"{0:>11}" for _ in range(3)) + "\n")
    return 0


async def uptime(process: Process) -> int:
    """uptime: since the container was made."""
    up = int(process.clock.now() - process.table.booted)
    days, hours, minutes = up // 86400, up // 3600 % 24, up // 60 % 60
    text = (f"{days} days, " if days else "") + (f"{hours}:{minutes:02}" if hours else f"{minutes} min")
    now = format_date("%H:%M:%S", process.clock.now())
    process.out(f" {now} up {text},  0 users,  load average: 0.00, 0.00, 0.00\n")
    return 0
