"""What may be asked of real providers without moving anything: ``make live`` with their credentials in XUZU_….

It proves that keys, signatures and addresses are right, and nothing more: no order, contract or door is touched.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import aiohttp
import pytest

from backend.locks.port import LockError
from backend.payments.deduction import MandateState
from backend.payments.port import PayState
from bot.adapters import Adapters, wire
from bot.clock import SystemClock
from bot.settings import read_settings

pytestmark = pytest.mark.live
NOBODYS = "R999999999P1A1"
LEAST = {"XUZU_DATABASE_URL": "sqlite://", "XUZU_SEAL_KEY": "-", "XUZU_LINK_KEY": "-", "XUZU_OPERATORS": "-"}


@pytest.fixture
async def adapters() -> AsyncIterator[Adapters]:
    settings = read_settings(LEAST | dict(os.environ))
    async with aiohttp.ClientSession() as session:
        yield await wire(settings, session, SystemClock())


@pytest.mark.parametrize("name", ["wechatpay", "alipay"])
async def test_a_payer_does_not_know_an_order_nobody_placed(adapters: Adapters, name: str) -> None:
    if name not in adapters.payments:
        pytest.skip(f"NOT TRIED LIVE: {name} has no credentials in the environment")
    assert (await adapters.payments[name].state(NOBODYS)).state is PayState.MISSING


async def test_the_deduction_plan_does_not_know_a_mandate_nobody_signed(adapters: Adapters) -> None:
    if "entrust" not in adapters.deductions:
        pytest.skip("NOT TRIED LIVE: entrusted deduction has no credentials in the environment")
    assert (await adapters.deductions["entrust"].mandate("M999999999")).state is MandateState.MISSING


async def test_the_signing_provider_takes_our_key_and_finds_nothing(adapters: Adapters) -> None:
    if adapters.esign is None:
        pytest.skip("NOT TRIED LIVE: Fadada has no credentials in the environment")
    assert await adapters.esign.find("E999999999N1") is None


async def test_the_lock_provider_refuses_a_lock_nobody_has(adapters: Adapters) -> None:
    if adapters.locks is None:
        pytest.skip("NOT TRIED LIVE: the locks have no credentials in the environment")
    with pytest.raises(LockError) as fault:
        await adapters.locks.credentials("1")
    assert not fault.value.asleep, "an answer about our account or this lock, not silence"
