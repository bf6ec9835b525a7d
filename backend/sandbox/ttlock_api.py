"""TTLock's doors: forms in, errcode out, no signature anywhere (providers sheet, section 4.1)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from .ttlock_doors import Doors, Issued, Refused, Span
from .ttlock_faults import Fault
from .wechatpay_faults import Troubles

SKEW = timedelta(minutes=5)
TOKEN_LIFE = timedelta(seconds=7776000)
SILENCE_SECONDS = 60
Fields = dict[str, object]
Act = Callable[[Mapping[str, str]], Fields]
_CHANGES = {
    "/v3/keyboardPwd/change": ("passcode", "keyboardPwdId"),
    "/v3/identityCard/changePeriod": ("card", "cardId"),
    "/v3/fingerprint/changePeriod": ("fingerprint", "fingerprintId"),
}


@dataclass(frozen=True)
class AppUser:
    """The application and the one app user whose locks these are. ``password`` in clear: the wire carries its MD5."""

    client_id: str
    client_secret: str = field(repr=False)
    username: str
    password: str = field(repr=False)


@dataclass
class Api:
    user: AppUser
    doors: Doors
    faults: Troubles[Fault]
    clock: Callable[[], datetime]
    tokens: dict[str, datetime] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.user.client_id)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/oauth2/token", self._token),
            *(web.post(path, self._door(self._changes(*names))) for path, names in _CHANGES.items()),
            web.post("/v3/key/changePeriod", self._door(self._change_ekey)),
            web.get("/v3/lock/listKeyboardPwd", self._door(self._list_passcodes)),
            web.get("/v3/lock/listKey", self._door(self._list_ekeys)),
        ]

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = _texts(await request.post())
        if (form.get("clientId"), form.get("clientSecret")) != (self.user.client_id, self.user.client_secret):
            return _answer({"errcode": 10007, "errmsg": "invalid client"})
        digest = hashlib.new("md5", self.user.password.encode(), usedforsecurity=False).hexdigest()
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refresh_tokens:
                return _answer({"errcode": 10011, "errmsg": "invalid refresh token"})
        elif (form.get("username"), form.get("password")) != (self.user.username, digest):
            return _answer({"errcode": 10007, "errmsg": "invalid account or invalid password"})
        return _answer(self._issued())

    def _issued(self) -> Fields:
        access, refresh = self._random.randbytes(16).hex(), self._random.randbytes(16).hex()
        self.tokens[access] = self.clock() + TOKEN_LIFE
        self.refresh_tokens.add(refresh)
        life = int(TOKEN_LIFE.total_seconds())
        return {"access_token": access, "uid": 1, "refresh_token": refresh, "expires_in": life}

    def _door(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            fields = _texts(request.query if request.method == "GET" else await request.post())
            fault: Fault | None = None
            try:
                self._check(fields)
                fault = self.faults.draw()
                if fault is Fault.BUSY:
                    return web.Response(status=503)
                if fault is Fault.OVERLOADED:
                    raise Refused(90000, "internal server error")
                held = act(fields)
            except Refused as no:
                return _answer({"errcode": no.errcode, "errmsg": str(no), "description": str(no)})
            return await self._after(request, held, fault)

        return handle

    def _check(self, fields: Mapping[str, str]) -> None:
        if fields.get("clientId") != self.user.client_id:
            raise Refused(10007, "invalid client")
        if self.tokens.get(fields.get("accessToken", ""), self.clock()) <= self.clock():
            raise Refused(10003, "invalid token")
        if abs(_instant(fields, "date") - self.clock()) > SKEW:
            raise Refused(80000, "date must be current time, in 5 minutes")

    def _changes(self, kind: str, name: str) -> Act:
        def change(fields: Mapping[str, str]) -> Fields:
            lock, number = _number(fields, "lockId"), _number(fields, name)
            end, change_type = _instant(fields, "endDate"), _number(fields, "changeType", 1)
            if "startDate" in fields:
                self.doors.change(lock, (kind, number), (_instant(fields, "startDate"), end), change_type)
            return {"errcode": 0, "errmsg": "none error message"}

        return change

    def _change_ekey(self, fields: Mapping[str, str]) -> Fields:
        number, end = _number(fields, "keyId"), _instant(fields, "endDate")
        if "startDate" in fields:
            self.doors.change_ekey(number, (_instant(fields, "startDate"), end))
        return {"errcode": 0, "errmsg": "none error message"}

    def _list_passcodes(self, fields: Mapping[str, str]) -> Fields:
        return self._paged(fields, "passcode", self._passcode)

    def _list_ekeys(self, fields: Mapping[str, str]) -> Fields:
        return self._paged(fields, "ekey", _ekey)

    def _paged(self, fields: Mapping[str, str], kind: str, shown: Callable[[Issued], Fields]) -> Fields:
        number, size = _number(fields, "pageNo"), _number(fields, "pageSize", 20)
        if number < 1 or not 1 <= size <= 100:
            raise Refused(-3, "invalid parameter: pageNo, pageSize")
        found = self.doors.listed(_number(fields, "lockId"), kind)
        page = [shown(one) for one in found[(number - 1) * size : number * size]]
        return {"list": page, "pageNo": number, "pageSize": size, "pages": -(-len(found) // size), "total": len(found)}

    def _passcode(self, one: Issued) -> Fields:
        kind = 2 if one.end is None else 3
        code = self.doors.codes[one.id]
        return {"keyboardPwdId": one.id, "keyboardPwd": code, "keyboardPwdType": kind, "isCustom": 1, **_dates(one)}

    async def _after(self, request: web.Request, held: Fields, fault: Fault | None) -> web.StreamResponse:
        if fault is Fault.SILENT_AFTER:
            await self._stay_silent()
        if fault in (Fault.RESET_AFTER, Fault.SILENT_AFTER) and request.transport is not None:
            request.transport.abort()
        answer = _answer(held)
        if fault is Fault.CUT_SHORT and isinstance(answer.body, bytes):
            answer.body = answer.body[: len(answer.body) // 2]
        return answer

    async def _stay_silent(self) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self.closing.wait()
        except TimeoutError:
            return


def _ekey(one: Issued) -> Fields:
    return {"keyId": one.id, "keyStatus": "110402", **_dates(one)}


def _dates(one: Issued) -> Fields:
    span: Span = one.start, one.end
    names = ("startDate", "endDate")
    return {name: 0 if at is None else round(at.timestamp() * 1000) for name, at in zip(names, span, strict=True)}


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _number(fields: Mapping[str, str], name: str, missing: int | None = None) -> int:
    value = fields.get(name)
    if value is None and missing is not None:
        return missing
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > 15:
        raise Refused(-3, f"invalid parameter: {name}")
    return int(value)


def _instant(fields: Mapping[str, str], name: str) -> datetime:
    """Milliseconds; a number of ten digits is seconds, and 1970."""
    try:
        return datetime.fromtimestamp(_number(fields, name) / 1000, UTC)
    except (OverflowError, ValueError):
        raise Refused(-3, f"invalid parameter: {name}") from None


def _answer(fields: Fields) -> web.Response:
    body = json.dumps(fields).encode()
    return web.Response(body=body, content_type="application/json", charset="utf-8")
