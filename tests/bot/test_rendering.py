"""Every message in every language and channel, with nothing but the names it declared and no word out of place."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import jinja2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import meta

from bot.rendering import (
    FACT_NAMES,
    LANGUAGES,
    THING_MAX,
    Facts,
    Phrases,
    Renderer,
    Wordless,
    page_environment,
    show_day,
    show_moment,
    show_steps,
    show_yuan,
)
from dialogs.effects import AnyEffect, Say, Task
from dialogs.events import AnyEvent
from dialogs.lease import Comps
from dialogs.messages import CATALOGUE, Kind
from dialogs.money import yuan
from dialogs.policy import Policy, Tone
from dialogs.proposals import price
from dialogs.states import LossReason, Milestone, State
from tests.journeys.samples import NAME, TEMPLATES, TODAY, lease, proposal, renewal

RENDERER = Renderer(TEMPLATES)
PHRASES = Phrases(TEMPLATES / "messages" / "phrases.toml")
CHANNELS = ("wechat", "sms", "page")
PLACELESS = ("stranger", "several_leases")
PARAMS: dict[str, str | int] = {
    "days_left": 30,
    "number": 2,
    "rent": 324000,
    "months": 12,
    "expires_on": "2026-09-16",
    "until": "2026-09-10T02:00:00+00:00",
    "arrears": 120000,
    "deposit_short": 20000,
    "sign_by": "2026-09-20",
    "amount": 344000,
    "due": "2026-09-28",
    "new_end": "2027-10-02",
    "move_out": "2026-10-02",
    "refund_days": 3,
    "parts": 3,
    "homes": "1. 云栖公寓3幢1201\n2. 云栖公寓3幢1202",
    "by": "2026-09-12",
}
FACTS = Facts(renewal(), TODAY, "https://xuzu.test/r/v1.k.p.s", NAME, "管家小林")

MARKETING = re.compile(
    r"优惠|折扣|打折|限时|特惠|抢|福利|红包|礼包|独家|超值|钜惠|免费|赠|discount|bargain|special offer|limited|"
    r"exclusive|free gift",
    re.IGNORECASE,
)
THREATS = re.compile(
    r"后果|强制|断电|断水|换锁|锁门|清退|驱|赶走|起诉|法院|征信|黑名单|否则|逾期|最后机会|仅剩|名额|不候|"
    r"evict|lock you out|or else|legal action|last chance|hurry|otherwise",
    re.IGNORECASE,
)


def facts_for(key: str) -> Facts | None:
    return None if key in PLACELESS else FACTS


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", CATALOGUE)
def test_every_message_has_words(key: str, lang: str, channel: str) -> None:
    text = RENDERER.text(key, PARAMS, facts_for(key), lang, channel)
    assert text
    assert "{" not in text
    assert "None" not in text
    assert "\n\n\n" not in text
    assert len(text) <= {"offers": 700}.get(key, 500)
    if lang == "zh":
        assert len(text) <= {"offers": 340, "answer_price": 240, "released": 240, "offers_again": 280}.get(key, 200)


@pytest.mark.parametrize("path", sorted((TEMPLATES / "messages").glob("*/*.txt")), ids=lambda path: path.parent.name)
def test_a_message_uses_only_what_it_declared(path: Path) -> None:
    used = meta.find_undeclared_variables(page_environment(TEMPLATES).parse(path.read_text("utf-8")))
    allowed = FACT_NAMES | set(CATALOGUE[path.parent.name].params)
    own = {"lang", *CATALOGUE[path.parent.name].params}
    assert used <= (allowed if path.parent.name not in PLACELESS else own)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", CATALOGUE)
def test_no_threat_and_no_marketing(key: str, lang: str) -> None:
    text = RENDERER.text(key, PARAMS, facts_for(key), lang)
    assert not THREATS.search(text)
    if CATALOGUE[key].kind is Kind.NOTICE:
        assert not MARKETING.search(text)


def test_no_words_for_a_message_that_is_not_in_the_catalogue() -> None:
    folders = {path.name for path in (TEMPLATES / "messages").iterdir() if path.is_dir()}
    assert folders == set(CATALOGUE)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", State)
def test_every_state_can_be_told(state: State, lang: str) -> None:
    told = RENDERER.text("where_we_stand", {}, Facts(renewal(state), TODAY, "link", NAME), lang)
    assert len(told.splitlines()) == 4, told


def test_three_tones_differ_and_the_urgent_one_states_facts() -> None:
    texts = [RENDERER.text(f"remind_{tone.name.lower()}", PARAMS, FACTS) for tone in Tone]
    assert len(set(texts)) == 3
    assert all("30天" in text and "2026年10月2日" in text for text in texts)
    assert "不续租" in texts[2]


def test_offers_are_numbered_with_total_gift_and_reason() -> None:
    text = RENDERER.text("offers", {}, FACTS)
    assert "2. 小幅上调，附赠服务：每月3,240元" in text
    assert "12个月合计38,880元，送家政保洁服务" in text
    assert "第1年每月3,200元，第2年每月3,260元，第3年每月3,330元" in text
    assert "回复数字 1/2/3，或点链接对比" in text


def test_a_lowered_rent_is_called_lower() -> None:
    falling = lease(comps=Comps(count=8, median=yuan(2900), low=yuan(2800), high=yuan(3000)))
    proposals = price(falling, Policy())
    texts = [show_steps(one, "zh") for one in proposals]
    assert proposals[0].first_rent < falling.rent
    assert texts[-1].startswith("每月"), "three equal years are one rent"
    offered = msgspec.structs.replace(renewal().offer, proposals=proposals)  # type: ignore[type-var]
    facts = msgspec.structs.replace(FACTS, renewal=renewal(lease=falling, offer=offered))
    assert "1. 降租续住" in RENDERER.text("offers", {}, facts)


@pytest.mark.parametrize("median", [2600, 3100, 3200, 3260, 3600])
def test_every_gift_and_reason_of_the_price_rule_has_words(median: int) -> None:
    priced = lease(comps=Comps(count=8, median=yuan(median), low=yuan(2500), high=yuan(4000)))
    for one in price(priced, Policy()):
        for lang in LANGUAGES:
            assert PHRASES.say(one.reason, "reason", lang)
            assert not one.gift or PHRASES.say(one.gift, "gift", lang)


def test_a_missing_parameter_is_an_error_and_names_it() -> None:
    with pytest.raises(Wordless, match="sign_ready needs sign_by"):
        RENDERER.text("sign_ready", {}, FACTS)


def test_an_unknown_message_or_language_is_an_error() -> None:
    with pytest.raises(Wordless, match="no message gone"):
        RENDERER.text("gone", {}, FACTS)
    with pytest.raises(Wordless, match="no words in fr"):
        RENDERER.text("thanks", {}, FACTS, "fr")


def test_facts_may_not_be_missing_where_they_are_used() -> None:
    with pytest.raises(jinja2.UndefinedError, match="hello"):
        RENDERER.text("greeting", {}, None)


def test_without_a_name_the_greeting_is_still_a_greeting() -> None:
    nameless = msgspec.structs.replace(FACTS, name="", housekeeper="")
    assert RENDERER.text("greeting", {}, nameless).startswith("您好！")
    assert RENDERER.text("greeting", {}, nameless, "en").startswith("Hello!")
    assert "您的管家" in RENDERER.text("handoff", {}, nameless)


def test_a_tenants_name_is_text_not_a_template() -> None:
    odd = msgspec.structs.replace(FACTS, name="{{ lease.no }}<b>")
    assert RENDERER.text("greeting", {}, odd).startswith("{{ lease.no }}<b>，您好")


@pytest.mark.parametrize("key", [key for key, message in CATALOGUE.items() if message.kind is Kind.NOTICE])
def test_every_notice_fills_a_template_within_the_wires_limits(key: str) -> None:
    made = RENDERER.outbound(key, PARAMS, FACTS)
    assert made.link == FACTS.link
    assert made.title == made.values["thing"]
    assert 0 < len(made.values["thing"]) <= THING_MAX
    assert 0 < len(made.values["unit"]) <= THING_MAX
    assert re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", made.values["time"])
    assert not MARKETING.search(made.title)
    assert ("amount" in made.values) == ("amount" in CATALOGUE[key].params)


def test_an_answer_has_no_template_values() -> None:
    assert RENDERER.outbound("thanks", {}, FACTS).values == {}


def test_an_amount_is_one_sign_and_at_most_ten_digits() -> None:
    made = RENDERER.outbound("pay_ready", PARAMS, FACTS)
    assert made.values["amount"] == "¥3440.00"
    assert made.values["time"] == "2026年9月28日"


def test_every_name_the_desk_shows_has_words() -> None:
    for section, names in {
        "state": [state.value for state in State],
        "milestone": [one.name.lower() for one in Milestone],
        "loss": [reason.value for reason in LossReason],
        "event": [kind.__name__ for kind in get_args(AnyEvent)],
        "effect": [kind.__name__ for kind in get_args(AnyEffect)],
        "task": [task.value for task in Task],
        "desk": ["housekeeper", "finance", "legal"],
    }.items():
        missing = [name for name in names if name not in PHRASES.keys(section)]
        assert not missing, f"[{section}] lacks {missing}"


def test_both_languages_have_every_phrase() -> None:
    for section in ("notice", "proposal", "gift", "reason", "state", "milestone", "loss", "event", "effect", "task"):
        for key in PHRASES.keys(section):
            assert all(PHRASES.say(key, section, lang) for lang in LANGUAGES)


def test_money_and_days_as_people_read_them() -> None:
    assert (show_yuan(320000), show_yuan(320050), show_yuan(0), show_yuan(-5)) == ("3,200", "3,200.50", "0", "-0.05")
    assert show_day(date(2026, 10, 2), "zh") == "2026年10月2日"
    assert show_day("2026-10-02", "en") == "Oct 2, 2026"
    assert show_day(datetime(2026, 10, 1, 16, 30, tzinfo=UTC), "zh") == "2026年10月2日", "Shanghai's day, not UTC's"
    assert show_moment("2026-10-02T02:05:00+00:00", "zh") == "10月2日 10:05"
    assert show_moment("2026-10-02T02:05:00+00:00", "en") == "Oct 2, 10:05"


def test_uneven_steps_are_told_by_months() -> None:
    assert (
        show_steps(proposal("special", 1, (6, 3000), (18, 3100)), "zh") == "第1–6个月每月3,000元，第7–24个月每月3,100元"
    )


@given(st.integers(min_value=0, max_value=10**12))
def test_yuan_lose_no_fen(fen: int) -> None:
    assert round(float(show_yuan(fen).replace(",", "")) * 100) == fen


def test_parameters_survive_the_outbox() -> None:
    """An effect is stored as JSON: what comes back must render to the same words."""
    say = Say(key="s1", message="sign_ready", params={"sign_by": "2026-09-20"})
    back = msgspec.json.decode(msgspec.json.encode(say), type=AnyEffect)
    assert isinstance(back, Say)
    assert RENDERER.text(back.message, back.params, FACTS) == RENDERER.text(say.message, say.params, FACTS)
