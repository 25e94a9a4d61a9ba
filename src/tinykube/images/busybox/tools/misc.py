"""basename, dirname, which, expr, xargs, watch, and the programs that honestly cannot.

Models busybox's programs of the same names.
"""

from __future__ import annotations

import re

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.dates import format_date
from tinykube.images.busybox.tools.options import Options, UsageError, parse, parse_words
from tinykube.images.busybox.tools.regex import compile_regex
from tinykube.runtime import paths
from tinykube.runtime.process import Process


async def basename(process: Process) -> int:
    """basename, with -a, -s."""
    options, names = parse(process, "as:")
    if not names or (len(names) > 2 and not options):
        raise UsageError("")
    suffix = options.values.get("s", names[1] if len(names) == 2 and not options else "")
    for name in names if options else names[:1]:
        base = paths.basename(name)
        process.out((base.removesuffix(suffix) or base) + "\n")
    return 0


async def dirname(process: Process) -> int:
    """dirname."""
    if len(process.argv) != 2:
        raise UsageError("")
    directory, slash, _ = process.argv[1].rstrip("/").rpartition("/")
    process.out((directory.rstrip("/") or ("/" if slash or process.argv[1].startswith("/") else ".")) + "\n")
    return 0


async def which(process: Process) -> int:
    """which, with -a."""
    _, names = parse(process, "a")
    if not names:
        raise UsageError("")
    status = 0
    for name in names:
        found = process.which(name) if "/" not in name else name if process.find(name) else None
        if found is None:
            status = 1
        else:
            process.out(found + "\n")
    return status


# -- expr ----------------------------------------------------------------------------------------------------


class _ExprError(Exception):
    """The expression makes no sense."""


class _Expr:
    """Recursive descent over the words; values are strings."""

    LEVELS = (("|",), ("&",), ("<", "<=", "=", "==", "!=", ">=", ">"), ("+", "-"), ("*", "/", "%"), (":",))

    def __init__(self, words: list[str]) -> None:
        self.words, self.i = words, 0

    def peek(self) -> str | None:
        return self.words[self.i] if self.i < len(self.words) else None

    def take(self) -> str:
        if self.i >= len(self.words):
            raise _ExprError("syntax error")
        self.i += 1
        return self.words[self.i - 1]

    def level(self, index: int) -> str:
        if index == len(self.LEVELS):
            return self.primary()
        left = self.level(index + 1)
        while self.peek() in self.LEVELS[index]:
            operator = self.take()
            left = _expr_apply(operator, left, self.level(index + 1))
        return left

    def primary(self) -> str:
        word = self.take()
        if word == "(":
            value = self.level(0)
            if self.take() != ")":
                raise _ExprError("syntax error")
            return value
        if word == ")":
            raise _ExprError("syntax error")
        if word == "length" and self.peek() is not None:
            return str(len(self.primary()))
        if word in ("match", "index") and self.i + 1 < len(self.words):
            text, other = self.primary(), self.primary()
            if word == "match":
                return _expr_apply(":", text, other)
            return str(min((text.find(c) + 1 for c in other if c in text), default=0))
        if word == "substr" and self.i + 2 < len(self.words):
            text, start, length = self.primary(), _integer(self.primary()), _integer(self.primary())
            return text[max(0, start - 1) : max(0, start - 1 + length)] if start > 0 else ""
        return word


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?\d+", text):
        raise _ExprError("non-numeric argument")
    return int(text)


def _true(text: str) -> bool:
    return text not in ("", "0")


def _expr_apply(operator: str, left: str, right: str) -> str:
    if operator == "|":
        return left if _true(left) else right
    if operator == "&":
        return left if _true(left) and _true(right) else "0"
    if operator == ":":
        match = compile_regex(right, extended=False).match(left)
        if "\\(" in right:
            return (match.group(1) or "") if match else ""
        return str(match.end() if match else 0)
    if operator in _Expr.LEVELS[2]:
        numeric = all(re.fullmatch(r"-?\d+", text) for text in (left, right))
        a, b = (int(left), int(right)) if numeric else (left, right)
        outcomes = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "!=": a != b}  # type: ignore[operator]
        return str(int(outcomes.get(operator, a == b)))
    x, y = _integer(left), _integer(right)
    if operator in "/%":
        if y == 0:
            raise _ExprError("division by zero")
        quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        return str(quotient if operator == "/" else x - y * quotient)
    return str({"+": x + y, "-": x - y, "*": x * y}[operator])


async def expr(process: Process) -> int:
    """expr."""
    words = process.argv[1:]
    if not words:
        raise UsageError("too few arguments")
    expression = _Expr(words)
    try:
        value = expression.level(0)
        if expression.peek() is not None:
            raise _ExprError("syntax error")
    except _ExprError as error:
        process.err(f"{process.name}: {error}\n")
        return 2
    process.out(value + "\n")
    return int(not _true(value))


