"""Whatever a tenant is told names facts of their own lease: many tenants speak in any order, and no answer leaks."""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.db.port import Stored
from bot.speaker import Speaker
from channels.page.links import Links
from dialogs import events as ev
from dialogs.effects import Say
from dialogs.lease import Bill, Comps, Lease, Party, Role, Unit
from dialogs.machine import opening, step
from dialogs.messages import CATALOGUE
from dialogs.money import Fen, yuan
from dialogs.policy import Policy
from dialogs.renewal import Subject
from dialogs.states import State
from dialogs.understanding.hear import context_of, lying, to_event
from dialogs.understanding.recognise import understand
from tests.bot.stage import LINK_KEY, PUBLIC, StageClock
from tests.journeys.samples import TEMPLATES

CLOCK = StageClock()
SPEAKER = Speaker(TEMPLATES, Links({"1": LINK_KEY.encode()}, "1"), PUBLIC, CLOCK)
SAID = (
    "你好", "有哪些方案", "选2", "好的", "太贵了", "每月便宜一百行吗", "押金还有多少", "房租多少钱", "可以季付吗",
    "提前退租怎么算", "能养猫吗", "水费谁出", "居住证怎么办", "合同哪天到期", "在哪签合同", "怎么付款",
    "礼包是什么", "门锁密码会变吗", "能开发票吗", "空调坏了", "手头紧能分期吗", "再想想", "下周三晚上再说",
    "叫管家", "链接打不开", "换个房间", "烦死了", "谢谢", "嗯嗯", "不续了", "天气不错", "确定",
)  # fmt: skip
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Tenant(msgspec.Struct):
    """One lease whose every fact is like no other's, and where its renewal stands."""

    stored: Stored
    marks: frozenset[str]


def tenant(number: int) -> Tenant:
    """Rents, deposits, homes, names and days that no other number has."""
    rent, deposit = yuan(2110 + 1000 * number), yuan(2113 + 1000 * number)
    end = date(2026, 9, 20) + timedelta(days=11 * number)
    home = Unit(("甲苑", "乙苑", "丙苑", "丁苑", "戊苑")[number], f"{41 + number}幢", f"{771 + number}", "开间")
    lease = Lease(
        f"YJ-55{number}", "yuju", home, (Party(f"p-{number}", Role.TENANT),), start=end - timedelta(days=364), end=end,
        rent=rent, deposit_due=deposit, deposit_held=Fen(deposit - 100),
        housekeeper=f"管家{'赵钱孙李周'[number]}", lock=f"88{number}",
        comps=Comps(6, Fen(rent + 20000), rent, Fen(rent + 40000)),
    )  # fmt: skip
    renewal = opening(lease, opened_on=date(2026, 9, 1))
    stored = Stored(900 + number, "yuju", f"p-{number}", 1, renewal, name=f"租客{'冯陈褚卫蒋'[number]}")
    marks = {home.community, home.building, home.room, lease.no, lease.housekeeper, stored.name}
    return Tenant(stored, frozenset(marks | {f"{end.year}年{end.month}月{end.day}日"}))


def reminded() -> list[Tenant]:
    """Five tenants with an offer before them."""
    town = [tenant(number) for number in range(5)]
    for one in town:
        hears(one, ev.TierDue("T-30"))
        hears(one, ev.OfferPrepared(one.stored.renewal.lease.comps))
    return town


def hears(one: Tenant, event: ev.AnyEvent) -> list[str]:
    """What is said to this tenant because of an event, and what they may tap."""
    decision = step(Subject(one.stored.id, one.stored.renewal, Policy()), event, CLOCK.now())
    one.stored = msgspec.structs.replace(one.stored, renewal=decision.renewal)
    said = [SPEAKER.answer(one.stored, wish) for wish in decision.effects if isinstance(wish, Say)]
    return ["\n".join((made.text, *(choice.label for choice in made.choices))) for made in said]


def writes(one: Tenant, words: str) -> list[str]:
    renewal = one.stored.renewal
    said = understand(words, context_of(renewal), lying(renewal))
    return hears(one, to_event(said, "wechat", "m", CLOCK.now()))


