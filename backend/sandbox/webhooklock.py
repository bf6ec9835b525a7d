"""An operator's own lock system at the other end of the generic lock webhook; its doors are TTLock's emulated ones."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import web

from .ttlock_doors import Doors, Issued, Refused
from .ttlock_faults import Fault
from .wechatpay_faults import Troubles

SKEW = timedelta(minutes=5)
_SIGNED = re.compile(r"t=(\d{1,11}),v1=([0-9a-f]{64})")
_ASLEEP = {-2012, -3002, -3003, -3035, -3036, -3037}


class WebhookLockSandbox:
    """``doors`` as in the TTLock sandbox: two records each, so that a silent nothing is seen."""

    def __init__(self, secret: str, clock: Callable[[], datetime], seed: int = 0) -> None:
        self.doors = Doors(clock, seed)
        self.faults: Troubles[Fault] = Troubles(seed=seed)
        self._secret = secret.encode()
        self._clock = clock
        self._done: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024)
        app.router.add_post("/locks", self._door)
        return app

    async def _door(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if not self._is_signed(request.headers.get("X-Xuzu-Signature", ""), raw):
            return web.json_response({"code": "signature"}, status=401)
        wish = json.loads(raw)
        fault = self.faults.draw(str(wish.get("lock")))
        if fault in (Fault.BUSY, Fault.OVERLOADED):
            return web.json_response({"code": "busy"}, status=503)
        try:
            told = self._answer(wish)
        except (Refused, ValueError) as no:
            code = getattr(no, "errcode", 0)
            status = 409 if code in _ASLEEP else 422
            return web.json_response({"code": str(code)}, status=status)
        if fault in (Fault.RESET_AFTER, Fault.SILENT_AFTER) and request.transport is not None:
            request.transport.abort()
        text = json.dumps(told)
        return web.Response(text=text[: len(text) // 2] if fault is Fault.CUT_SHORT else text)

    def _answer(self, wish: dict[str, str]) -> dict[str, object]:
        lock = int(wish["lock"])
        if wish["op"] == "credentials":
            return {"credentials": [_told(one) for one in self.doors.door(lock).cloud.values()]}
        if wish["key"] not in self._done:
            start = None if wish["start"] is None else datetime.fromisoformat(wish["start"])
            span = (start, datetime.fromisoformat(wish["end"]))
            if wish["kind"] == "ekey":
                self.doors.change_ekey(int(wish["credential"]), span)
            else:
                self.doors.change(lock, (wish["kind"], int(wish["credential"])), span, 2)
            self._done.add(wish["key"])
        return {}

    def _is_signed(self, said: str, raw: bytes) -> bool:
        found = _SIGNED.fullmatch(said)
        if found is None or abs(int(found[1]) - self._clock().timestamp()) > SKEW.total_seconds():
            return False
        true = hmac.digest(self._secret, found[1].encode() + b"." + raw, "sha256").hex()
        return hmac.compare_digest(true, found[2])


def _told(one: Issued) -> dict[str, object]:
    moments = {"start": one.start, "end": one.end}
    return {"id": str(one.id), "kind": one.kind} | {
        name: None if at is None else at.isoformat() for name, at in moments.items()
    }