# -- xargs ---------------------------------------------------------------------------------------------------

_WORD = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|\\.|[^\s"'\\])+""", re.DOTALL)


def _items(text: str, options: Options) -> list[str]:
    if "0" in options:
        return [item for item in text.split("\0") if item]
    if "I" in options:
        return [line.lstrip() for line in text.split("\n") if line.strip()]
    return [re.sub(r"\"([^\"]*)\"|'([^']*)'|\\(.)", _unquote, word, flags=re.DOTALL) for word in _WORD.findall(text)]


def _unquote(match: re.Match[str]) -> str:
    return next((group for group in match.groups() if group is not None), "")


async def xargs(process: Process) -> int:
    """xargs, with -0, -n, -I, -r, -t, -P, -L, -a."""
    options, words = parse_words(process.argv[1:], "0prtxn:s:I:P:L:E:a:{no-run-if-empty}", stop=True)
    source = process.open(options.values["a"]) if "a" in options else process.stdin.retain()
    data = b""
    while piece := await source.read():
        data += piece
    source.release()
    items = _items(lines.text(data), options)
    words = words or ["echo"]
    if "I" in options:
        mark = options.values["I"] or "{}"
        commands = [[word.replace(mark, item) for word in words] for item in items]
    elif not items:
        commands = [] if options & {"r", "no-run-if-empty"} else [words]
    else:
        most = options.number("n", options.number("L", len(items)))
        commands = [words + items[i : i + most] for i in range(0, len(items), most)]
    return await _run_all(process, commands, options)


async def _run_all(process: Process, commands: list[list[str]], options: Options) -> int:
    status = 0
    together = max(1, options.number("P", 1) or len(commands))
    for start in range(0, len(commands), together):
        children = []
        for command in commands[start : start + together]:
            if "t" in options:
                process.err(" ".join(command) + "\n")
            child = _child(process, command)
            if child is None:
                return 127
            children.append(child)
        if len(children) == 1:
            statuses = [await process.call(children[0])]
        else:
            statuses = await _all(children)
        for code in statuses:
            if code == 255:
                process.err(f"{process.name}: {commands[start][0]}: exited with status 255; aborting\n")
                return 124
            if code:
                status = 123
    return status


async def _all(children: list[Process]) -> list[int]:
    for child in children:
        child.start()
    return [await child.wait() for child in children]


def _child(process: Process, words: list[str]) -> Process | None:
    try:
        path = words[0] if "/" in words[0] else process.which(words[0])
        if path is None:
            raise FileNotFoundError(2, "No such file or directory")
        program, argv = process.load(path, words)
    except OSError as error:
        process.err(f"{process.name}: {words[0]}: {error.strerror}\n")
        return None
    return process.fork(program, argv)


# -- others --------------------------------------------------------------------------------------------------


async def watch(process: Process) -> int:
    """watch, with -n, -t: runs a command every two seconds."""
    options, words = parse_words(process.argv[1:], "n:td", stop=True)
    if not words:
        raise UsageError("")
    every = float(options.values.get("n", "2"))
    command = " ".join(words)
    while True:
        process.out("\033[H\033[J")
        if "t" not in options:
            now = format_date("%Y-%m-%d %H:%M:%S", process.clock.now())
            heading = f"Every {every:g}s: {command}"
            process.out(f"{heading:<60}{now}\n\n")
        await lines.run_command(process, ["sh", "-c", command])
        await process.sleep(every)


async def vi(process: Process) -> int:
    """vi, less and their like need a screen."""
    process.err(
        f"{process.name}: the practice cluster's containers have no full-screen programs; "
        "use cat, sed -i or echo with a redirection\n"
    )
    return 1


async def sync(process: Process) -> int:
    """sync."""
    return 0


async def usleep(process: Process) -> int:
    """usleep."""
    await process.sleep(int(process.argv[1]) / 1e6 if len(process.argv) > 1 and process.argv[1].isdigit() else 0)
    return 0


async def nohup(process: Process) -> int:
    """nohup, setsid, nice, ionice, time without a report: run the command."""
    words = process.argv[1:]
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] == "-n" else words[1:]
    return await lines.run_command(process, words) if words else 0


async def time(process: Process) -> int:
    """time: how long a command takes on the cluster's clock."""
    began = process.clock.now()
    status = await nohup(process)
    took = process.clock.now() - began
    process.err(f"real\t{int(took // 60)}m {took % 60:.2f}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n")
    return status


async def tty(process: Process) -> int:
    """tty."""
    terminal = process.stdin.isatty
    process.out("/dev/pts/0\n" if terminal else "not a tty\n")
    return int(not terminal)
