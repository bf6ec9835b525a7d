"""Aliyun Dysms seen from the wire: its two calls with their rules, receipts and tenants' texts (channels sheet 3.1)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from aiohttp import web

from .aliyunsms_details import Details, Taken, Unreadable, stamp
from .aliyunsms_seal import Arrived, Gate, Unsealed
from .handsets import Handsets
from .sms_carrier import Carrier, Template, segments
from .sms_door import Door
from .sms_faults import Fault, Post
from .sms_post import PostRoom
from .sms_truth import SmsTruth, truth
from .wechatpay_faults import Troubles

DAY, A_DAY = timedelta(days=1), 50
"""Notices by sign, template and phone in a rolling day, counted on submit."""
CODE_CAPS = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (DAY, 10))
VALUE_MAX = 35


class Refused(Exception):
    """Answered as ``Code`` under HTTP 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class AliyunSms:
    """``keys``: (access key id, secret). Set ``report_url`` and ``up_url`` before anything is sent."""

    def __init__(
        self,
        keys: tuple[str, str],
        sign: str,
        templates: Mapping[str, Template],
        handsets: Handsets,
        clock: Callable[[], datetime],
        seed: int = 0,
        *,
        faults: Troubles[Fault] | None = None,
        post: Troubles[Post] | None = None,
    ) -> None:
        self.report_url = self.up_url = ""
        self.out_of_balance = False
        self._gate = Gate(*keys)
        self._sign = sign
        self._templates = dict(templates)
        self._handsets = handsets
        self._clock = clock
        self._luck = random.Random(f"{seed}:aliyun")
        self._carrier = Carrier("aliyun", handsets, clock, post or Troubles(seed=seed), seed)
        self._post = PostRoom(clock, lambda said: isinstance(said, dict) and said.get("code") == 0)
        self._details = Details()
        self._submitted: dict[tuple[str, str], list[datetime]] = {}
        self.door = Door(
            clock,
            faults or Troubles(seed=seed),
            lambda: _answer("isv.BUSINESS_LIMIT_CONTROL"),
            lambda request, _: request.query.get("PhoneNumbers", ""),
        )
        self.next_due = self._post.next_due
        self.deliver_pending = self._post.deliver_pending

    def app(self) -> web.Application:
        return self.door.app(self._serve, self._post.close)

    def truth(self, answers: Collection[str] = ()) -> SmsTruth:
        """What was taken here and what became of it; ``answers`` as in ``sms_truth.truth``."""
        return truth(self._handsets, "aliyun", answers)

    async def tenant_texts(self, phone: str, text: str) -> bool:
        """The owner of ``phone`` writes; True when we acknowledged it."""
        now = self._clock()
        self._handsets.writes(phone, text, now)
        number = self._luck.randint(10**9, 10**10)
        entry = {
            "phone_number": phone,
            "content": text,
            "send_time": stamp(now),
            "dest_code": "1",
            "sequence_id": number,
        }
        return await self._post.say(self.up_url, [entry])

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        arrived = Arrived(request.method, request.path, request.rel_url.raw_query_string, request.headers, body)
        try:
            self._gate.admit(arrived, self._clock())
        except Unsealed as wrong:
            return web.json_response({"Code": str(wrong), "Message": "not admitted"}, status=400)
        try:
            return self._act(arrived.headers, request.query)
        except Refused as refused:
            return _answer(refused.code, str(refused))

    def _act(self, headers: Mapping[str, str], asked: Mapping[str, str]) -> web.Response:
        acts = {"SendSms": self._send, "QuerySendDetails": self._query}
        act = acts.get(headers["x-acs-action"])
        if act is None or headers["x-acs-version"] != "2017-05-25":
            raise Refused("InvalidAction.NotFound", "no such action")
        return act(asked)

    def _query(self, asked: Mapping[str, str]) -> web.Response:
        try:
            return _answer("OK", "OK", **self._details.page(asked, self._clock()))
        except Unreadable:
            raise Refused("isv.INVALID_PARAMETERS", "PhoneNumber, SendDate, PageSize, CurrentPage") from None

    def _send(self, asked: Mapping[str, str]) -> web.Response:
        phone, code = asked.get("PhoneNumbers", ""), asked.get("TemplateCode", "")
        if self.out_of_balance:
            raise Refused("isv.AMOUNT_NOT_ENOUGH", "the account has no money left")
        if asked.get("SignName") != self._sign:
            raise Refused("isv.SMS_SIGN_ILLEGAL", "the signature is not approved")
        if not (phone.isascii() and phone.isdigit() and len(phone) == 11 and phone.startswith("1")):
            raise Refused("isv.MOBILE_NUMBER_ILLEGAL", "not one mobile number")
        template = self._templates.get(code)
        if template is None:
            raise Refused("isv.SMS_TEMPLATE_ILLEGAL", "the template is not approved")
        text = f"【{self._sign}】{template.filled(_values(asked.get('TemplateParam', ''), template))}"
        self._count(phone, code, template)
        ref = f"{self._luck.randint(10**14, 10**15)}^0"
        outcome, pushes = self._carrier.submit(phone, code, text)
        taken = Taken(self._clock(), phone, code, text, ref, asked.get("OutId", ""), outcome)
        self._details.keep(taken)
        for at in pushes:
            self._post.write(self.report_url, [_report(taken)], at)
        return _answer("OK", "OK", BizId=ref)

    def _count(self, phone: str, code: str, template: Template) -> None:
        now = self._clock()
        before = [at for at in self._submitted.get((phone, code), []) if now - at < DAY]
        caps = CODE_CAPS if template.code else ((DAY, A_DAY),)
        for span, most in caps:
            if sum(now - at < span for at in before) >= most:
                raise Refused("isv.DAY_LIMIT_CONTROL" if span == DAY else "isv.BUSINESS_LIMIT_CONTROL", "too many")
        self._submitted[(phone, code)] = [*before, now]


def _values(raw: str, template: Template) -> dict[str, str]:
    try:
        found = json.loads(raw or "{}")
    except ValueError:
        raise Refused("isv.INVALID_JSON_PARAM", "TemplateParam is not JSON") from None
    if not isinstance(found, dict) or set(found) != set(template.variables):
        raise Refused("isv.TEMPLATE_MISSING_PARAMETERS", "not the variables of this template")
    if any(not isinstance(value, str) or not 0 < len(value) <= VALUE_MAX for value in found.values()):
        raise Refused("isv.PARAM_LENGTH_LIMIT", "a variable has 1 to 35 characters")
    return {str(name): str(value) for name, value in found.items()}


def _report(taken: Taken) -> dict[str, object]:
    outcome, at = taken.outcome, stamp(taken.outcome.at)
    return {
        "phone_number": taken.phone,
        "send_time": stamp(taken.at),
        "report_time": at,
        "success": outcome.delivered,
        "err_code": "DELIVERED" if outcome.delivered else outcome.word,
        "err_msg": "",
        "sms_size": str(segments(taken.text)),
        "biz_id": taken.ref,
        "out_id": taken.out_id,
    }


def _answer(code: str, message: str = "", **more: object) -> web.Response:
    return web.json_response({"Code": code, "Message": message or code, "RequestId": "sandbox", **more})
