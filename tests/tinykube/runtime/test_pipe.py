"""Pipes: bounded, with an end that readers see and readers whose absence writers see."""

import asyncio

import pytest

from tinykube.runtime.pipe import CAPACITY, Capture, pipe
from tinykube.runtime.streams import LONGEST_LOG_LINE, LineSink


async def test_a_reader_waits_for_bytes_and_then_for_the_end():
    reader, writer = pipe()
    reading = asyncio.create_task(reader.readline())
    await asyncio.sleep(0)
    writer.write(b"par")
    await asyncio.sleep(0)
    assert not reading.done()
    writer.write(b"t\nnext")
    assert await reading == b"part\n"
    writer.release()
    assert await reader.read() == b"next"
    assert await reader.read() == b""


async def test_a_full_pipe_asks_the_writer_to_drain_until_the_reader_reads():
    reader, writer = pipe()
    assert not writer.write(b"x" * CAPACITY)
    draining = asyncio.create_task(writer.drain())
    await asyncio.sleep(0)
    assert not draining.done()
    await reader.read(10)
    await draining


async def test_a_line_longer_than_the_pipe_still_arrives_whole():
    reader, writer = pipe()
    reading = asyncio.create_task(reader.readline())
    for _ in range(3):
        if not writer.write(b"x" * CAPACITY):
            await writer.drain()
    writer.write(b"\n")
    assert len(await reading) == 3 * CAPACITY + 1


async def test_writing_without_a_reader_is_a_broken_pipe():
    reader, writer = pipe()
    reader.release()
    with pytest.raises(BrokenPipeError):
        writer.write(b"x")
    with pytest.raises(BrokenPipeError):
        await writer.drain()


async def test_the_end_comes_when_the_last_writer_has_gone():
    reader, writer = pipe()
    writer.retain()
    writer.release()
    writer.write(b"x")
    assert await reader.read() == b"x"
    writer.release()
    assert await reader.read() == b""


async def test_a_capture_waits_for_every_writer():
    capture = Capture()
    capture.retain()
    capture.write(b"a")
    capture.release()
    finishing = asyncio.create_task(capture.finished())
    await asyncio.sleep(0)
    assert not finishing.done()
    capture.write(b"b")
    capture.release()
    assert await finishing == b"ab"


def test_a_log_gets_whole_lines_and_the_rest_at_the_end():
    lines = []
    sink = LineSink("stdout", lambda stream, line: lines.append((stream, line)))
    for piece in (b"on", b"e\ntwo\nth", b"ree"):
        sink.write(piece)
    assert lines == [("stdout", b"one\n"), ("stdout", b"two\n")]
    sink.flush()
    assert lines[-1] == ("stdout", b"three")


def test_a_very_long_line_is_logged_in_pieces():
    lines = []
    sink = LineSink("stdout", lambda stream, line: lines.append(line))
    sink.write(b"x" * (LONGEST_LOG_LINE + 10) + b"\n")
    assert [len(line) for line in lines] == [LONGEST_LOG_LINE, 11]
