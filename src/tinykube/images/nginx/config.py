"""nginx's configuration files: from text to a tree of directives.

Law: syntax only, includes followed; `ConfigError` carries nginx's words with file and line.

Models nginx's src/core/ngx_conf_file.c.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tinykube.runtime.filesystem import FileSystem

PREFIX = "/etc/nginx"
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|([{};])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:\\.|\$\{|[^\s{};"'\\])(?:\\.|\$\{\w+\}|[^\s{};\\])*)""",
    re.DOTALL,
)


class ConfigError(Exception):
    """The configuration is refused; the text follows `[emerg]`."""


@dataclass
class Directive:
    """`name args;` or `name args { block }` with where it stands."""

    name: str
    args: list[str]
    file: str
    line: int
    block: list[Directive] | None = None
    parent: str = field(default="", compare=False)

    @property
    def where(self) -> str:
        """`FILE:LINE`, as at the end of nginx's messages."""
        return f"{self.file}:{self.line}"

    def fail(self, message: str) -> ConfigError:
        """The error to raise about this directive."""
        return ConfigError(f"{message} in {self.where}")


def _unescaped(text: str) -> str:
    """A word without its escapes; a backslash before anything else stays, as regular expressions want it."""
    known = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
    return re.sub(r"\\(.)", lambda match: known.get(match.group(1), match.group()), text, flags=re.DOTALL)


def _tokens(text: str) -> Iterator[tuple[str, bool, int]]:
    """Each token, whether it is a word (not punctuation), and its line."""
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield text[position], True, line
            position += 1
            continue
        punctuation, double, single, plain = match.groups()
        if punctuation:
            yield punctuation, False, line
        elif double is not None or single is not None:
            yield _unescaped(double if double is not None else single), True, line
        elif plain is not None:
            yield _unescaped(plain), True, line
        line += match.group().count("\n")
        position = match.end()


class _Reader:
    def __init__(self, fs: FileSystem, path: str, text: str) -> None:
        self.fs, self.path = fs, path
        self.tokens = list(_tokens(text))
        self.last_line = text.count("\n") + 1
        self.i = 0

    def block(self, nested: bool, parent: str) -> list[Directive]:
        found: list[Directive] = []
        while self.i < len(self.tokens):
            token, word, line = self.tokens[self.i]
            self.i += 1
            if not word:
                if token == "}" and nested:
                    return found
                raise ConfigError(f'unexpected "{token}" in {self.path}:{line}')
            directive = self._directive(token, line, parent)
            if directive.name == "include" and directive.block is None:
                found += self._include(directive, parent)
            else:
                found.append(directive)
        if nested:
            raise ConfigError(f'unexpected end of file, expecting "}}" in {self.path}:{self.last_line}')
        return found

    def _directive(self, name: str, line: int, parent: str) -> Directive:
        directive = Directive(name, [], self.path, line, parent=parent)
        while self.i < len(self.tokens):
            token, word, at = self.tokens[self.i]
            self.i += 1
            if word:
                directive.args.append(token)
            elif token == ";":
                return directive
            elif token == "{":
                directive.block = self.block(True, name)
                return directive
            else:
                raise ConfigError(f'unexpected "}}" in {self.path}:{at}')
        raise ConfigError(f'unexpected end of file, expecting ";" or "}}" in {self.path}:{self.last_line}')

    def _include(self, directive: Directive, parent: str) -> list[Directive]:
        if not directive.args:
            raise directive.fail('invalid number of arguments in "include" directive')
        wanted = directive.args[0]
        path = wanted if wanted.startswith("/") else f"{PREFIX}/{wanted}"
        found: list[Directive] = []
        for name in _matching(self.fs, path):
            found += read(self.fs, name, parent, f" in {directive.where}")
        return found


def _matching(fs: FileSystem, path: str) -> list[str]:
    directory, _, pattern = path.rpartition("/")
    if not any(c in pattern for c in "*?["):
        return [path]
    try:
        names = fs.names(directory)
    except OSError:
        return []
    return [f"{directory}/{name}" for name in names if fnmatch.fnmatchcase(name, pattern) and name[0] != "."]


def read(fs: FileSystem, path: str, parent: str = "", where: str = "") -> list[Directive]:
    """The directives of a file. Raises ConfigError."""
    try:
        text = fs.read(path).decode("utf-8", "replace")
    except OSError as error:
        raise ConfigError(f'open() "{path}" failed ({error.errno}: {error.strerror}){where}') from None
    return _Reader(fs, path, text).block(False, parent)


def parse(fs: FileSystem, text: str, source: str = "command line") -> list[Directive]:
    """The directives of a text, such as what `-g` is given."""
    return _Reader(fs, source, text).block(False, "")
