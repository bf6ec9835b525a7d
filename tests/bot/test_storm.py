"""A storm at WeChat's door: every push four times, out of order, over twenty connections, while every sender hangs."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable

import aiohttp
import msgspec

from backend.db.port import Stored
from backend.sandbox.wechat_seal import Box, field_of, signature
from bot.dispatcher import LANE_LIMITS, Dispatcher
from bot.effects.chat import Mouth, chat_hands
from bot.wakeups import Wakeups
from channels.port import Accepted, Outbound
from dialogs.effects import Lane
from dialogs.events import Heard, OfferPrepared, TierDue
from dialogs.lease import Comps
from dialogs.rungs import Rung
from tests.bot.across import AES_KEY, APPID, Across
from tests.bot.shell import Shell
from tests.bot.stage import Stage, row

TENANTS, COPIES, CONNECTIONS = 24, 4, 20
WORDS = ("有哪些方案", "2", "确认", "押金什么时候退", "谢谢")
CUT_SECONDS = 5
"""WeChat cuts a push that has no answer by then; how quick the answers are, ``xuzu bench storm`` measures."""


class Hanging:
    """A channel whose provider answers nobody until the storm is over."""

    name = "wechat"
    rungs = (Rung.TEMPLATE, Rung.WINDOW)

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.waiting = 0

    async def caps(self, rung: Rung, now: object) -> object:
        raise AssertionError("nobody asks")

    def shown(self, rung: Rung, message: Outbound) -> str:
        return message.text

    async def send(self, rung: Rung, address: str, message: Outbound, idem: str) -> Accepted:
        self.waiting += 1
        await self.over.wait()
        return Accepted(f"hung-{idem}")


class Push(msgspec.Struct, frozen=True):
    number: str
    query: dict[str, str]
    body: bytes


def push(openid: str, text: str, number: int, stage: Stage) -> Push:
    stamp = str(int(stage.clock.now().timestamp()))
    xml = (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{stamp}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>"
    )
    sealed = Box(AES_KEY, APPID, random.Random(number)).close(xml)
    nonce = f"n{number}"
    query = {
        "timestamp": stamp, "nonce": nonce, "encrypt_type": "aes",
        "msg_signature": signature("stage-token", stamp, nonce, sealed),
    }  # fmt: skip
    return Push(str(number), query, f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode())


async def settled(stage: Stage) -> list[Stored]:
    """Renewals with a first reminder in the outbox."""
    first = await stage.opened(*(row(number) for number in range(1, TENANTS + 1)))
    found = await stage.store.renewals(first.operator)
    for stored in found:
        await stage.tell(stored, TierDue("T-30"))
    await stage.settle_all()
    for stored in found:
        await stage.tell(stored, OfferPrepared(Comps()))
    return found


async def blow(pushes: list[Push], url: str) -> dict[str, Counter[str]]:
    """Every answer to every message, by message number; the words inside, empty for a plain success."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    box, waiting = Box(AES_KEY, APPID, random.Random(0)), iter(pushes)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    timeout = aiohttp.ClientTimeout(total=CUT_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def connection() -> None:
            for one in waiting:
                async with session.post(url, params=one.query, data=one.body) as answer:
                    assert answer.status == 200
                    text = await answer.text()
                answers[one.number][_words(text, box)] += 1

        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return answers


def _words(text: str, box: Box) -> str:
    return "" if text == "success" else field_of(box.open(field_of(text, "Encrypt")), "Content")


async def until(there: Callable[[], bool], step: Callable[[], Awaitable[object]]) -> None:
    for _ in range(2000):
        if there():
            return
        await step()
    raise AssertionError("it never came to that")


async def test_nothing_is_done_twice_and_every_push_is_answered(stage: Stage, across: Across) -> None:
    shell = Shell(stage, across.adapters)
    shell.answer_at(across.doors)
    found = await settled(stage)
    hanging = Hanging()
    mouth = Mouth(stage.turns, {"wechat": hanging}, stage.speaker)
    sender = Dispatcher(stage.turns, chat_hands(mouth), Wakeups(), "sender", poll=0.01)
    sending = asyncio.create_task(sender.run())
    await until(lambda: hanging.waiting >= LANE_LIMITS[Lane.CHAT], lambda: asyncio.sleep(0.005))

    said = [(f"o-tenant-{number}", text) for number in range(1, TENANTS + 1) for text in WORDS]
    single = [push(openid, text, 7000 + place, stage) for place, (openid, text) in enumerate(said)]
    pushes = single * COPIES
    random.Random(4).shuffle(pushes)
    answers = await blow(pushes, across.wechat.callback_url)

    assert {one.number for one in single} == set(answers)
    assert all(sum(words.values()) == COPIES for words in answers.values()), "every copy is answered"
    assert all(len(words) == 1 for words in answers.values()), "and always with the same words"
    for stored in found:
        heard = [line.event.message for line in await stage.store.log(stored.id) if isinstance(line.event, Heard)]
        assert len(heard) == len(set(heard)) == len(WORDS)
        thread = [words.id for _, words in await stage.store.thread(stored.id) if words.author == "tenant"]
        assert sorted(thread) == sorted(heard)

    hanging.over.set()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
