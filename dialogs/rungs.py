"""The rungs of delivery: which way to this tenant is open now, in the operator's order, and which is left."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Rung(StrEnum):
    """One way by which we may begin (channels, section 4). The call by a person is what comes after the last."""

    TEMPLATE = "template"
    """WeChat template message: a bound follower."""
    SUBSCRIBED = "subscribed"
    """WeChat subscription notice: one consent is one send, follower or not."""
    WINDOW = "window"
    """WeChat custom message inside the 48 hours, where the budget has one to spare."""
    SMS = "sms"


WECHAT = frozenset({Rung.TEMPLATE, Rung.SUBSCRIBED, Rung.WINDOW})
RECEIPTED = frozenset({Rung.TEMPLATE, Rung.SUBSCRIBED, Rung.SMS})
"""Rungs whose provider says later what became of a message."""


class Contact(msgspec.Struct, frozen=True):
    """What is known of the ways to one tenant at this moment; no address stands here."""

    wechat: bool = False
    """An openid is bound."""
    followed: bool = False
    refuses_wechat: bool = False
    consents: int = 0
    """Subscription notices the tenant still allows: accepts minus sends."""
    phone: bool = False
    phone_dead: bool = False
    refuses_sms: bool = False
    sms_today: int = 0
    """SMS sent to the number since midnight (Shanghai)."""

    @property
    def reachable(self) -> bool:
        """Is any way open that does not hang on the tenant writing first?"""
        return any(is_open(rung, self, spare=0) for rung in (Rung.TEMPLATE, Rung.SUBSCRIBED, Rung.SMS))


def is_open(rung: Rung, contact: Contact, spare: int) -> bool:
    """``spare``: custom messages that may be spent now, the last one not counted."""
    if rung is Rung.SMS:
        return contact.phone and not contact.phone_dead and not contact.refuses_sms
    if not contact.wechat or contact.refuses_wechat:
        return False
    if rung is Rung.TEMPLATE:
        return contact.followed
    return contact.consents > 0 if rung is Rung.SUBSCRIBED else spare > 0


def open_rungs(order: Sequence[Rung], contact: Contact, tried: Sequence[str], spare: int) -> tuple[Rung, ...]:
    """The rungs still to try, first first."""
    return tuple(rung for rung in order if rung.value not in tried and is_open(rung, contact, spare))
