"""Our callback met by strangers: junk, size, compression and half-sent bodies are refused, and nothing is heard."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.wechat.crypto import BODY_MAX
from channels.wechat.routes import PATH
from tests.channels.wechat.line import BEGAN, TENANT, Line, pushed, sealed, words

SECONDS = 10.0
"""How long an answer may take before the test gives up."""
STAMP = str(int(BEGAN.timestamp()))
OVER_THE_WIRE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUERIES = st.dictionaries(
    st.sampled_from(["timestamp", "nonce", "signature", "msg_signature", "encrypt_type", "echostr", "x"]),
    st.sampled_from([STAMP, "aes", "raw", "0" * 40, ""]) | st.text(st.characters(codec="utf-8"), max_size=40),
)


async def status_of(line: Line, query: dict[str, str], body: bytes, headers: dict[str, str] | None = None) -> int:
    async with line.session.post(line.door, params=query, data=body, headers=headers) as answer:
        return answer.status


async def told(line: Line, raw: bytes) -> bytes:
    """The first line of the answer to these bytes; the connection stays open meanwhile."""
    door = urlsplit(line.door)
    reader, writer = await asyncio.open_connection(door.hostname, door.port)
    try:
        writer.write(raw)
        async with asyncio.timeout(SECONDS):
            return await reader.readline()
    finally:
        writer.close()


@OVER_THE_WIRE
@given(query=QUERIES, body=st.binary(max_size=400))
async def test_junk_is_never_a_fault_of_ours_and_never_heard(line: Line, query: dict[str, str], body: bytes) -> None:
    assert await status_of(line, query, body) == 403
    assert line.ear.heard == []


@OVER_THE_WIRE
@given(inside=st.text(st.characters(codec="utf-8"), max_size=200))
async def test_junk_well_signed_is_never_a_fault_of_ours_and_never_heard(line: Line, inside: str) -> None:
    query, body = pushed(sealed(f"<xml><MsgType>text</MsgType>{inside}</xml>", appid=line.config.appid))
    assert await status_of(line, query, body) == 400
    assert line.ear.heard == []


@OVER_THE_WIRE
@given(at=st.integers(0, 2000), flip=st.integers(1, 255))
async def test_one_altered_byte_is_refused_or_changes_nothing(line: Line, at: int, flip: int) -> None:
    query, body = pushed(sealed(words(), appid=line.config.appid))
    altered = bytearray(body)
    altered[at % len(body)] ^= flip
    status = await status_of(line, query, bytes(altered))
    assert status in (200, 403)
    assert {heard.text for heard in line.ear.heard} <= {"你好"}


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "none-such"])
@pytest.mark.parametrize("truly", [False, True], ids=["as said", "not at all"])
async def test_a_compressed_body_is_not_unpacked(line: Line, encoding: str, truly: bool) -> None:
    query, body = pushed(sealed(words(), appid=line.config.appid))
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(encoding, body) if truly else body
    assert await status_of(line, query, packed, {"Content-Encoding": encoding}) in (400, 415)
    assert line.ear.heard == []


async def test_a_gzip_bomb_is_not_unpacked(line: Line) -> None:
    bomb = gzip.compress(b"0" * 20_000_000)
    assert len(bomb) < BODY_MAX
    assert await status_of(line, {}, bomb, {"Content-Encoding": "gzip"}) == 415


async def test_a_length_over_the_limit_is_refused_before_the_body_comes(line: Line) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY_MAX + 1}\r\n\r\n"
    assert await told(line, head.encode()) == b"HTTP/1.1 413 Request Entity Too Large\r\n"


async def test_a_body_in_chunks_is_refused_when_it_has_become_too_long(line: Line) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert await told(line, head + chunk * 3) == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    assert line.ear.heard == []


async def test_the_largest_body_is_still_read(line: Line) -> None:
    query, body = pushed(sealed(words(), appid=line.config.appid))
    assert await status_of(line, query, body + b" " * (BODY_MAX - len(body))) == 200
    assert await status_of(line, query, body + b" " * (BODY_MAX + 1 - len(body))) == 413
    assert len(line.ear.heard) == 1


@pytest.mark.parametrize(
    "query", [b"signature=\xff\xfe", b"signature=%ed%a0%80", b"signature=%ff&nonce=%00"], ids=["raw", "half", "percent"]
)
async def test_an_address_that_is_no_text_is_refused(line: Line, query: bytes) -> None:
    stamped = b"timestamp=" + STAMP.encode() + b"&" + query
    status = (await told(line, b"GET " + PATH.encode() + b"?" + stamped + b" HTTP/1.1\r\nHost: x\r\n\r\n"))[9:12]
    assert status in (b"400", b"403")


@pytest.mark.parametrize(
    "encrypted", ["!!!!", "好", "QUJD", "A" * 43, "="], ids=["marks", "Chinese", "short", "43", "="]
)
async def test_a_signed_envelope_that_cannot_be_opened_is_refused(
    line: Line, encrypted: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await status_of(line, *pushed(encrypted)) == 403
    assert line.ear.heard == []
    assert [record.getMessage().startswith("push refused (403)") for record in caplog.records] == [True]
    assert TENANT not in caplog.text
