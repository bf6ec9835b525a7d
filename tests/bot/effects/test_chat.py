"""The chat hand: a message reaches the tenant once, by the way that is open; trouble comes back as what it means."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from backend.db.port import Stored
from backend.sandbox.wechat_faults import Fault
from bot.adapters import Adapters
from bot.dispatcher import UNCONNECTED
from bot.effects.chat import REPEATABLE, chat_hands
from bot.effects.chat import Mouth as Speaking
from bot.turn import Prepared
from channels.port import Accepted, Caps, Channel, ChannelError, Outbound, Trouble
from dialogs.effects import Lane, Ring, Route, Say, Task
from dialogs.events import Event, Hesitated, MessageDelivered, MessageFailed, OffersAsked, TierDue, Unreach, WayBarred
from dialogs.renewal import Decision
from dialogs.rungs import Rung
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.hands import dispatcher, reminding
from tests.bot.shell import Shell
from tests.bot.stage import OPENID, Stage, row


def wechat(adapters: Adapters) -> Channel:
    assert adapters.wechat is not None
    return adapters.wechat


class Mouth:
    """The real channel behind it; ``refuses`` is raised first, one for each call."""

    name = "wechat"

    def __init__(self, real: Channel, *refuses: ChannelError) -> None:
        self._real = real
        self.rungs = real.rungs
        self._refuses = list(refuses)
        self.calls: list[str] = []

    async def caps(self, rung: Rung, now: datetime) -> Caps:
        return await self._real.caps(rung, now)

    def shown(self, rung: Rung, message: Outbound) -> str:
        return self._real.shown(rung, message)

    async def send(self, rung: Rung, address: str, message: Outbound, idem: str) -> Accepted:
        self.calls.append(rung.value)
        if self._refuses:
            raise self._refuses.pop(0)
        return await self._real.send(rung, address, message, idem)


async def speaks(stage: Stage, *channels: Channel, lane: Lane = Lane.CHAT) -> int:
    hands = chat_hands(Speaking(stage.turns, {one.name: one for one in channels}, stage.speaker))
    return await dispatcher(stage, hands).run_once(lane)


def shown(across: Across) -> list[str]:
    return [one.kind for one in across.wechat.inbox(OPENID)]


async def events(stage: Stage, stored: Stored, kind: type[Event]) -> list[Any]:
    return [line.event for line in await stage.store.log(stored.id) if isinstance(line.event, kind)]


async def test_a_notice_is_shown_noted_and_its_receipt_finds_the_renewal(shell: Shell, across: Across) -> None:
    across.welcome(OPENID)
    stored, say = await reminding(shell.stage)
    assert await speaks(shell.stage, wechat(across.adapters)) == 1
    assert shown(across) == ["template"]
    [(_, words)] = await shell.stage.store.thread(stored.id)
    assert (words.id, words.author, words.message) == (say.key, "bot", say.message)
    assert "租客1号" in words.text
    await across.pump()
    assert len(await events(shell.stage, stored, MessageDelivered)) == 1


async def test_a_receipt_that_overtakes_our_own_note_is_kept_for_it(shell: Shell, across: Across) -> None:
    across.welcome(OPENID)
    stored, _ = await reminding(shell.stage)

    class Overtaken(Mouth):
        async def send(self, rung: Rung, address: str, message: Outbound, idem: str) -> Accepted:
            accepted = await super().send(rung, address, message, idem)
            assert await across.wechat.deliver_pending() == 1
            return accepted

    await speaks(shell.stage, Overtaken(wechat(across.adapters)))
    [delivered] = await events(shell.stage, stored, MessageDelivered)
    [attempt] = await shell.stage.store.attempts(stored.id)
    assert (attempt.key, attempt.status) == (delivered.key, "delivered")
    assert len(await shell.stage.store.thread(stored.id)) == 1


@pytest.mark.parametrize("later", [timedelta(seconds=30), REPEATABLE + timedelta(seconds=1), timedelta(hours=5)])
async def test_a_notice_whose_answer_got_lost_is_never_shown_twice(
    shell: Shell, across: Across, later: timedelta
) -> None:
    """Within ten minutes the platform withholds the repeat; after them we do."""
    across.welcome(OPENID)
    stored, say = await reminding(shell.stage)
    across.wechat.faults.next(None, Fault.RESET_AFTER)
    await speaks(shell.stage, wechat(across.adapters))
    assert (await shell.stage.status(stored, say.key))[0] == "open"
    shell.stage.clock.at += later
    assert await speaks(shell.stage, wechat(across.adapters)) == 1
    assert (await shell.stage.status(stored, say.key))[0] == "done"
    assert shown(across) == ["template"]


async def test_a_notice_that_was_never_tried_goes_out_however_late(shell: Shell, across: Across) -> None:
    """The worker died before its first call: hours later this is still the first time."""
    across.welcome(OPENID)
    await reminding(shell.stage)
    await shell.stage.claim(Lane.CHAT)
    shell.stage.clock.move(hours=3)
    assert await speaks(shell.stage, wechat(across.adapters)) == 1
    assert shown(across) == ["template"]


async def test_a_custom_message_whose_answer_got_lost_is_not_repeated(lite: Stage, across: Across) -> None:
    """The platform has no key for these: rather missing than doubled."""
    across.welcome(OPENID)
    stored, _ = await reminding(lite)
    await lite.settle_all()
    across.wechat.book.followers[OPENID].refill(lite.clock.now(), (timedelta(hours=48), 5))
    await lite.tell(stored, OffersAsked())
    mouth = Mouth(wechat(across.adapters), ChannelError(Trouble.UNKNOWN, "NO_ANSWER"))
    await speaks(lite, mouth)
    lite.clock.move(seconds=30)
    assert await speaks(lite, mouth) == 0
    assert mouth.calls == ["window"]
    assert len(await lite.store.thread(stored.id)) == 1


@pytest.mark.parametrize(("trouble", "kind"), [("refuse", Unreach.OPTED_OUT), ("gone", Unreach.UNREACHABLE)])
async def test_a_tenant_who_cannot_be_reached_is_told_to_the_renewal(
    lite: Stage, across: Across, trouble: str, kind: Unreach
) -> None:
    across.welcome(OPENID)
    if trouble == "refuse":
        across.wechat.refuse(OPENID)
    else:
        across.wechat.book.followers[OPENID].follows = False
    stored, say = await reminding(lite)
    await speaks(lite, wechat(across.adapters))
    assert await events(lite, stored, MessageFailed) == [MessageFailed(say.key, kind)]
    assert (await lite.status(stored, say.key))[0] == "done"


async def test_who_stands_on_our_own_blacklist_is_told_to_people(lite: Stage, across: Across) -> None:
    across.welcome(OPENID)
    across.wechat.book.followers[OPENID].barred = True
    stored, _ = await reminding(lite)
    await speaks(lite, wechat(across.adapters))
    assert len(await events(lite, stored, WayBarred)) == 1
    [ring] = [one for one in await lite.wished(stored, Ring) if one.task is Task.LOOK]
    assert "blacklist" in ring.reason


async def test_without_a_binding_nobody_is_reached(lite: Stage, across: Across) -> None:
    stored = await lite.brought(await lite.opened(row(openid="")), State.REMINDED)
    await speaks(lite, wechat(across.adapters))
    assert [one.kind for one in await events(lite, stored, MessageFailed)] == [Unreach.UNREACHABLE]


async def test_without_any_channel_the_words_wait(lite: Stage) -> None:
    stored, say = await reminding(lite)
    await speaks(lite)
    [waiting] = [one for one in await lite.store.outbox(stored.id) if one.effect.key == say.key]
    assert waiting.run_at == lite.clock.now() + timedelta(seconds=UNCONNECTED)


async def test_too_late_for_the_window_news_of_the_contract_go_as_a_notice(lite: Stage, across: Across) -> None:
    across.welcome(OPENID)
    stored = await lite.opened()
    news = Say(key="say:1:9", message="plan_agreed", params={"until": "2026-09-20"}, route=Route.CUSTOM)

    def prepare(_: Stored, decision: Decision) -> Prepared:
        return msgspec.structs.replace(decision, effects=(news,)), None, ()

    await lite.turns.apply(stored, TierDue("T-30"), prepare)
    mouth = Mouth(wechat(across.adapters))
    await speaks(lite, mouth)
    assert mouth.calls == ["window", "template"]
    assert shown(across) == ["template"]


async def test_too_late_for_the_window_an_answer_is_not_forced_upon_anybody(lite: Stage, across: Across) -> None:
    across.welcome(OPENID)
    stored, _ = await reminding(lite)
    await lite.settle_all()
    await lite.tell(stored, Hesitated())
    mouth = Mouth(wechat(across.adapters))
    assert await speaks(lite, mouth) == 1
    assert mouth.calls == ["window"]
    assert shown(across) == []
    [answer] = (await lite.wished(stored, Say))[-1:]
    assert "no way is open" in str((await lite.status(stored, answer.key))[2])


@pytest.mark.parametrize(
    ("trouble", "status", "unsure"),
    [
        (Trouble.TRANSIENT, "open", False),
        (Trouble.QUOTA, "open", False),
        (Trouble.UNKNOWN, "open", True),
        (Trouble.CONFIG, "dead", False),
    ],
)
async def test_what_a_refusal_means_for_the_message(
    lite: Stage, across: Across, trouble: Trouble, status: str, unsure: bool
) -> None:
    across.welcome(OPENID)
    stored, say = await reminding(lite)
    mouth = Mouth(wechat(across.adapters), ChannelError(trouble, "x"))
    await speaks(lite, mouth)
    assert (await lite.status(stored, say.key))[0] == status
    lite.clock.move(hours=2)
    if status == "open":
        [claim] = await lite.claim(Lane.CHAT)
        assert claim.unsure is unsure
