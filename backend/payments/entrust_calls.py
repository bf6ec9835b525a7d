"""One signed v2 call: HTTP is always 200, so the answer's own words decide what became of it (providers sheet 2.5)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

import aiohttp

from .answers import TIMEOUT, Untrusted, bounded
from .entrust_wire import Plan, from_xml, signed, to_xml, trusted
from .port import PayError, Reason
from .wechatpay_calls import API

REASONS = {
    "NOTENOUGH": Reason.TENANT_CAN_FIX,
    "BANKERROR": Reason.TENANT_CAN_FIX,
    "USER_ACCOUNT_ABNORMAL": Reason.MANDATE_DEAD,
    "ACCOUNTERROR": Reason.MANDATE_DEAD,
    "CONTRACT_NOT_EXIST": Reason.MANDATE_DEAD,
    "RULELIMIT": Reason.LIMIT,
    "INVALID_REQUEST": Reason.WINDOW,
    "FREQUENCY_LIMITED": Reason.THROTTLE,
    "SIGNERROR": Reason.CONFIG,
    "PARAM_ERROR": Reason.CONFIG,
    "NOAUTH": Reason.CONFIG,
}
"""Any other code leaves the outcome unknown: then the state is asked. Confirm the full list with the provider."""
UNHEARD_OF = frozenset({"ORDERNOTEXIST", "CONTRACT_NOT_EXIST"})


class NotThere(PayError):
    """The provider does not know the number."""


class V2Calls:
    """Never sleeps and never retries: the outbox does the waiting."""

    def __init__(
        self,
        plan: Plan,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        *,
        api: str = API,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self.plan = plan
        self.now = now
        self.api = api.rstrip("/")
        self._session = session
        self._timeout = timeout

    async def post(self, path: str, fields: Mapping[str, str]) -> dict[str, str]:
        """The trusted fields of a success. Raises PayError."""
        nonce = {"nonce_str": secrets.token_hex(16), "sign_type": self.plan.signs_with}
        body = to_xml(signed({**fields, **nonce, "appid": self.plan.appid, "mch_id": self.plan.mchid}, self.plan))
        request = self._session.post(
            self.api + path,
            data=body,
            headers={"Content-Type": "text/xml; charset=utf-8", "User-Agent": "xuzu"},
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
        return self._told(raw)

    def _told(self, raw: bytes) -> dict[str, str]:
        try:
            if from_xml(raw).get("return_code") != "SUCCESS":
                raise PayError(Reason.CONFIG, "RETURN_CODE", "the provider could not read the request")
            fields = trusted(raw, self.plan)
        except Untrusted as doubt:
            raise PayError(Reason.UNKNOWN, "UNVERIFIED", str(doubt)) from None
        if fields.get("result_code") == "SUCCESS":
            return fields
        code = fields.get("err_code", "")
        if code in UNHEARD_OF:
            raise NotThere(REASONS.get(code, Reason.FINAL), code, "the provider does not know this number")
        raise PayError(REASONS.get(code, Reason.UNKNOWN), code or "NO_CODE", fields.get("err_code_des", ""))
