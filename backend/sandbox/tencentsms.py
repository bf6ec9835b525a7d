"""Tencent SMS seen from the wire: SendSms with its rules, receipts and tenants' texts (channels sheet 3.2)."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta, timezone

from aiohttp import web

from .handsets import Handsets
from .sms_carrier import Carrier, Outcome, Template, segments
from .sms_door import Door
from .sms_faults import Fault, Post
from .sms_post import PostRoom
from .sms_truth import SmsTruth, truth
from .tencentsms_seal import Unsealed, admit
from .wechatpay_faults import Troubles

CHINA = timezone(timedelta(hours=8))
SAME_TEXT = timedelta(seconds=30)
DAY, A_DAY = timedelta(days=1), 10
"""The daily cap is the account's own setting; this is this account's."""
CONTEXT_MAX, VALUE_MAX = 512, 12
"""Characters of a variable; the limit is the account's. Confirm with the provider."""
_NUMBER = re.compile(rb"\+86\d{11}")
_LINK = re.compile(r"https?:|www\.|[\w-]+\.(?:com|cn|net)", re.IGNORECASE)


class Refused(Exception):
    """The whole call is refused: ``Response.Error``."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class TencentSms:
    """``keys``: (secret id, secret key); templates by id, their variables ``{1}`` ``{2}`` in order."""

    def __init__(
        self,
        keys: tuple[str, str],
        app: tuple[str, str],
        templates: Mapping[str, Template],
        handsets: Handsets,
        clock: Callable[[], datetime],
        seed: int = 0,
        *,
        faults: Troubles[Fault] | None = None,
        post: Troubles[Post] | None = None,
    ) -> None:
        """``app``: (SmsSdkAppId, approved signature)."""
        self.report_url = self.up_url = ""
        self.out_of_balance = False
        self.blacklist: set[str] = set()
        self._keys = keys
        self._app_id, self._sign = app
        self._templates = dict(templates)
        self._handsets = handsets
        self._clock = clock
        self._luck = random.Random(f"{seed}:tencent")
        self._carrier = Carrier("tencent", handsets, clock, post or Troubles(seed=seed), seed)
        self._post = PostRoom(clock, lambda said: isinstance(said, dict) and said.get("result") == 0)
        self._sent: dict[str, list[tuple[datetime, str]]] = {}
        self.door = Door(
            clock,
            faults or Troubles(seed=seed),
            lambda: _error("LimitExceeded.DeliveryFrequencyLimit", "too many"),
            lambda _, body: (_NUMBER.findall(body) or [b""])[0].decode(),
        )
        self.next_due = self._post.next_due
        self.deliver_pending = self._post.deliver_pending

    def app(self) -> web.Application:
        return self.door.app(self._serve, self._post.close)

    def truth(self, answers: Collection[str] = ()) -> SmsTruth:
        """What was taken here and what became of it; ``answers`` as in ``sms_truth.truth``."""
        return truth(self._handsets, "tencent", answers)

    async def tenant_texts(self, phone: str, text: str) -> bool:
        """The owner of ``phone`` writes; True when we acknowledged it."""
        now = self._clock()
        self._handsets.writes(phone, text, now)
        said = {"extend": "", "mobile": phone, "nationcode": "86", "sign": self._sign, "text": text}
        return await self._post.say(self.up_url, said | {"time": int(now.timestamp())})

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            admit(self._keys, headers, body, self._clock())
            return self._send(_asked(headers, body))
        except Unsealed as wrong:
            return _error(str(wrong), "not admitted")
        except Refused as refused:
            return _error(refused.code, str(refused))

    def _send(self, asked: dict[str, object]) -> web.Response:
        if asked.get("SmsSdkAppId") != self._app_id:
            raise Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        if asked.get("SignName") != self._sign:
            raise Refused("FailedOperation.SignatureIncorrectOrUnapproved")
        template = self._templates.get(str(asked.get("TemplateId")))
        if template is None:
            raise Refused("FailedOperation.TemplateIncorrectOrUnapproved")
        if len(str(asked.get("SessionContext", "")).encode()) >= CONTEXT_MAX:
            raise Refused("InvalidParameterValue.SessionContext")
        numbers = asked.get("PhoneNumberSet")
        if not isinstance(numbers, list) or len(numbers) != 1:
            raise Refused("InvalidParameterValue.IncorrectPhoneNumber", "this sandbox takes one number a call")
        text = f"【{self._sign}】{template.filled(_values(asked.get('TemplateParamSet'), template))}"
        return web.json_response({"Response": {"SendStatusSet": [self._one(str(numbers[0]), asked, text)]}})

    def _one(self, number: str, asked: dict[str, object], text: str) -> dict[str, object]:
        code = self._objection(number, text)
        ref = f"2019:{self._luck.randint(10**16, 10**17)}"
        status = {
            "SerialNo": "" if code else ref,
            "PhoneNumber": number,
            "Fee": 0 if code else segments(text),
            "SessionContext": asked.get("SessionContext", ""),
            "Code": code or "Ok",
            "Message": code or "send success",
            "IsoCode": "CN",
        }
        if code:
            return status
        phone = number.removeprefix("+86")
        self._sent.setdefault(phone, []).append((self._clock(), text))
        outcome, pushes = self._carrier.submit(phone, str(asked.get("TemplateId")), text)
        for at in pushes:
            self._post.write(self.report_url, [_report(phone, ref, outcome)], at)
        return status

    def _objection(self, number: str, text: str) -> str:
        """The number's own code; empty: it is taken."""
        phone, now = number.removeprefix("+86"), self._clock()
        if not re.fullmatch(r"\+861\d{10}", number):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if self.out_of_balance:
            return "FailedOperation.InsufficientBalanceInSmsPackage"
        if phone in self.blacklist:
            return "FailedOperation.PhoneNumberInBlacklist"
        before = [one for one in self._sent.get(phone, []) if now - one[0] < DAY]
        if any(said == text and now - at < SAME_TEXT for at, said in before):
            return "LimitExceeded.PhoneNumberThirtySecondLimit"
        return "LimitExceeded.PhoneNumberDailyLimit" if len(before) >= A_DAY else ""


def _asked(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """Raises Refused."""
    if headers.get("x-tc-action") != "SendSms" or headers.get("x-tc-version") != "2021-01-11":
        raise Refused("InvalidAction")
    if not headers.get("x-tc-region"):
        raise Refused("MissingParameter", "X-TC-Region is needed")
    try:
        found = json.loads(body)
    except ValueError:
        raise Refused("InvalidParameter", "the body is not JSON") from None
    if not isinstance(found, dict):
        raise Refused("InvalidParameter", "the body is no object")
    return found


def _values(said: object, template: Template) -> dict[str, str]:
    """Raises Refused."""
    if not isinstance(said, list) or len(said) != len(template.variables):
        raise Refused("FailedOperation.TemplateParamSetNotMatchApprovedTemplate")
    for value in said:
        if not isinstance(value, str) or not 0 < len(value) <= VALUE_MAX:
            raise Refused("InvalidParameterValue.TemplateParameterLengthLimit")
        if _LINK.search(value):
            raise Refused("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter")
    return dict(zip(template.variables, said, strict=True))


def _report(phone: str, ref: str, outcome: Outcome) -> dict[str, object]:
    return {
        "user_receive_time": outcome.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        "nationcode": "86",
        "mobile": phone,
        "report_status": "SUCCESS" if outcome.delivered else "FAIL",
        "errmsg": outcome.word,
        "description": outcome.word,
        "sid": ref,
    }


def _error(code: str, message: str) -> web.Response:
    return web.json_response({"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "sandbox"}})