def amounts(text: str) -> set[int]:
    """Sums of money in a text: numbers of a thousand and more, links aside."""
    plain = re.sub(r"http\S+", "", text)
    found = {float(one.replace(",", "")) for one in _NUMBER.findall(plain)}
    return {int(one) for one in found if one >= 1000 and not 2024 <= one <= 2031}


def own_amounts(one: Tenant) -> set[int]:
    """Every sum this lease and its offer hold, in yuan."""
    renewal = one.stored.renewal
    lease, proposals = renewal.lease, renewal.offer.proposals if renewal.offer else ()
    held = {lease.rent, lease.deposit_held, lease.deposit_due, lease.deposit_due - lease.deposit_held}
    for terms in (*proposals, *((renewal.accepted,) if renewal.accepted else ())):
        held |= {terms.total, terms.deposit, terms.gift_value, *(rung.rent for rung in terms.steps)}
    held |= {bill.amount for bill in (*renewal.bills, *((renewal.bill,) if renewal.bill else ()))}
    return {fen // 100 for fen in held}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(SAID)), min_size=4, max_size=40))
def test_no_answer_names_what_belongs_to_another(turns: list[tuple[int, str]]) -> None:
    town = reminded()
    for number, words in turns:
        for text in writes(town[number], words):
            assert leaks(text, town[number], town) == []


def leaks(text: str, whose: Tenant, town: list[Tenant]) -> list[str]:
    """What in a text belongs to another tenant, or to nobody."""
    foreign = {mark for one in town if one is not whose for mark in one.marks} - whose.marks
    found = [mark for mark in sorted(foreign) if mark in re.sub(r"http\S+", "", text)]
    links = re.findall(r"http\S+", text)
    mine = SPEAKER.link(whose.stored)
    found += [
        link for link in links if link.rsplit("/", 1)[0] != mine.rsplit("/", 1)[0] or _of(link) != whose.stored.id
    ]
    return found + [str(one) for one in sorted(amounts(text) - own_amounts(whose))]


def _of(link: str) -> int:
    """The renewal a link opens."""
    return SPEAKER._links.read(link.rsplit("/", 1)[1], CLOCK.now()).renewal_id


@pytest.mark.parametrize("key", sorted(set(CATALOGUE) - {"stranger", "several_leases"}))
def test_every_message_of_the_catalogue_keeps_to_its_lease(key: str) -> None:
    town = reminded()
    params: dict[str, str | int] = dict.fromkeys(
        ("until", "by", "due", "sign_by", "expires_on", "new_end", "move_out"), "2026-09-30"
    )
    for one in (*town, *reversed(town)):
        lease = one.stored.renewal.lease
        for state in State:
            bill = Bill("B", date(2026, 9, 30), lease.rent)
            moved = msgspec.structs.replace(one.stored.renewal, state=state, bill=bill, bills=(bill,))
            mine = Tenant(msgspec.structs.replace(one.stored, renewal=moved), one.marks)
            own = params | {"rent": lease.rent, "amount": lease.rent, "arrears": lease.rent, "deposit_short": 100}
            own |= {"number": 1, "months": 12, "days_left": 9, "refund_days": 3, "parts": 3}
            text = SPEAKER.answer(mine.stored, Say(key="k", message=key, params=own, epoch=0)).text
            assert leaks(text, mine, town) == []


def test_a_leak_would_be_seen() -> None:
    town = [tenant(number) for number in range(5)]
    wrong = msgspec.structs.replace(town[0].stored, renewal=town[1].stored.renewal)
    text = SPEAKER.answer(wrong, Say(key="k", message="answer_dates", epoch=0)).text
    assert town[1].stored.renewal.lease.end.day != town[0].stored.renewal.lease.end.day
    assert leaks(text, town[0], town)
    money = SPEAKER.answer(wrong, Say(key="k", message="answer_deposit", epoch=0)).text
    assert "3112" in leaks(money, town[0], town)
