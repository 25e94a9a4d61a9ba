import asyncio

import pytest

from tinykube.clock import Clock
from tinykube.node import logs
from tinykube.node.logs import ContainerLog, read


async def filled():
    clock = Clock(0)
    log = ContainerLog(clock)
    for number in range(5):
        log("stderr" if number == 3 else "stdout", f"line {number}\n".encode())
        await clock.advance(10)
    return clock, log


async def collect(log, now, **options):
    return b"".join([chunk async for chunk in read(log, options, now)]).decode()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "line 0\nline 1\nline 2\nline 3\nline 4\n"),
        ({"tailLines": 2}, "line 3\nline 4\n"),
        ({"tailLines": 0}, ""),
        ({"tailLines": -1, "sinceSeconds": 25}, "line 3\nline 4\n"),
        ({"sinceTime": 20.0}, "line 2\nline 3\nline 4\n"),
        ({"sinceSeconds": 25, "tailLines": 1}, "line 4\n"),
        ({"limitBytes": 9}, "line 0\nli"),
        ({"tailLines": 1, "timestamps": True}, "1970-01-01T00:00:40.000000000Z line 4\n"),
    ],
)
async def test_options(options, expected):
    clock, log = await filled()
    assert await collect(log, clock.now(), **options) == expected


async def test_parts_of_a_long_line_count_and_are_stamped_once():
    log = ContainerLog(Clock(0))
    for part in (b"first\n", b"aaa", b"bbb\n"):
        log("stdout", part)
    assert await collect(log, 0, tailLines=1) == "aaabbb\n"
    assert await collect(log, 0, tailLines=1, timestamps=True) == "1970-01-01T00:00:00.000000000Z aaabbb\n"


async def test_a_follower_gets_new_lines_until_the_end():
    clock, log = await filled()
    got = []

    async def follow():
        async for chunk in read(log, {"follow": True, "tailLines": 1}, clock.now()):
            got.append(chunk)

    task = asyncio.create_task(follow())
    await clock.settle()
    log("stdout", b"more\n")
    await clock.settle()
    assert got == [b"line 4\n", b"more\n"]
    log.close()
    await task


async def test_the_oldest_half_goes_when_a_log_is_full(monkeypatch):
    monkeypatch.setattr(logs, "LIMIT", 100)
    log = ContainerLog(Clock(0))
    for number in range(30):
        log("stdout", f"line {number:02}\n".encode())
    text = await collect(log, 0)
    assert text.endswith("line 29\n")
    assert 40 < len(text) <= 100
    assert len(log) == 30
