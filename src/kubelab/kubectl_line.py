"""A kubectl command line, taken apart: its words, and how long it may run. Pure functions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from kubelab import durations
from kubelab.errors import KubelabError

ENDLESS = 30.0
"""Cluster seconds after which a command that never ends by itself is ended, unless `--for` says otherwise."""
PATIENT = 3600.0
"""The same for commands that do end by themselves, once what they wait for happens."""

_SHELL = set("|&;<>")


@dataclass(frozen=True)
class Command:
    """A kubectl command line taken apart. `limit` is in cluster seconds."""

    arguments: list[str]
    limit: float
    asked: bool
    """The learner chose the limit (`--for`)."""
    timeout: float | None = None
    """kubectl's own --timeout, which it would measure with the wall's clock."""


def parse(line: str) -> Command:
    """Understand what stands after `%kubectl`.

    Raises:
        KubelabError: it needs a shell, or quotes are not closed.
    """
    words = _split(line)
    asked = None
    while words and words[0].split("=")[0] == "--for":
        value = words[0].partition("=")[2] or (words[1] if len(words) > 1 else "")
        words = words[1:] if "=" in words[0] else words[2:]
        asked = durations.parse(value)
    timeout = _timeout(words)
    limit = asked if asked is not None else timeout if timeout is not None else ENDLESS if _endless(words) else PATIENT
    return Command(words, limit, asked is not None, timeout if asked is None else None)


def _split(line: str) -> list[str]:
    lexer = shlex.shlex(line.replace("\\\n", " "), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError as error:
        raise KubelabError(f"This command line cannot be read: {error}.", "Look at its quotes.") from error
    for word in words:
        if word and set(word) <= _SHELL:
            raise KubelabError(
                f"%kubectl runs kubectl alone, without a shell, so {word!r} means nothing here.",
                "Quote it if it belongs to an argument; for pipes, use a terminal, or Python and `lab.kubectl(...)`.",
            )
    return words


def _endless(words: Sequence[str]) -> bool:
    """Whether the command goes on until somebody ends it."""
    before = _before_dashes(words)
    verb = next((word for word in before if not word.startswith("-")), "")
    watches = any(word in ("-w", "--watch", "--watch-only", "--watch=true") for word in before)
    follows = any(word in ("-f", "--follow", "--follow=true") for word in before)
    if verb == "rollout":
        return False
    return watches or verb in ("port-forward", "proxy", "attach") or (verb == "logs" and follows)


def _timeout(words: Sequence[str]) -> float | None:
    """The time-out that kubectl would keep, in seconds; None if it would wait for ever or has none."""
    before = _before_dashes(words)
    name, value = _timeout_option(before)
    for position, word in enumerate(before):
        if word.startswith(f"{name}="):
            value = word.partition("=")[2]
        elif word == name and position + 1 < len(before):
            value = before[position + 1]
    if not name or not re.fullmatch(r"[\d.hmsun]+", value):
        return None
    return durations.parse(value) or None


def _timeout_option(words: Sequence[str]) -> tuple[str, str]:
    """The option by which the command is told how long to wait for something, and its default."""
    plain = [word for word in words if not word.startswith("-")]
    verb, kind = plain[0] if plain else "", plain[1].partition("/") if len(plain) > 1 else ("", "", "")
    if verb == "wait":
        return "--timeout", "30s"
    if verb in ("rollout", "delete", "drain", "apply", "replace"):
        return "--timeout", ""
    if verb == "logs" and kind[1] and kind[0] not in ("pod", "pods", "po") and not _endless(words):
        return "--pod-running-timeout", "20s"  # for a Pod of that Job or Deployment to be there
    return "", ""


def _before_dashes(words: Sequence[str]) -> list[str]:
    return list(words[: words.index("--")]) if "--" in words else list(words)


def giving_up_after(arguments: Sequence[str], timeout: str) -> list[str]:
    """The same command with another time-out."""
    name = _timeout_option(_before_dashes(arguments))[0]
    kept: list[str] = []
    skip = False
    for word in arguments:
        if not skip and word != name and not word.startswith(f"{name}="):
            kept.append(word)
        skip = word == name
    return [*kept[:1], f"{name}={timeout}", *kept[1:]]
