"""Bytes become messages, whatever stands between them."""

import random

import pytest

from perforch.lsp.framing import MOST_BYTES, Body, Frames, Garbage


def frame(content: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(content), content)


def bodies(*pieces: bytes) -> list[bytes]:
    frames = Frames()
    found = [each for piece in pieces for each in frames.feed(piece)]
    return [each.content for each in found if isinstance(each, Body)]


@pytest.mark.parametrize(
    ("noise", "why"),
    [
        (b"", "nothing before it"),
        (b"hello\r\n\r\n", "a paragraph before it"),
        (b"hello", "a word right before it"),
        (b"Content-Type: x\r\n\r\n", "a header without a length"),
        (b"Content-Length: abc\r\n\r\n", "a length that is no number"),
        (b"Content-Length: -5\r\n\r\n", "a negative length"),
        (b"Content-Length: %d\r\n\r\n" % (MOST_BYTES + 1), "a length beyond all files"),
        (b"Content-Length: 99999999999999999999999\r\n\r\n", "a length beyond all machines"),
        (b"x" * 100_000, "more bytes than a header has"),
        (b"Content-Length: " * 50_000, "thousands of headers that do not end"),
        (b"\0\xff\r\n\r\n\r\n", "bytes that are no text"),
    ],
)
def test_a_message_is_found_after_noise(noise: bytes, why: str) -> None:
    assert bodies(noise + frame(b"{}"))[-1] == b"{}", why


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"Content-Type: x\r\ncontent-length:2\r\n\r\n",
        b"CONTENT-LENGTH :  2 \r\n\r\n",
        b"Content-Length: 2\n\n",
    ],
)
def test_headers_are_read_as_liberally_as_they_are_written(header: bytes) -> None:
    assert bodies(header + b"{}" + frame(b"[]")) == [b"{}", b"[]"]


def test_messages_may_come_in_pieces_of_any_size() -> None:
    rng = random.Random(0)
    contents = [bytes(rng.choices(b'{"a": 1}\r\n', k=rng.randrange(0, 300))) for _ in range(200)]
    stream = b"".join(map(frame, contents))
    cuts = sorted(rng.randrange(len(stream)) for _ in range(500))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert bodies(*pieces) == contents


def test_what_was_skipped_is_named() -> None:
    assert [type(each) for each in Frames().feed(b"nonsense\r\n\r\n")] == [Garbage]
