"""Aliyun's own record of what it took, by number and day: QuerySendDetails, for receipts that never came."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import IntEnum

from .sms_carrier import Outcome

CHINA = timezone(timedelta(hours=8))
"""The vendor's times have no zone: UTC+8. Confirm with the provider."""
KEPT_DAYS, PAGE_MAX = 30, 50


class Status(IntEnum):
    WAITING = 1
    FAILED = 2
    DELIVERED = 3


class Unreadable(Exception):
    """The question has no number, no day or no page of 1 to 50 rows."""


@dataclass(frozen=True)
class Taken:
    """One message the vendor answered OK for."""

    at: datetime
    phone: str
    template: str
    text: str
    ref: str
    out_id: str
    outcome: Outcome


class Details:
    """Fields: help page of QuerySendDetails, version 2017-05-25. What ErrCode says meanwhile: confirm."""

    def __init__(self) -> None:
        self._taken: dict[str, list[Taken]] = defaultdict(list)

    def keep(self, taken: Taken) -> None:
        self._taken[taken.phone].append(taken)

    def page(self, asked: Mapping[str, str], now: datetime) -> dict[str, object]:
        """One page of the number's messages of one day in Shanghai, newest first. Raises Unreadable."""
        phone, day, size, number = _question(asked)
        biz_id = asked.get("BizId", "")
        found = [
            one
            for one in reversed(self._taken.get(phone, ()))
            if f"{one.at.astimezone(CHINA):%Y%m%d}" == day
            and now - one.at <= timedelta(days=KEPT_DAYS)
            and biz_id in ("", one.ref)
        ]
        rows = [_row(one, now) for one in found[(number - 1) * size : number * size]]
        return {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}}


def stamp(at: datetime) -> str:
    """As the vendor writes an instant."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _question(asked: Mapping[str, str]) -> tuple[str, str, int, int]:
    """The number, the day, rows a page and which page."""
    phone, day = asked.get("PhoneNumber", ""), asked.get("SendDate", "")
    pages = [asked.get(name, "") for name in ("PageSize", "CurrentPage")]
    if not phone or not re.fullmatch(r"[0-9]{8}", day) or not all(re.fullmatch(r"[0-9]{1,6}", one) for one in pages):
        raise Unreadable
    size, number = (int(one) for one in pages)
    if not 1 <= size <= PAGE_MAX or number < 1:
        raise Unreadable
    return phone, day, size, number


def _row(taken: Taken, now: datetime) -> dict[str, object]:
    row: dict[str, object] = {
        "PhoneNum": taken.phone,
        "TemplateCode": taken.template,
        "Content": taken.text,
        "SendDate": stamp(taken.at),
        "OutId": taken.out_id,
    }
    if taken.outcome.at > now:
        return row | {"SendStatus": Status.WAITING, "ErrCode": "", "ReceiveDate": ""}
    delivered = taken.outcome.delivered
    return row | {
        "SendStatus": Status.DELIVERED if delivered else Status.FAILED,
        "ErrCode": "DELIVERED" if delivered else taken.outcome.word,
        "ReceiveDate": stamp(taken.outcome.at),
    }
