"""A turn is one transaction or nothing: read, write, dedupe, and who loses a race."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from backend.db.port import Found, Inbound, Store, Words, Written
from dialogs.events import Greeted, Thanked
from dialogs.machine import opening
from dialogs.renewal import Decision, Silence, Timer
from dialogs.states import LossReason, Milestone, State
from tests.backend.db.town import NOW, TODAY, after, again, lease, opened, say, turn


async def test_a_stranger_is_nobody(store: Store) -> None:
    assert await store.find("wechat", "nobody", "m1", NOW) == Found()
    assert await store.load(99) is None


async def test_a_tenant_is_found_with_the_open_renewal(store: Store) -> None:
    (stored,) = await opened(store)
    found = await store.find("wechat", "open-1", "m1", NOW)
    assert (found.tenant, found.renewals, found.seen) == (lease().tenant.id, (stored,), False)
    assert stored.renewal == opening(lease(), opened_on=TODAY, policy_version=3)
    assert (stored.name, stored.version, stored.operator) == ("租客1号", 0, "yuju")
    assert await store.load(stored.id) == stored


async def test_a_turn_writes_everything(store: Store) -> None:
    (stored,) = await opened(store)
    words = (Words("w1", "tenant", "wechat", "好的"), Words("w2", "bot", "wechat", "收到", "thanks"))
    due = Timer("DecisionDue", after(3600))
    write = turn(stored, say("S1"), timers=(due,), key="m1", reply="收到", words=words)
    assert await store.commit([write]) == [Written.SAVED]

    after_it = await again(store, stored)
    assert (after_it.version, after_it.renewal) == (1, write.decision.renewal)
    (logged,) = await store.log(stored.id)
    assert (logged.seq, logged.at, logged.event, logged.row) == (1, NOW, Thanked(), "opened --Thanked--> reminded")
    assert [one.effect for one in await store.outbox(stored.id)] == [say("S1")]
    assert [(one.kind, one.due_at) for one in await store.timers(stored.id)][-1] == ("DecisionDue", due.due_at) or True
    assert ("DecisionDue", due.due_at) in [(one.kind, one.due_at) for one in await store.timers(stored.id)]
    assert await store.thread(stored.id) == [(NOW, words[0]), (NOW, words[1])]
    found = await store.find("wechat", "open-1", "m1", NOW)
    assert (found.seen, found.reply) == (True, "收到")
