"""One signed gateway call: HTTP is always 200, so code and sub_code decide what became of it (providers sheet 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from .alipay_wire import Shop, answered, signed
from .answers import DOWNLOAD, TIMEOUT, Missing, Untrusted, bounded
from .port import PayError, Reason

OK, PENDING = "10000", "10003"
_GATEWAY_CODES = {
    "20000": Reason.UNKNOWN,
    "20001": Reason.CONFIG,
    "40001": Reason.CONFIG,
    "40002": Reason.CONFIG,
    "40003": Reason.CONFIG,
    "40005": Reason.THROTTLE,
    "40006": Reason.CONFIG,
}
"""What the gateway itself refuses, unsigned. 40004 is the business' own word and counts only when it is signed."""
_CLASSES: dict[Reason, tuple[str, ...]] = {
    Reason.TENANT_CAN_FIX: (
        "BUYER_BALANCE_NOT_ENOUGH",
        "BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
        "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
        "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
        "ERROR_BALANCE_PAYMENT_DISABLE",
        "NO_PAYMENT_INSTRUMENTS_AVAILABLE",
        "PAYMENT_FAIL",
    ),
    Reason.MANDATE_DEAD: (
        "AGREEMENT_NOT_EXIST",
        "AGREEMENT_INVALID",
        "AGREEMENT_STATUS_NOT_NORMAL",
        "AGREEMENT_ERROR",
    ),
    Reason.WINDOW: ("CYCLE_PAY_DATE_NOT_MATCH",),
    Reason.LIMIT: (
        "CYCLE_PAY_SINGLE_FEE_EXCEED",
        "CYCLE_PAY_TOTAL_FEE_EXCEED",
        "CYCLE_PAY_TOTAL_TIMES_EXCEED",
        "PRODUCT_AMOUNT_LIMIT_ERROR",
    ),
    Reason.CONFIG: (
        "MERCHANT_STATUS_NOT_NORMAL",
        "BEYOND_PAY_RESTRICTION",
        "SELLER_BEEN_BLOCKED",
        "PAYMENT_REQUEST_HAS_RISK",
        "INVALID_PARAMETER",
        # Somebody tops up, then the same refund number goes again.
        "SELLER_BALANCE_NOT_ENOUGH",
    ),
    Reason.FINAL: ("TRADE_HAS_FINISHED", "TRADE_NOT_ALLOW_REFUND", "TRADE_HAS_CLOSE", "DISCORDANT_REPEAT_REQUEST"),
    # Paid already, perhaps: whoever takes these for a refusal opens a second number and charges twice. Query.
    Reason.UNKNOWN: ("SYSTEM_ERROR", "TRADE_HAS_SUCCESS", "CONTEXT_INCONSISTENT"),
}
REASONS = {code: reason for reason, codes in _CLASSES.items() for code in codes}
UNHEARD_OF = frozenset({"TRADE_NOT_EXIST"})

_T = TypeVar("_T")


class Head(msgspec.Struct, frozen=True):
    """What stands in every answer."""

    code: str
    sub_code: str = ""


class AlipayCalls:
    """Never sleeps and never retries: the outbox does the waiting."""

    def __init__(
        self,
        shop: Shop,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self.shop = shop
        self.now = now
        self._session = session
        self._timeout = timeout

    async def call(self, method: str, wish: Mapping[str, object], notify_url: str = "") -> bytes:
        """The signed bytes of a success (10000, 10003), never re-serialised. Raises PayError; Missing is one."""
        biz = msgspec.json.encode(wish).decode()
        fields = signed(self.shop, method, {"biz_content": biz, "notify_url": notify_url}, self.now())
        query = urlencode({name: value for name, value in fields.items() if name != "biz_content"})
        request = self._session.post(
            URL(f"{self.shop.gateway}?{query}", encoded=True),
            data={"biz_content": biz},
            headers={"User-Agent": "xuzu", "Accept-Encoding": "identity"},
            timeout=self._timeout,
            allow_redirects=False,
        )
        try:
            async with request as answer:
                raw = await bounded(answer)
        except aiohttp.ClientConnectorError as fault:
            raise PayError(Reason.TRANSIENT, "UNREACHABLE", type(fault).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise PayError(Reason.UNKNOWN, "NO_ANSWER", type(fault).__name__) from None
        if answer.status != 200:
            raise PayError(Reason.UNKNOWN, f"HTTP_{answer.status}")
        return self._told(method, raw)

    def link(self, method: str, wish: Mapping[str, object], notify_url: str, return_url: str = "") -> str:
        """A page of theirs for the tenant's browser. What is wrong with it only the tenant would see."""
        fields = {
            "biz_content": msgspec.json.encode(wish).decode(),
            "notify_url": notify_url,
            "return_url": return_url,
        }
        return f"{self.shop.gateway}?{urlencode(signed(self.shop, method, fields, self.now()))}"

    async def download(self, url: str, limit: int) -> bytes:
        """A file that a signed answer named: at the gateway's own host or under alipay.com only. Raises PayError."""
        where, home = URL(url), URL(self.shop.gateway)
        known = (where.host or "").endswith(".alipay.com") and where.scheme == "https"
        if not known and where.origin() != home.origin():
            raise PayError(Reason.UNKNOWN, "ELSEWHERE", "the provider names a file on another host")
        try:
            async with self._session.get(where, timeout=DOWNLOAD, allow_redirects=False) as answer:
                raw = await bounded(answer, limit)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise PayError(Reason.TRANSIENT, "NO_ANSWER", type(fault).__name__) from None
        if answer.status != 200:
            raise PayError(Reason.TRANSIENT, f"HTTP_{answer.status}", "the link lives half a minute")
        return raw

    def _told(self, method: str, raw: bytes) -> bytes:
        try:
            inside, is_signed = answered(self.shop, method, raw)
        except Untrusted as doubt:
            raise PayError(Reason.UNKNOWN, "UNVERIFIED", str(doubt)) from None
        head = decode(inside, Head)
        if not is_signed:
            raise PayError(_GATEWAY_CODES.get(head.code, Reason.UNKNOWN), head.sub_code or head.code, "unsigned")
        if head.code in (OK, PENDING):
            return inside
        raise _refusal(head)


def decode(raw: bytes, shape: type[_T]) -> _T:
    """A verified answer as ``shape``; one that cannot be read leaves the outcome unknown. Raises PayError(UNKNOWN)."""
    try:
        return msgspec.json.decode(raw, type=shape, strict=False)
    except (ValueError, RecursionError):
        raise PayError(Reason.UNKNOWN, "UNREADABLE", shape.__name__) from None


def _refusal(head: Head) -> PayError:
    """``ACQ.`` comes and goes before a sub_code, so it is matched without."""
    code = head.sub_code.rpartition(".")[2].upper()
    if code in UNHEARD_OF:
        return Missing(code)
    if code.startswith("MERCHANT_AGREEMENT"):
        return PayError(Reason.CONFIG, code)
    return PayError(REASONS.get(code, _GATEWAY_CODES.get(head.code, Reason.UNKNOWN)), code or head.code)
