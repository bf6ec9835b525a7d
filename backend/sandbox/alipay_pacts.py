"""Alipay's agreements for deductions: the rhythm signed for, and which charge falls into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .alipay_book import BEIJING, No, fen

SHORTEST = 7
"""Days of a rhythm counted in days."""


@dataclass
class Pact:
    """``next`` is the day agreed for the coming charge; one success closes a period and moves it on."""

    number: str
    external: str
    product: str
    single: int
    total: int | None
    times: int | None
    period: tuple[str, int]
    next: date
    notify_url: str
    signed_at: datetime
    ended_at: datetime | None = None
    fate: str = ""
    """The sub_code with which the tenant's bank answers from now on; empty: it pays."""
    taken: list[int] = field(default_factory=list)


class Pacts:
    """``days_before``: how early a charge may come before the agreed day."""

    def __init__(self, days_before: int = 3, most: int = 1_000_000) -> None:
        self.days_before = days_before
        self.most = most
        self.all: dict[str, Pact] = {}

    def asked(self, wish: dict[str, object]) -> dict[str, object]:
        """The rhythm of a link to sign. Raises No."""
        rhythm = wish.get("period_rule_params")
        if not isinstance(rhythm, dict) or wish.get("personal_product_code") != "CYCLE_PAY_AUTH_P":
            raise No("INVALID_PARAMETER")
        if wish.get("external_agreement_no") and wish.get("sign_scene") in (None, "", "DEFAULT|DEFAULT"):
            raise No("INVALID_PARAMETER")
        if not isinstance(wish.get("access_params"), dict) or not wish.get("product_code"):
            raise No("INVALID_PARAMETER")
        kind, length = rhythm.get("period_type"), int(str(rhythm.get("period", "0")))
        begins = date.fromisoformat(str(rhythm.get("execute_time", "")))
        if kind not in ("DAY", "MONTH") or length < (SHORTEST if kind == "DAY" else 1):
            raise No("INVALID_PARAMETER")
        if kind == "MONTH" and begins.day > 28:
            raise No("INVALID_PARAMETER")
        if fen(str(rhythm.get("single_amount", ""))) > self.most:
            raise No("CYCLE_PAY_SINGLE_FEE_EXCEED")
        return rhythm

    def sign(self, wish: dict[str, object], notify_url: str, now: datetime) -> Pact:
        """Raises No: one of this number stands already."""
        rhythm, external = self.asked(wish), str(wish.get("external_agreement_no", ""))
        if any(one.external == external and one.ended_at is None for one in self.all.values()):
            raise No("USER_AGREEMENT_EXIST")
        pact = Pact(
            f"20265124{len(self.all):012d}",
            external,
            str(wish["product_code"]),
            fen(str(rhythm["single_amount"])),
            fen(str(rhythm["total_amount"])) if rhythm.get("total_amount") else None,
            int(str(rhythm["total_payments"])) if rhythm.get("total_payments") else None,
            (str(rhythm["period_type"]), int(str(rhythm["period"]))),
            date.fromisoformat(str(rhythm["execute_time"])),
            notify_url,
            now,
        )
        self.all[pact.number] = pact
        return pact

    def find(self, number: object) -> Pact:
        """Raises No."""
        if str(number) not in self.all:
            raise No("AGREEMENT_NOT_EXIST")
        return self.all[str(number)]

    def standing(self, number: object) -> Pact:
        """Raises No: unknown or ended."""
        pact = self.find(number)
        if pact.ended_at is not None:
            raise No("AGREEMENT_STATUS_NOT_NORMAL")
        return pact

    def check(self, pact: Pact, amount: int, now: datetime) -> None:
        """May this be taken now? Raises No."""
        today = now.astimezone(BEIJING).date()
        if not pact.next - timedelta(days=self.days_before) <= today <= pact.next:
            raise No("ACQ.CYCLE_PAY_DATE_NOT_MATCH")
        if amount > pact.single:
            raise No("ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED")
        if pact.total is not None and sum(pact.taken) + amount > pact.total:
            raise No("ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED")
        if pact.times is not None and len(pact.taken) >= pact.times:
            raise No("ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED")

    def taken(self, pact: Pact, amount: int) -> None:
        pact.taken.append(amount)
        kind, length = pact.period
        pact.next = pact.next + timedelta(days=length) if kind == "DAY" else _months(pact.next, length)

    def move(self, pact: Pact, day: str) -> None:
        """Raises No."""
        try:
            pact.next = date.fromisoformat(day)
        except ValueError:
            raise No("INVALID_PARAMETER") from None


def _months(day: date, many: int) -> date:
    at = day.year * 12 + day.month - 1 + many
    return date(at // 12, at % 12 + 1, day.day if day.day <= 28 else 28)
