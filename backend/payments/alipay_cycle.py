"""Alipay's deduction by agreement 周期扣款: signed on Alipay's page, taken near the agreed day (providers sheet 3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

import msgspec

from .alipay import give_back, given_back, subject, trade_notice, trade_state
from .alipay_calls import AlipayCalls, decode
from .alipay_wire import BEIJING, instant, noticed
from .amounts import fen, yuan
from .answers import Untrusted
from .deduction import Mandate, MandateState, SignWish, Window
from .port import Ack, Notice, PayError, Payment, PayState, Reason

PERSONAL_PRODUCT = "CYCLE_PAY_AUTH_P"
LAST_DAY = 28
"""The last day of a month on which a monthly rhythm may begin."""
OPEN_ENDED = 2100
"""An end from this year on (Alipay writes 2115) means that there is none."""
_STATES = {"NORMAL": MandateState.ACTIVE, "STOP": MandateState.ENDED, "UNSIGN": MandateState.ENDED}


class Agreement(msgspec.Struct, frozen=True):
    agreement_no: str
    status: str
    external_agreement_no: str = ""
    invalid_time: str = ""
    single_quota: str = ""
    next_deduct_time: str = ""


class AlipayCycle:
    """The port's Deductions. Agreements are asked for by Alipay's own number, which only the notice of signing tells:
    a mandate's key reads ``<our number>@<agreement_no>``.

    ``notify_url`` is also what has to stand as the application's gateway address, to which tenants' own endings go.
    """

    name = "alipaycycle"
    heard = Ack(200, b"success")

    def __init__(self, calls: AlipayCalls, notify_url: str) -> None:
        if calls.shop.sign_scene in ("", "DEFAULT|DEFAULT"):
            raise ValueError("agreements with a number of ours need a sign_scene of their own")
        self._shop = calls.shop
        self._calls = calls
        self._notify_url = notify_url

    async def sign_url(self, mandate_key: str, wish: SignWish) -> str:
        """A monthly rhythm from the day the bill is due on, at latest the 28th; ``most`` is written into it."""
        first = wish.first_due.replace(day=min(wish.first_due.day, LAST_DAY))
        asked: dict[str, object] = {
            "product_code": self._shop.cycle_product,
            "personal_product_code": PERSONAL_PRODUCT,
            "sign_scene": self._shop.sign_scene,
            "external_agreement_no": mandate_key,
            "access_params": {"channel": "ALIPAYAPP"},
            "period_rule_params": {
                "period_type": "MONTH",
                "period": str(wish.months),
                "execute_time": first.isoformat(),
                "single_amount": yuan(wish.most),
            },
        }
        return self._calls.link("alipay.user.agreement.page.sign", asked, self._notify_url, wish.back)

    async def mandate(self, mandate_key: str) -> Mandate:
        """MISSING while Alipay's number is not known to us, or means nothing to Alipay."""
        ours, _, number = mandate_key.partition("@")
        if not number:
            return Mandate(mandate_key, MandateState.MISSING)
        try:
            found = await self._agreement(number)
        except PayError as fault:
            if fault.code == "AGREEMENT_NOT_EXIST":
                return Mandate(mandate_key, MandateState.MISSING)
            raise
        if found.agreement_no != number or found.external_agreement_no not in ("", ours):
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about another agreement")
        until = instant(found.invalid_time)
        open_ended = until is None or until.year >= OPEN_ENDED
        return Mandate(
            mandate_key,
            _STATES.get(found.status, MandateState.MISSING),
            number,
            self._limit(found),
            None if open_ended else until,
            found.status,
        )

    async def end(self, mandate_key: str, remark: str) -> None:
        if (mandate := await self.mandate(mandate_key)).state is MandateState.ACTIVE:
            await self._calls.call("alipay.user.agreement.unsign", {"agreement_no": mandate.ref})

    async def announce(self, mandate: Mandate, amount: int, due: datetime) -> Window:
        """Alipay tells the tenant itself. Due on another day than the agreement's next one, that day is moved first."""
        day = due.astimezone(BEIJING).date()
        planned = instant((await self._agreement(mandate.ref)).next_deduct_time)
        if planned is None or planned.astimezone(BEIJING).date() != day:
            moved = {"agreement_no": mandate.ref, "deduct_time": day.isoformat(), "memo": "首期账单日"}
            await self._calls.call("alipay.user.agreement.executionplan.modify", moved)
        last = datetime.combine(day, time(), BEIJING)
        opens = last - timedelta(days=self._shop.days_before)
        return Window(max(opens.astimezone(UTC), self._calls.now()), (last + timedelta(days=1)).astimezone(UTC))

    async def charge(self, key: str, mandate: Mandate, amount: int, description: str) -> None:
        wish = {
            "out_trade_no": key,
            "total_amount": yuan(amount),
            "subject": subject(description),
            "product_code": self._shop.cycle_product,
            "agreement_params": {"agreement_no": mandate.ref},
        }
        await self._calls.call("alipay.trade.pay", wish, self._notify_url)

    async def state(self, key: str) -> Payment:
        """A trade that Alipay closed unpaid is a deduction that failed."""
        found = await trade_state(self._calls, key)
        if found.state is PayState.CLOSED:
            return msgspec.structs.replace(found, state=PayState.FAILED, why=Reason.TENANT_CAN_FIX)
        return found

    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None:
        await give_back(self._calls, refund_key, key, amount)

    async def refund_state(self, refund_key: str, key: str) -> PayState:
        return await given_back(self._calls, refund_key, key)

    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """``dut_user_sign``, ``dut_user_unsign`` and a charge's ``trade_status_sync``: what they say is asked again."""
        try:
            fields = noticed(self._shop, raw)
        except Untrusted as doubt:
            raise PayError(Reason.CONFIG, "CALLBACK", str(doubt)) from None
        if fields.get("notify_type") not in ("dut_user_sign", "dut_user_unsign"):
            return trade_notice(fields, "deduction")
        ours, number = fields.get("external_agreement_no", ""), fields.get("agreement_no", "")
        if not ours or not number:
            raise PayError(Reason.CONFIG, "CALLBACK", "an agreement without its numbers")
        return Notice("mandate", f"{ours}@{number}", 0, number)

    async def _agreement(self, number: str) -> Agreement:
        return decode(await self._calls.call("alipay.user.agreement.query", {"agreement_no": number}), Agreement)

    def _limit(self, found: Agreement) -> int | None:
        """The lower of what was signed for and what the product allows."""
        told = [fen(found.single_quota)] if found.single_quota else []
        return min([*told, *([self._shop.cycle_limit] if self._shop.cycle_limit else [])], default=None)
