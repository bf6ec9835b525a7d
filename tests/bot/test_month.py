"""The promise of reach, over a simulated month: nobody passes T-7 without proof of reach or an open human task."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta

from backend.db.reach_port import Reached
from backend.sandbox.handsets import Sms
from backend.sandbox.sms_faults import Fault, Post
from backend.sandbox.wechat_faults import Push
from backend.sandbox.wechatpay_faults import Troubles
from bot.clock import SHANGHAI, shanghai_day
from bot.demo_sms import SmsVendors
from tests.bot.across import MakeSms, across_the_street
from tests.bot.month import DEAD, LAST, NEVER_FOLLOWED, TIRED_OF_SMS, Month
from tests.bot.shell import Shell
from tests.bot.stage import OPERATOR, Stage, StageClock

TENANTS = 1000
QUIET_FROM, QUIET_UNTIL = 20, 9
ANSWERS = ("SMS_answer", "SMS_code")
"""SMS that only ever answer somebody who just wrote or asked."""


def is_quiet(at: datetime) -> bool:
    hour = at.astimezone(SHANGHAI).hour
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def with_troubles(clock: StageClock) -> MakeSms:
    """Vendors that refuse, break after the fact, and lose, repeat or delay their receipts."""

    def make(public: str) -> SmsVendors:
        faults = {Fault.BUSY: 0.02, Fault.BROKEN_AFTER: 0.01}
        return SmsVendors(public, clock, 7, faults=faults, post={Post.TWICE: 0.05, Post.LATE: 0.03, Post.LOST: 0.02})

    return make


def wished(month: Month) -> list[Sms]:
    """SMS we sent of our own accord."""
    assert month.across.sms is not None
    return [one for one in month.across.sms.handsets.taken() if one.template not in ANSWERS]


def begun(month: Month) -> list[tuple[str, datetime]]:
    """(openid, when) of every WeChat message that was no answer to a push."""
    chat = month.across.wechat
    return [(openid, one.at) for openid in chat.openids() for one in chat.inbox(openid) if one.kind != "passive"]


async def test_a_month_of_a_thousand_tenants(lite: Stage, merchant_keys: tuple[str, str]) -> None:
    clock = lite.clock
    async with across_the_street(clock, merchant_keys, with_troubles(clock)) as across:
        across.wechat.pushes = Troubles({Push.TWICE: 0.05, Push.DEAF: 0.02}, 7)
        shell = Shell(lite, across.adapters)
        shell.answer_at(across.doors)
        month = Month(shell, across, TENANTS)
        await month.play()
        report = await lite.store.reach_report(OPERATOR, shanghai_day(LAST) + timedelta(days=7))
    nobody_is_forgotten(report)
    nobody_is_woken(month)
    who_had_enough_is_left_alone(month)
    no_budget_is_overdrawn(month)
    assert month.across.sms is not None
    assert month.across.sms.aliyun.door.turned_away > 0, "the vendor's outage was felt"


def nobody_is_forgotten(report: list[Reached]) -> None:
    assert len(report) > TENANTS * 0.8, "most leases are still live at T-7"
    assert [one.lease_no for one in report if not one.proof and not one.task] == []
    by_kind = {int(one.lease_no[-2:]): one for one in report}
    lost = sorted(set(DEAD) & set(NEVER_FOLLOWED))
    assert lost
    assert all(by_kind[kind].task and not by_kind[kind].proof for kind in lost), "whom nothing reaches a person seeks"


def nobody_is_woken(month: Month) -> None:
    assert wished(month)
    assert begun(month)
    assert [one for one in wished(month) if is_quiet(one.at)] == []
    assert [one for one in begun(month) if is_quiet(one[1])] == []
    assert month.across.wechat.truth()["at_night"] == []


def who_had_enough_is_left_alone(month: Month) -> None:
    assert month.across.sms is not None
    tired = [one for one in month.people() if one.kind in TIRED_OF_SMS]
    assert {one.phone for one in tired} == month.across.sms.handsets.refused()
    assert month.across.sms.handsets.after_refusal() == []
    assert month.across.wechat.truth()["after_refusal"] == []
    assert month.tired
    assert [one for one in begun(month) if one[0] in month.tired and one[1] > month.tired[one[0]]] == []


def no_budget_is_overdrawn(month: Month) -> None:
    """Neither WeChat's of custom messages nor ours of one SMS a day and three pushes a week."""
    refused = {code: month.across.wechat.book.counts[f"refused_{code}"] for code in (45047, 45015, 45009)}
    assert not any(refused.values()), refused
    assert month.across.wechat.truth()["over_budget"] == []
    sms = Counter((one.phone, shanghai_day(one.at)) for one in wished(month))
    assert max(sms.values()) == 1
    for _, found in itertools.groupby(sorted((one.phone, one.at) for one in wished(month)), key=lambda one: one[0]):
        days = [at for _, at in found]
        assert all(later - first >= timedelta(days=7) for first, later in zip(days, days[3:], strict=False))
