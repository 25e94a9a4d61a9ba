"""SPDY/3.1 frames, as far as port forwarding needs them.

Law: bytes to frames and back, without I/O. One `Framer` serves one connection: the headers of all its frames share one
compression in each direction, so every frame has to pass through it, in order. There is no flow control, as in
spdystream: SETTINGS and WINDOW_UPDATE are read and forgotten.

Models github.com/moby/spdystream/spdy, which Kubernetes speaks; the protocol is Chromium's SPDY draft 3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_VERSION = 3
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _HEADERS, _WINDOW_UPDATE = 1, 2, 3, 4, 6, 7, 8, 9
_FIN = 1
_LONGEST_HEADERS = 64 * 1024
"""Bytes that a header block may have when it is unpacked."""

PROTOCOL_ERROR, REFUSED_STREAM = 1, 3
"""Why a stream is reset."""

_WORDS = (
    "options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|accept-language|accept-ranges|age|allow|"
    "authorization|cache-control|connection|content-base|content-encoding|content-language|content-length|"
    "content-location|content-md5|content-range|content-type|date|etag|expect|expires|from|host|if-match|"
    "if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|location|max-forwards|pragma|"
    "proxy-authenticate|proxy-authorization|range|referer|retry-after|server|te|trailer|transfer-encoding|upgrade|"
    "user-agent|vary|via|warning|www-authenticate|method|get|status|200 OK|version|HTTP/1.1|url|public|set-cookie|"
    "keep-alive|origin"
)
_TAIL = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _counted(word: bytes) -> bytes:
    return struct.pack("!I", len(word)) + word


DICTIONARY = b"".join(_counted(word.encode()) for word in _WORDS.split("|")) + _TAIL.encode()
"""What both ends have seen before the first header (SPDY draft 3, 2.6.10.1)."""


class SpdyError(ValueError):
    """The other end does not keep to the protocol."""


@dataclass(frozen=True)
class Open:
    """SYN_STREAM: a new stream; `last` if its opener sends nothing on it."""

    stream: int
    headers: dict[str, str] = field(default_factory=dict)
    last: bool = False


@dataclass(frozen=True)
class Reply:
    """SYN_REPLY: a stream is accepted."""

    stream: int
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Data:
    """Bytes of a stream; with `last` there are no more in this direction."""

    stream: int
    data: bytes = b""
    last: bool = False


@dataclass(frozen=True)
class Reset:
    """RST_STREAM: a stream ends, in both directions."""

    stream: int
    status: int


@dataclass(frozen=True)
class Ping:
    """Sent back as it is."""

    number: int


@dataclass(frozen=True)
class GoAway:
    """No new streams any more."""

    last_stream: int = 0
    status: int = 0


Frame = Open | Reply | Data | Reset | Ping | GoAway


class Framer:
    """The frames of one connection, in both directions."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._unpack = zlib.decompressobj(zdict=DICTIONARY)
        self._pack = zlib.compressobj(9, zdict=DICTIONARY)

    def received(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data`, and what was left over before, complete.

        Raises:
            SpdyError: it is not SPDY/3.
        """
        self._buffer += data
        while len(self._buffer) >= 8:
            first, second = struct.unpack_from("!II", self._buffer)
            length = second & 0xFFFFFF
            if len(self._buffer) < 8 + length:
                return
            body = bytes(self._buffer[8 : 8 + length])
            del self._buffer[: 8 + length]
            frame = self._frame(first, second >> 24, body)
            if frame is not None:
                yield frame

    def _frame(self, first: int, flags: int, body: bytes) -> Frame | None:
        last = bool(flags & _FIN)
        if not first >> 31:
            return Data(first, body, last)
        if first >> 16 & 0x7FFF != _VERSION:
            raise SpdyError(f"version {first >> 16 & 0x7FFF} of SPDY is not spoken here")
        try:
            return self._control(first & 0xFFFF, body, last)
        except (struct.error, zlib.error, UnicodeDecodeError) as problem:
            raise SpdyError(f"a broken frame of type {first & 0xFFFF}: {problem}") from None

    def _control(self, kind: int, body: bytes, last: bool) -> Frame | None:
        if kind == _SYN_STREAM:
            return Open(_stream(body), self._unpacked(body[10:]), last)
        if kind == _SYN_REPLY:
            return Reply(_stream(body), self._unpacked(body[4:]))
        if kind == _HEADERS:
            self._unpacked(body[4:])  # nobody needs them, but later ones are packed in their terms
            return None
        if kind == _RST_STREAM:
            return Reset(_stream(body), struct.unpack_from("!I", body, 4)[0])
        if kind == _PING:
            return Ping(struct.unpack("!I", body)[0])
        if kind == _GOAWAY:
            return GoAway(_stream(body), struct.unpack_from("!I", body, 4)[0])
        if kind in (_SETTINGS, _WINDOW_UPDATE):
            return None
        raise SpdyError(f"an unknown frame type {kind}")

    def _unpacked(self, block: bytes) -> dict[str, str]:
        data = self._unpack.decompress(block, _LONGEST_HEADERS)
        if self._unpack.unconsumed_tail:
            raise SpdyError("the headers of a stream are too long")
        (count,) = struct.unpack_from("!I", data)
        texts, position = [], 4
        for _ in range(2 * min(count, len(data))):
            (length,) = struct.unpack_from("!I", data, position)
            texts.append(data[position + 4 : position + 4 + length].decode())
            position += 4 + length
        return dict(zip(texts[::2], texts[1::2], strict=True))

    def encode(self, frame: Frame) -> bytes:
        """A frame as bytes; they have to be sent in the order in which they were made."""
        match frame:
            case Open(stream, headers, last):
                return _control(_SYN_STREAM, struct.pack("!IIH", stream, 0, 0) + self._packed(headers), last)
            case Reply(stream, headers):
                return _control(_SYN_REPLY, struct.pack("!I", stream) + self._packed(headers))
            case Data(stream, data, last):
                return struct.pack("!II", stream, last << 24 | len(data)) + data
            case Reset(stream, status):
                return _control(_RST_STREAM, struct.pack("!II", stream, status))
            case Ping(number):
                return _control(_PING, struct.pack("!I", number))
            case GoAway(last_stream, status):
                return _control(_GOAWAY, struct.pack("!II", last_stream, status))

    def _packed(self, headers: dict[str, str]) -> bytes:
        texts = [text.encode() for pair in headers.items() for text in pair]
        block = struct.pack("!I", len(headers)) + b"".join(map(_counted, texts))
        return self._pack.compress(block) + self._pack.flush(zlib.Z_SYNC_FLUSH)


def _stream(body: bytes) -> int:
    number: int = struct.unpack_from("!I", body)[0] & 0x7FFFFFFF
    return number


def _control(kind: int, body: bytes, last: bool = False) -> bytes:
    return struct.pack("!HHI", 0x8000 | _VERSION, kind, last << 24 | len(body)) + body
