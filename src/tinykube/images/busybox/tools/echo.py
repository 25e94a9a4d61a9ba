"""echo.

Models busybox's coreutils/echo.c.
"""

from __future__ import annotations

from tinykube.images.busybox.tools.escapes import unescape
from tinykube.runtime.process import Process


def text_of(words: list[str]) -> str:
    """What `echo WORDS` prints."""
    newline, escapes = True, False
    first = 0
    for word in words:
        if len(word) < 2 or word[0] != "-" or word.strip("neE") != "-":
            break
        for letter in word[1:]:
            if letter == "n":
                newline = False
            else:
                escapes = letter == "e"
        first += 1
    text = " ".join(words[first:])
    if escapes and "\\" in text:
        text, stopped = unescape(text, octal_zero=True)
        if stopped:
            return text
    return text + "\n" if newline else text


async def main(process: Process) -> int:
    """The program."""
    process.out(text_of(process.argv[1:]))
    await process.drain()
    return 0
