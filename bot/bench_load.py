"""The load of the bench, in a process of its own: WeChat's callbacks, sealed beforehand, over so many connections."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from channels.wechat.config import WeChatConfig
from channels.wechat.crypto import Envelope, Opened

APPID, SECRET, TOKEN = "wx0000000000bench1", "bench-secret", "bench-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CONFIG = WeChatConfig(APPID, SECRET, TOKEN, AES_KEY)
PATH = "/callbacks/wechat"
TEXTS = ("押金什么时候退", "有哪些方案", "我再考虑考虑", "你好")
"""A question, the offers, a change of state with a timer, and a greeting: none ends the conversation."""
ANSWER_SECONDS = 30


class Load(msgspec.Struct, frozen=True):
    """``first`` numbers the first message: a number is never used twice, so that nothing is a duplicate.

    ``copies`` of each are sent in any order; ``at`` is the instant on the stamps, now by default. ``queued``: an answer
    may be a plain ``success``, because earlier words to that tenant still wait.
    """

    port: int
    tenants: int
    messages: int
    first: int
    connections: int = 32
    seed: int = 1
    copies: int = 1
    at: datetime | None = None
    queued: bool = False


class Loaded(msgspec.Struct, frozen=True):
    """Wall seconds of the whole, and latencies in seconds."""

    wall: float
    p50: float
    p99: float


def openid(number: int) -> str:
    return f"o-bench-{number:07d}"


def requests(load: Load) -> list[bytes]:
    """The HTTP requests, ready to be written; sealing them is no part of what is measured."""
    envelope, luck, now = Envelope(CONFIG), random.Random(load.seed), load.at or datetime.now(UTC)
    single = [
        _request(envelope, openid(luck.randrange(load.tenants)), load.first + n, now) for n in range(load.messages)
    ]
    if load.copies == 1:
        return single
    many = single * load.copies
    luck.shuffle(many)
    return many


def _request(envelope: Envelope, sender: str, number: int, now: datetime) -> bytes:
    text = TEXTS[number % len(TEXTS)]
    inner = (
        f"<xml><ToUserName>gh_bench</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType>text</MsgType>"
        f"<Content>{text}</Content><MsgId>{number}</MsgId></xml>"
    )
    sealed = envelope.seal(Opened({}, previous=False), inner, now)
    signature, stamp, nonce = (_between(sealed, tag) for tag in ("MsgSignature", "TimeStamp", "Nonce"))
    body = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt>{_between(sealed, 'Encrypt')}</Encrypt></xml>".encode()
    query = f"signature=x&timestamp={stamp}&nonce={nonce}&encrypt_type=aes&msg_signature={signature}"
    head = (
        f"POST {PATH}?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _between(xml: str, tag: str) -> str:
    """The text of a tag, without a CDATA wrapping."""
    inside = xml.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0].strip()
    return inside.removeprefix("<![CDATA[").removesuffix("]]>")


async def fire(load: Load) -> Loaded:
    """Sends everything once. Raises RuntimeError at the first answer that is not a sealed reply."""
    waiting = iter(requests(load))
    took: list[float] = []
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(load.connections):
            group.create_task(_converse(load, waiting, took))
    wall = time.perf_counter() - started
    took.sort()
    return Loaded(wall, took[len(took) // 2], took[len(took) * 99 // 100])


async def _converse(load: Load, waiting: Iterator[bytes], took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    try:
        for request in waiting:
            started = time.perf_counter()
            writer.write(request)
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await _answer(reader)
            took.append(time.perf_counter() - started)
            if b"<Encrypt>" not in answer and not (load.queued and answer == b"success"):
                raise RuntimeError(f"not a sealed reply: {answer[:300]!r}")
    finally:
        writer.close()
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"refused: {head[:200]!r}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.split(b":")[1]))


def main() -> None:
    """A ``Load`` as JSON on standard input, a ``Loaded`` on standard output."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(fire(load))))


if __name__ == "__main__":
    main()
