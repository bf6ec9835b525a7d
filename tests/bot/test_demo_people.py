"""The demo's people: tenants behind their phones, co-signers, the cashier and the desk, on the real emulators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from backend.sandbox.handsets import Sms
from backend.sandbox.wechat_book import Shown
from bot.browsing import Unanswered
from bot.cohort import Character, unreached
from bot.demo_people import Follower, NoPhone, Post, Tenants, Texter
from bot.demo_world import NOTICE_TEMPLATE, World
from bot.settings import read_settings
from bot.staffers import Cashier, Desk, office, special
from bot.tenants import Tenant, waking
from dialogs.approvals import lawful
from dialogs.policy import Policy
from tests.stories.story import LEASE

NIGHT = datetime(2026, 9, 20, 15, 0, tzinfo=UTC)
"""23:00 in Shanghai."""
PART = unreached(["YJ-1"])["YJ-1"]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(lambda: NIGHT, 1, tmp_path, "http://127.0.0.1:9")
    await made.open()
    yield made
    await made.close()


async def test_the_world_gives_the_server_settings_it_can_start_with(world: World) -> None:
    settings = read_settings(
        {
            **world.environ(),
            "XUZU_DATABASE_URL": "sqlite:///x.db",
            "XUZU_SEAL_KEY": "5e" * 32,
            "XUZU_LINK_KEY": "k" * 40,
            "XUZU_OPERATORS": "寓居",
        }
    )
    assert settings.wechat is not None
    assert settings.wechat.notice_template == NOTICE_TEMPLATE
    assert settings.pay is not None
    assert "BEGIN PRIVATE KEY" in settings.pay.merchant_key_pem
    assert None not in (settings.fadada, settings.lock, settings.sms, settings.aliyun_sms, settings.tencent_sms)


async def test_a_door_is_fitted_to_the_lease_and_nothing_is_due_at_first(world: World) -> None:
    world.fit_locks([LEASE])
    last_second = datetime(2026, 10, 16, 15, 59, 59, tzinfo=UTC)
    assert world.locks.opens(int(LEASE.lock), last_second)
    assert not world.locks.opens(int(LEASE.lock), last_second + timedelta(seconds=1))
    post = Post(world)
    assert (await post.pump(NIGHT), post.next_at(), world.sign_pages()) == (0, None, [])


def test_people_sleep_and_offices_close() -> None:
    assert waking(NIGHT) == datetime(2026, 9, 21, 0, 30, tzinfo=UTC)
    assert office(NIGHT) == datetime(2026, 9, 21, 2, 0, tzinfo=UTC)
    noon = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
    assert (waking(noon), office(noon)) == (noon, noon)


async def test_a_tenant_nobody_reaches_never_acts() -> None:
    tenant = Tenant("YJ-1", PART, NoPhone(), 300000)
    players = Tenants([tenant])
    await players.look(NIGHT)
    assert (await players.pump(NIGHT), players.next_at()) == (0, None)
    with pytest.raises(Unanswered):
        await NoPhone().say("在吗")
    await tenant.close()


async def test_a_tenant_with_sms_alone_finds_the_link_in_them_and_answers_by_them(world: World) -> None:
    number = "19900000001"
    phone = Texter(world.sms, number)
    assert (phone.link(), phone.count(), phone.notices()) == (None, 0, 0)
    text = "【寓居生活】您的租约将于10月2日到期，续租或退租请在本页办理：http://127.0.0.1:9/c/ABCD2345"
    world.sms.handsets.take(Sms(NIGHT, "aliyun", number, "SMS_reminder", text, 1, True))
    assert (phone.link(), phone.count(), phone.notices()) == ("http://127.0.0.1:9/c/ABCD2345", 1, 1)
    with pytest.raises(Unanswered):
        await phone.say("2")


async def test_a_new_message_wakes_a_tenant_after_their_own_delay(world: World) -> None:
    phone = Follower(world.wechat, "o1")
    tenant = Tenant("YJ-1", replace(PART, character=Character.READY, delay_hours=2.0), phone, 300000)
    tenant.notice(NIGHT)
    assert tenant.wake_at is None
    world.wechat.inbox("o1").append(_notice())
    tenant.notice(NIGHT)
    assert tenant.wake_at == waking(NIGHT + timedelta(hours=2))
    assert phone.link() == "http://127.0.0.1:9/r/t"
    await tenant.wake(NIGHT)
    assert tenant.wake_at == waking(NIGHT + timedelta(minutes=10)), "the server is away: tried again"
    await tenant.close()


async def test_the_cashier_books_in_office_hours(world: World) -> None:
    tenant = Tenant("YJ-1", PART, NoPhone(), 300000)
    tenant.pays_at_desk = True
    desk = Desk("http://127.0.0.1:9")
    cashier = Cashier(desk, {7: tenant})
    await cashier.look(NIGHT)
    at = cashier.next_at()
    assert at == office(NIGHT + timedelta(minutes=40))
    assert at is not None
    with pytest.raises(Unanswered):
        await cashier.pump(at)
    assert cashier.next_at() == at, "not booked: still planned"
    await desk.close()
    await tenant.close()


def test_what_staff_offer_in_the_demo_is_lawful() -> None:
    told = {"end": LEASE.end.isoformat(), "deposit_due": LEASE.deposit_due}
    offer = special(told, LEASE.rent, NIGHT)
    assert lawful(offer, LEASE, Policy(), NIGHT.date())


def _notice() -> Shown:

    return Shown(NIGHT, "template", "租约到期提醒", "http://127.0.0.1:9/r/t")
