"""The doctor on reach: which vendors would send, what a page would ask, and what is missing for it."""

from __future__ import annotations

import pytest

from bot.doctor_reach import reach_findings
from bot.settings import AliyunSmsSettings, Settings, SmsSettings, TencentSmsSettings, WeChatSettings
from tests.bot.test_doctor import WECHAT, settings

YEAR = 2026
TEXTS = {"reminder": "1", "progress": "2", "answer": "3", "code": "4"}
SMS = SmsSettings("寓居", "a-path-segment", sources=("127.0.0.1",))
ALIYUN = AliyunSmsSettings("id", "ali-secret", TEXTS)
TENCENT = TencentSmsSettings("id", "ten-secret", "1400", TEXTS)


def said(**more: object) -> list[str]:
    return [str(finding) for finding in reach_findings(settings("sqlite://", **more), YEAR)]


def about(word: str, **more: object) -> list[str]:
    return [line for line in said(**more) if line.split(maxsplit=1)[1].startswith(word)]


def test_without_sms_a_person_calls() -> None:
    assert about("SMS") == ["missing  SMS: tenants without WeChat are reached by a person's call only"]


def test_two_vendors_with_all_templates_are_well() -> None:
    assert about("SMS", sms=SMS, aliyun_sms=ALIYUN, tencent_sms=TENCENT) == [
        "ok       SMS: sent by aliyun, then tencent"
    ]


def test_one_vendor_is_a_warning() -> None:
    sent, alone = about("SMS", sms=SMS, tencent_sms=TENCENT)
    assert sent == "ok       SMS: sent by tencent"
    assert alone.startswith("warning  SMS: tencent is the only vendor")


def test_no_vendor_at_all_stands_in_the_way() -> None:
    [line] = about("SMS", sms=SMS)
    assert line.startswith("TROUBLE  SMS: ")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"aliyun_sms": ALIYUN}, "aliyun is configured but not used"),
        (
            {"sms": SmsSettings("寓居", "s", ("tencent",)), "aliyun_sms": ALIYUN, "tencent_sms": TENCENT},
            "does not name",
        ),
        (
            {"sms": SMS, "aliyun_sms": AliyunSmsSettings("i", "s", {"code": "4"})},
            "template for reminder, progress, ans",
        ),
        ({"sms": SmsSettings("寓居", "s"), "aliyun_sms": ALIYUN}, "taken from any address"),
    ],
)
def test_what_is_half_set_is_told(more: dict[str, object], told: str) -> None:
    assert any(line.startswith("warning") and told in line for line in about("SMS", **more))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"wechat": WECHAT, "public_url": "https://a.test"}, "ok       page proof: WeChat OAuth"),
        ({"sms": SMS, "aliyun_sms": ALIYUN}, "ok       page proof: SMS code"),
        ({"wechat": WECHAT, "sms": SMS, "aliyun_sms": ALIYUN}, "ok       page proof: WeChat OAuth, SMS code"),
        ({"wechat": WECHAT}, "warning  page proof: WeChat OAuth, but XUZU_PUBLIC_URL is not https"),
        (
            {"page_proof": False, "wechat": WECHAT},
            "warning  page proof: off, a lease is shown to whoever holds its link",
        ),
    ],
)
def test_the_page_s_proof_is_named(more: dict[str, object], told: str) -> None:
    assert about("page proof", **more) == [told]


def test_a_page_that_can_ask_nothing_is_a_warning() -> None:
    [line] = about("page proof")
    assert line.startswith("warning  page proof: neither WeChat nor SMS")


@pytest.mark.parametrize(("notice", "subscribed"), [("", ""), ("n-1", "s-1")])
def test_the_templates_of_wechat(notice: str, subscribed: str) -> None:
    wechat = WeChatSettings("wx1", "s", "t", "a" * 43, notice_template=notice, subscribe_template=subscribed)
    word = "ok" if notice else "missing"
    for name in ("template message", "subscription notice"):
        [line] = about(name, wechat=wechat)
        assert line.startswith(word)
    assert about("subscription notice") == [], "without WeChat there is nothing to say"


def test_holidays_of_this_year_and_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor_reach.covered", lambda year: year == YEAR)
    [line] = about("holidays")
    assert line.startswith(f"warning  holidays of {YEAR + 1} are not known")


def test_no_secret_is_said() -> None:
    everything: Settings = settings("sqlite://", wechat=WECHAT, sms=SMS, aliyun_sms=ALIYUN, tencent_sms=TENCENT)
    text = "\n".join(map(str, reach_findings(everything, YEAR)))
    for secret in ("a-secret", "a-token", "a-path-segment", "ali-secret", "ten-secret"):
        assert secret not in text
