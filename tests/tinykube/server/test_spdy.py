"""SPDY's frames, against bytes written by hand and headers packed by zlib alone."""

import random
import struct
import zlib

import pytest

from tinykube.server import spdy
from tinykube.server.spdy import Data, Framer, GoAway, Open, Ping, Reply, Reset

HEADERS = {"streamtype": "data", "port": "80", "requestid": "0"}


def test_the_dictionary_is_that_of_the_draft():
    # every zlib stream made with a dictionary names it by this checksum
    assert (len(spdy.DICTIONARY), zlib.adler32(spdy.DICTIONARY)) == (1423, 0xE3C6A7C2)


def packed(packer, headers):
    block = struct.pack("!I", len(headers))
    for pair in headers.items():
        for text in pair:
            block += struct.pack("!I", len(text)) + text.encode()
    return packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)


def syn_stream(packer, stream, headers, flags=0):
    body = struct.pack("!IIBB", stream, 0, 0, 0) + packed(packer, headers)
    return struct.pack("!HHBBH", 0x8003, 1, flags, 0, len(body)) + body


def test_streams_opened_by_another_end_share_one_compression():
    packer = zlib.compressobj(9, zdict=spdy.DICTIONARY)
    first = syn_stream(packer, 1, {**HEADERS, "streamtype": "error"})
    second = syn_stream(packer, 3, HEADERS, flags=1)
    assert len(second) < len(first)
    assert list(Framer().received(first + second)) == [
        Open(1, {**HEADERS, "streamtype": "error"}),
        Open(3, HEADERS, last=True),
    ]


def test_a_reply_can_be_unpacked_by_zlib():
    framer = Framer()
    reply = framer.encode(Reply(1, {"a": "b"}))
    assert reply[:4] == b"\x80\x03\x00\x02"
    assert reply[8:12] == b"\0\0\0\1"
    plain = zlib.decompressobj(zdict=spdy.DICTIONARY).decompress(reply[12:])
    assert plain == b"\0\0\0\1" + b"\0\0\0\1a" + b"\0\0\0\1b"


@pytest.mark.parametrize(
    ("frame", "data"),
    [
        (Data(5, b"hello"), b"\0\0\0\5\0\0\0\5hello"),
        (Data(5, b"", last=True), b"\0\0\0\5\1\0\0\0"),
        (Reset(7, spdy.REFUSED_STREAM), b"\x80\x03\0\3\0\0\0\x08\0\0\0\7\0\0\0\3"),
        (Ping(9), b"\x80\x03\0\6\0\0\0\4\0\0\0\x09"),
        (GoAway(3, 1), b"\x80\x03\0\7\0\0\0\x08\0\0\0\3\0\0\0\1"),
    ],
)
def test_frames_without_headers(frame, data):
    assert Framer().encode(frame) == data
    assert list(Framer().received(data)) == [frame]


def test_frames_that_need_no_answer_are_passed_over():
    packer = zlib.compressobj(zdict=spdy.DICTIONARY)
    settings = b"\x80\x03\0\4\0\0\0\4\0\0\0\0"
    window = b"\x80\x03\0\x09\0\0\0\x08\0\0\0\1\0\0\1\0"
    more = struct.pack("!I", 1) + packed(packer, {"x": "y"})
    headers = struct.pack("!HHI", 0x8003, 8, len(more)) + more
    opened = syn_stream(packer, 1, HEADERS)  # packed in terms of the headers before
    assert list(Framer().received(settings + window + headers + opened)) == [Open(1, HEADERS)]


def test_frames_arrive_in_pieces_of_any_size():
    rng, sender, receiver = random.Random(4), Framer(), Framer()
    frames = [
        frame
        for n in range(1, 41, 2)
        for frame in (Open(n, {**HEADERS, "requestid": str(n)}), Data(n, rng.randbytes(rng.randrange(999))), Ping(n))
    ]
    wire, seen = b"".join(map(sender.encode, frames)), []
    while wire:
        size = rng.randrange(1, 400)
        seen += receiver.received(wire[:size])
        wire = wire[size:]
    assert seen == frames


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x80\x02\0\6\0\0\0\4\0\0\0\1", "version 2"),
        (b"\x80\x03\0\x63\0\0\0\0", "unknown frame type 99"),
        (b"\x80\x03\0\6\0\0\0\2\0\0", "a broken frame of type 6"),
        (b"\x80\x03\0\1\0\0\0\x0e\0\0\0\1\0\0\0\0\0\0junk", "a broken frame of type 1"),
    ],
)
def test_what_is_no_spdy_is_refused(data, words):
    with pytest.raises(spdy.SpdyError, match=words):
        list(Framer().received(data))


def test_headers_that_unpack_without_end_are_refused():
    bomb = syn_stream(zlib.compressobj(9, zdict=spdy.DICTIONARY), 1, {"x": "y" * 10_000_000})
    with pytest.raises(spdy.SpdyError, match="too long"):
        list(Framer().received(bomb))
