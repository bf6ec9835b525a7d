"""What the doctor says of reach: by which rung a tenant can be written to, and what a page asks of a visitor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from bot.settings import Settings, SmsSettings, WeChatSettings
from channels.sms.config import TEXTS
from dialogs.workdays import covered


class Finding(msgspec.Struct, frozen=True):
    """``word`` is ``ok | missing | warning | TROUBLE``; trouble stands in the way of serving."""

    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.word:<9}{self.text}"


def reach_findings(settings: Settings, year: int) -> list[Finding]:
    """SMS, notices of WeChat, the page's proof, and the holidays on which nobody is written to."""
    return [*_sms(settings), *_notices(settings.wechat), _proof(settings), *_holidays(year)]


def _sms(settings: Settings) -> Iterator[Finding]:
    accounts = _accounts(settings)
    if settings.sms is None:
        yield Finding("missing", "SMS: tenants without WeChat are reached by a person's call only")
        for name in accounts:
            yield Finding("warning", f"SMS: {name} is configured but not used: set XUZU_SMS_SIGN and XUZU_SMS_SECRET")
        return
    used = [name for name in settings.sms.vendors if name in accounts]
    if not used:
        yield Finding("TROUBLE", "SMS: XUZU_SMS_… is set, but no vendor is — set XUZU_ALIYUN_SMS_… or unset it")
        return
    yield Finding("ok", f"SMS: sent by {', then '.join(used)}")
    if len(used) == 1:
        yield Finding("warning", f"SMS: {used[0]} is the only vendor: a quota or a fault there stops all SMS")
    yield from _vendors(settings.sms, accounts, used)


def _vendors(sms: SmsSettings, accounts: Mapping[str, Mapping[str, str]], used: list[str]) -> Iterator[Finding]:
    for name in used:
        lacking = [text for text in TEXTS if not accounts[name].get(text)]
        if lacking:
            yield Finding("warning", f"SMS: {name} has no template for {', '.join(lacking)}")
    for name in accounts:
        if name not in used:
            yield Finding("warning", f"SMS: {name} is configured but XUZU_SMS_VENDORS does not name it")
    if not sms.sources:
        yield Finding("warning", "SMS: receipts are taken from any address: set XUZU_SMS_SOURCES to the vendors' own")


def _accounts(settings: Settings) -> dict[str, Mapping[str, str]]:
    """Templates of each vendor that has an account."""
    found = {"aliyun": settings.aliyun_sms, "tencent": settings.tencent_sms}
    return {name: account.templates for name, account in found.items() if account is not None}


def _notices(wechat: WeChatSettings | None) -> Iterator[Finding]:
    if wechat is None:
        return
    if wechat.notice_template:
        yield Finding("ok", "template message: a template is set")
    else:
        yield Finding("missing", "template message: followers get no reminder by WeChat: XUZU_WECHAT_NOTICE_TEMPLATE")
    if wechat.subscribe_template:
        yield Finding("ok", "subscription notice: a template is set")
    else:
        yield Finding(
            "missing", "subscription notice: nobody is asked for one-time consent: XUZU_WECHAT_SUBSCRIBE_TEMPLATE"
        )


def _proof(settings: Settings) -> Finding:
    if not settings.page_proof:
        return Finding("warning", "page proof: off, a lease is shown to whoever holds its link")
    ways = []
    if settings.wechat is not None:
        ways.append("WeChat OAuth")
    if settings.sms is not None and _accounts(settings):
        ways.append("SMS code")
    if not ways:
        return Finding(
            "warning", "page proof: neither WeChat nor SMS is there: every visitor is sent to the housekeeper"
        )
    if ways == ["WeChat OAuth"] and urlsplit(settings.public_url).scheme != "https":
        return Finding("warning", "page proof: WeChat OAuth, but XUZU_PUBLIC_URL is not https")
    return Finding("ok", f"page proof: {', '.join(ways)}")


def _holidays(year: int) -> Iterator[Finding]:
    for wanted in (year, year + 1):
        if not covered(wanted):
            yield Finding(
                "warning", f"holidays of {wanted} are not known: reminders ignore them; update the calendar library"
            )
