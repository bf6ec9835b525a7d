"""An operator's own system at the other end of the receivables check: its books, its signature check, its bad days."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import web

SKEW = timedelta(minutes=5)
_SIGNED = re.compile(r"t=(\d{1,11}),v1=([0-9a-f]{64})")


class ErpSandbox:
    """``owed``: by lease number its open items; ``said`` replaces the next answers, as text."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self.owed: dict[str, list[dict[str, object]]] = {}
        self.disputed: set[str] = set()
        self.said: list[str] = []
        self.asked: list[str] = []
        self._secret = secret.encode()
        self._clock = clock

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024)
        app.router.add_post("/receivables", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if not self._is_signed(request.headers.get("X-Xuzu-Signature", ""), raw):
            return web.json_response({"code": "signature"}, status=401)
        wish = json.loads(raw)
        self.asked.append(wish["request"])
        if self.said:
            return web.Response(text=self.said.pop(0), content_type="application/json")
        items = self.owed.get(wish["lease"], [])
        verdict = "disputed" if wish["lease"] in self.disputed else "owing" if items else "clear"
        until = (self._clock() + timedelta(hours=1)).isoformat()
        told = {"verdict": verdict, "items": items, "deposit_fen": 320000, "evidence": f"CHK-{len(self.asked)}"}
        return web.json_response(told | {"valid_until": until})

    def _is_signed(self, said: str, raw: bytes) -> bool:
        found = _SIGNED.fullmatch(said)
        if found is None or abs(int(found[1]) - self._clock().timestamp()) > SKEW.total_seconds():
            return False
        true = hmac.digest(self._secret, found[1].encode() + b"." + raw, "sha256").hex()
        return hmac.compare_digest(true, found[2])
