"""find.

Models busybox's findutils/find.c.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tinykube.images.busybox.shell import pattern
from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.files import complain
from tinykube.images.busybox.tools.options import BadNumber, UsageError
from tinykube.runtime.filesystem import EXECUTE
from tinykube.runtime.nodes import Directory, Node
from tinykube.runtime.paths import basename
from tinykube.runtime.process import Process


@dataclass
class Visit:
    """One file that find looks at."""

    path: str
    node: Node
    depth: int
    pruned: bool = False


Test = Callable[[Visit], Awaitable[bool]]
_SIZE_UNITS = {"c": 1, "k": 1024, "b": 512, "": 512, "M": 1024**2}


class _Quit(Exception):
    """-quit."""


class _Find:
    """One run: options, the expression, and the walk."""

    def __init__(self, process: Process, words: list[str]) -> None:
        self.process, self.words = process, words
        self.i = 0
        self.deepest, self.shallowest = 1 << 30, 0
        self.depth_first = self.follow = False
        self.acts = False
        self.batches: list[tuple[list[str], list[str]]] = []
        self.status = 0

    # -- the expression --------------------------------------------------------------------------------------

    def peek(self) -> str:
        return self.words[self.i] if self.i < len(self.words) else ""

    def argument(self, option: str) -> str:
        if self.i >= len(self.words):
            raise UsageError(f"{option}: requires argument")
        self.i += 1
        return self.words[self.i - 1]

    def either(self) -> Test:
        left = self.both()
        while self.peek() in ("-o", "-or"):
            self.i += 1
            left = _or(left, self.both())
        return left

    def both(self) -> Test:
        left = self.primary()
        while self.peek() not in ("", ")", "-o", "-or"):
            if self.peek() in ("-a", "-and"):
                self.i += 1
            left = _and(left, self.primary())
        return left

    def primary(self) -> Test:
        word = self.argument("find")
        if word in ("!", "-not"):
            return _not(self.primary())
        if word == "(":
            inner = self.either()
            if self.argument("(") != ")":
                raise UsageError("unpaired '('")
            return inner
        if word in ("-exec", "-ok"):
            return self._exec()
        simple = _SIMPLE.get(word)
        if simple is not None:
            return simple(self)
        takes = _TAKES.get(word)
        if takes is None:
            raise UsageError(f"unrecognized: {word}")
        return takes(self, self.argument(word))

    def _exec(self) -> Test:
        self.acts = True
        words: list[str] = []
        while (word := self.argument("-exec")) != ";":
            if word == "+" and words and words[-1] == "{}":
                gathered: list[str] = []
                self.batches.append((words[:-1], gathered))
                return _gather(gathered)
            words.append(word)

        async def run(visit: Visit) -> bool:
            return await lines.run_command(self.process, [w.replace("{}", visit.path) for w in words]) == 0

        return run

    def option(self, action: Callable[[], None]) -> Test:
        """An option is a test that always holds."""
        action()
        return _always

    def limit(self, name: str, text: str) -> Test:
        """-maxdepth and -mindepth."""
        if not text.isdigit():
            raise BadNumber(text)
        setattr(self, name, int(text))
        return _always

    def act(self, action: Callable[[Visit], None]) -> Test:
        """An action that cannot fail."""
        self.acts = True

        async def run(visit: Visit) -> bool:
            action(visit)
            return True

        return run

    def delete(self) -> Test:
        """-delete: implies -depth."""
        self.depth_first = self.acts = True

        async def run(visit: Visit) -> bool:
            path = self.process.path(visit.path)
            try:
                if isinstance(visit.node, Directory):
                    self.process.fs.remove_directory(path)
                else:
                    self.process.fs.remove(path)
            except OSError as error:
                self.status = complain(self.process, f"{visit.path}: {error.strerror}")
            return True

        return run

    # -- the walk --------------------------------------------------------------------------------------------

    async def run(self) -> int:
        starts = []
        while self.peek() and not self.peek().startswith(("-", "(", "!")):
            starts.append(self.argument("find"))
        test = self.either() if self.peek() else _always
        if self.peek():
            raise UsageError(f"unrecognized: {self.peek()}")
        if not self.acts:
            test = _and(test, self.act(lambda visit: void(self.process.out(visit.path + "\n"))))
        try:
            for start in starts or ["."]:
                node = self.process.find(start, follow=self.follow)
                if node is None:
                    self.status = complain(self.process, f"{start}: No such file or directory")
                else:
                    await self._walk(Visit(start, node, 0), test)
        except _Quit:
            pass
        for words, gathered in self.batches:
            if gathered:
                self.status = max(self.status, await lines.run_command(self.process, words + gathered))
        return self.status

    async def _walk(self, visit: Visit, test: Test) -> None:
        if not self.depth_first and visit.depth >= self.shallowest:
            await test(visit)
        if isinstance(visit.node, Directory) and visit.depth < self.deepest and not visit.pruned:
            try:
                names = self.process.fs.names(self.process.path(visit.path), self.process.pid)
            except OSError as error:
                self.status = complain(self.process, f"{visit.path}: {error.strerror}")
                names = []
            for name in names:
                path = f"{visit.path.rstrip('/')}/{name}" if visit.path != "/" else f"/{name}"
                node = self.process.find(path, follow=self.follow)
                if node is not None:
                    await self._walk(Visit(path, node, visit.depth + 1), test)
        if self.depth_first and visit.depth >= self.shallowest:
            await test(visit)


def void(value: object) -> None:
    """Take a value and do nothing."""


async def _always(visit: Visit) -> bool:
    return True


def _gather(paths: list[str]) -> Test:
    async def run(visit: Visit) -> bool:
        paths.append(visit.path)
        return True

    return run


def _and(left: Test, right: Test) -> Test:
    async def run(visit: Visit) -> bool:
        return await left(visit) and await right(visit)

    return run


def _or(left: Test, right: Test) -> Test:
    async def run(visit: Visit) -> bool:
        return await left(visit) or await right(visit)

    return run


def _not(inner: Test) -> Test:
    async def run(visit: Visit) -> bool:
        return not await inner(visit)

    return run


def _pure(check: Callable[[Visit], bool]) -> Test:
    async def run(visit: Visit) -> bool:
        return check(visit)

    return run


def _compared(text: str, value: Callable[[Visit], float]) -> Test:
    """`+5`, `-5`, `5`."""
    digits = text.lstrip("+-")
    if not digits.isdigit():
        raise BadNumber(text)
    number = int(digits)
    if text[0] == "+":
        return _pure(lambda visit: value(visit) > number)
    if text[0] == "-":
        return _pure(lambda visit: value(visit) < number)
    return _pure(lambda visit: int(value(visit)) == number)


def _size(find: _Find, text: str) -> Test:
    match = re.fullmatch(r"([-+]?)(\d+)([ckbM]?)", text)
    if match is None:
        raise BadNumber(text)
    unit = _SIZE_UNITS[match.group(3)]
    return _compared(match.group(1) + match.group(2), lambda visit: -(-visit.node.size // unit))


def _perm(find: _Find, text: str) -> Test:
    digits = text.lstrip("+-/")
    wanted = int(digits, 8) if digits.isdigit() else 0
    if text[0] == "-":
        return _pure(lambda visit: visit.node.mode & wanted == wanted)
    if text[0] in "+/":
        return _pure(lambda visit: bool(visit.node.mode & wanted))
    return _pure(lambda visit: visit.node.mode == wanted)


def _age(unit: float) -> Callable[[_Find, str], Test]:
    return lambda find, text: _compared(text, lambda visit: (find.process.clock.now() - visit.node.mtime) // unit)


def _newer(find: _Find, name: str) -> Test:
    reference = find.process.fs.lookup(find.process.path(name)).mtime
    return _pure(lambda visit: visit.node.mtime > reference)


def _empty(visit: Visit) -> bool:
    return not visit.node.names() if isinstance(visit.node, Directory) else visit.node.size == 0


def _prune(visit: Visit) -> bool:
    visit.pruned = True
    return True


def _quit(visit: Visit) -> None:
    raise _Quit


_SIMPLE: dict[str, Callable[[_Find], Test]] = {
    "-print": lambda find: find.act(lambda visit: void(find.process.out(visit.path + "\n"))),
    "-print0": lambda find: find.act(lambda visit: void(find.process.out(visit.path + "\0"))),
    "-delete": lambda find: find.delete(),
    "-prune": lambda find: _pure(_prune),
    "-empty": lambda find: _pure(_empty),
    "-quit": lambda find: find.act(_quit),
    "-depth": lambda find: find.option(lambda: setattr(find, "depth_first", True)),
    "-follow": lambda find: find.option(lambda: setattr(find, "follow", True)),
    "-L": lambda find: find.option(lambda: setattr(find, "follow", True)),
    "-xdev": lambda find: _always,
    "-executable": lambda find: _pure(lambda visit: find.process.fs.allows(visit.node, EXECUTE)),
    "-true": lambda find: _always,
}
_TAKES: dict[str, Callable[[_Find, str], Test]] = {
    "-name": lambda find, text: _pure(lambda visit: pattern.matches(text, basename(visit.path))),
    "-iname": lambda find, text: _pure(lambda visit: pattern.matches(text.lower(), basename(visit.path).lower())),
    "-path": lambda find, text: _pure(lambda visit: pattern.matches(text, visit.path)),
    "-type": lambda find, text: _pure(lambda visit: visit.node.kind.replace("-", "f") == text),
    "-maxdepth": lambda find, text: find.limit("deepest", text),
    "-mindepth": lambda find, text: find.limit("shallowest", text),
    "-size": _size,
    "-perm": _perm,
    "-mtime": _age(86400),
    "-mmin": _age(60),
    "-newer": _newer,
    "-user": lambda find, text: _pure(
        lambda visit: str(visit.node.uid) == text or (text == "root" and not visit.node.uid)
    ),
}


async def main(process: Process) -> int:
    """The program."""
    return await _Find(process, process.argv[1:]).run()
