"""awk's files and commands: print > file, print | command, getline < file, command | getline, system.

Models busybox's editors/awk.c (next_input_file, nextrec).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.awk.values import Input, Value, string
from tinykube.runtime.pipe import pipe
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream


class Files:
    """What a program has open, by name."""

    def __init__(self, process: Process, source: AsyncIterator[tuple[str, str]]) -> None:
        self.process, self.source = process, source
        self._writing: dict[str, tuple[Stream, Process | None]] = {}
        self._reading: dict[str, Stream] = {}

    async def write(self, operator: str, name: str, text: str) -> None:
        """print: to standard output, or with an operator to a file or a command."""
        data = text.encode("utf-8", "surrogateescape")
        if not operator:
            if not self.process.out(data):
                await self.process.drain()
            return
        if name not in self._writing:
            self._writing[name] = self._command(name) if operator == "|" else (self._file(operator, name), None)
        stream, _ = self._writing[name]
        if not stream.write(data):
            await stream.drain()

    def _file(self, operator: str, name: str) -> Stream:
        special = {"/dev/stdout": 1, "/dev/stderr": 2, "-": 1}.get(name)
        if special is not None:
            return self.process.fd(special).retain()
        return self.process.open(name, "w" if operator == ">" else "a")

    def _shell(self, command: str) -> Process:
        program, argv = self.process.load("/bin/sh", ["sh", "-c", command])
        return self.process.fork(program, argv)

    def _command(self, command: str) -> tuple[Stream, Process]:
        reader, writer = pipe()
        child = self._shell(command)
        child.fds[0].release()
        child.fds[0] = reader
        return writer, child.start()

    async def read(self, kind: str, name: str) -> str | int | None:
        """getline: a line without its newline, None at the end, -1 if it cannot be opened."""
        if name not in self._reading:
            try:
                self._reading[name] = self._output_of(name) if kind == "|" else lines.open_input(self.process, name)
            except OSError:
                return -1
        line = await self._reading[name].readline()
        return lines.text(line).removesuffix("\n") if line else None

    def _output_of(self, command: str) -> Stream:
        reader, writer = pipe()
        child = self._shell(command)
        child.fds[1].release()
        child.fds[1] = writer
        child.start()
        return reader

    async def next_main(self) -> str | None:
        """getline without a source: the next record."""
        record = await anext(self.source, None)
        return None if record is None else record[1]

    async def system(self, command: str) -> int:
        """Run a command and wait."""
        return await self.process.call(self._shell(command))

    async def close(self, name: str) -> int:
        """Close what is open by that name; -1 if nothing is."""
        if name in self._reading:
            self._reading.pop(name).release()
            return 0
        if name not in self._writing:
            return -1
        stream, child = self._writing.pop(name)
        stream.release()
        return 0 if child is None else await child.wait()

    async def close_all(self) -> None:
        """At the end: commands that are written to run to their end."""
        for name in list(self._writing):
            await self.close(name)


async def records(
    process: Process, names: list[str], variables: dict[str, Value], problems: list[str]
) -> AsyncIterator[tuple[str, str]]:
    """Each record with its file's name; `name=value` among the names assigns when its turn comes."""
    inputs = 0
    for name in [*names, ""]:
        assignment = re.fullmatch(r"([A-Za-z_]\w*)=(.*)", name, re.DOTALL)
        if assignment is not None:
            variables[assignment.group(1)] = Input(assignment.group(2))
            continue
        if name == "" and inputs:
            return
        inputs += 1
        try:
            stream = lines.open_input(process, name or "-")
        except OSError as error:
            process.err(f"{process.name}: {name}: {error.strerror}\n")
            problems.append(name)
            continue
        while (record := await _record(stream, string(variables["RS"]))) is not None:
            yield name, record
        stream.release()


async def _record(stream: Stream, separator: str) -> str | None:
    """The next record: a line; with RS empty a paragraph; else what ends at RS."""
    if separator == "\n":
        line = await stream.readline()
        return lines.text(line[:-1] if line.endswith(b"\n") else line) if line else None
    if separator == "":
        return await _paragraph(stream)
    data = b""
    end = separator.encode("utf-8", "surrogateescape")
    while not data.endswith(end):
        piece = await stream.read(1)
        if not piece:
            text = lines.text(data).removesuffix("\n")
            return text if text else None
        data += piece
    return lines.text(data[: -len(end)])


async def _paragraph(stream: Stream) -> str | None:
    rows: list[str] = []
    while line := await stream.readline():
        text = lines.text(line).removesuffix("\n")
        if text:
            rows.append(text)
        elif rows:
            break
    return "\n".join(rows) if rows else None
