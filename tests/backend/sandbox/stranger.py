"""A client of Fadada's emulator written here from the wire facts alone, not from our adapter."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.fadada import FadadaSandbox

SECRET = "stranger-secret"
BEGAN = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
CORP = {"idType": "corp", "openId": "corp0001"}
TENANT = {"actor": {"actorId": "T1", "actorType": "person", "actorName": "张演示", "permissions": ["sign"]}}
Said = tuple[int, dict[str, object]]


@dataclass
class Stranger:
    """An integrator's own client: signs by hand, looks at raw answers."""

    session: aiohttp.ClientSession
    origin: str = ""
    now: datetime = BEGAN
    token: str = ""
    nonces: int = 0
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answer: Callable[[], web.Response] = lambda: web.Response(text="success")

    def signed(self, biz: str | None, **changes: str) -> dict[str, str]:
        self.nonces += 1
        sent = {
            "X-FASC-App-Id": "app-1",
            "X-FASC-Sign-Type": "HMAC-SHA256",
            "X-FASC-Timestamp": str(round(self.now.timestamp() * 1000)),
            "X-FASC-Nonce": f"{self.nonces:032d}",
            "X-FASC-Api-SubVersion": "5.1",
            **({"X-FASC-AccessToken": self.token} if self.token else {"X-FASC-Grant-Type": "client_credential"}),
            **changes,
        }
        pairs = {**sent, "bizContent": biz} if biz is not None else sent
        return {**sent, "X-FASC-Sign": signature(pairs)}

    async def call(self, path: str, fields: object, **changes: str) -> Said:
        biz = json.dumps(fields)
        return await self.send(path, biz, self.signed(biz, **changes))

    async def send(self, path: str, biz: str | None, headers: dict[str, str]) -> Said:
        body = b"" if biz is None else b"bizContent=" + quote(biz, safe="").encode()
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        async with self.session.post(f"{self.origin}/api/v5{path}", data=body, headers=headers) as answer:
            told = json.loads(await answer.read())
            return answer.status, told

    async def signs_in(self) -> None:
        self.token = ""
        _, told = await self.send("/service/get-access-token", None, self.signed(None))
        self.token = inside(told)["accessToken"]

    async def uploads(self, body: bytes, name: str) -> Said:
        _, told = await self.call("/file/get-upload-url", {"fileType": "doc"})
        place = inside(told)
        headers = {"Content-Type": "application/octet-stream"}
        async with self.session.put(place["uploadUrl"], data=body, headers=headers) as put:
            assert put.status == 200
        wish = {"fileType": "doc", "fddFileUrl": place["fddFileUrl"], "fileName": name}
        return await self.call("/file/process", {"fddFileUrlList": [wish]})

    async def creates(self, key: str = "K1", **changes: object) -> Said:
        _, told = await self.uploads(b"%PDF-1.7 paper", "paper.pdf")
        files = json.loads(json.dumps(told["data"]))["fileIdList"]
        return await self.call("/sign-task/create", task(key, files[0]["fileId"]) | changes)

    async def plays(self, ref: str, actor: str, outcome: str) -> int:
        url = f"{self.origin}/h5/sign/{ref}/{actor}"
        async with self.session.post(url, data={"outcome": outcome}) as answer:
            return answer.status

    async def hear(self, request: web.Request) -> web.Response:
        form = await request.post()
        biz = str(form["bizContent"])
        names = ("App-Id", "Event", "Nonce", "Sign-Type", "Timestamp")
        pairs = {f"X-FASC-{name}": request.headers[f"X-FASC-{name}"] for name in names}
        true = signature({**pairs, "bizContent": biz}) == request.headers["X-FASC-Sign"]
        if not true:
            return web.Response(status=403)
        self.heard.append((request.headers["X-FASC-Event"], json.loads(biz)))
        return self.answer()

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.heard]


def signature(pairs: dict[str, str]) -> str:
    text = "&".join(f"{name}={value}" for name, value in sorted(pairs.items()) if value)
    dated = hmac.new(SECRET.encode(), pairs["X-FASC-Timestamp"].encode(), hashlib.sha256).digest()
    return hmac.new(dated, hashlib.sha256(text.encode()).hexdigest().encode(), hashlib.sha256).hexdigest()


def inside(told: dict[str, object]) -> dict[str, str]:
    assert told["code"] == "100000", told
    held = told["data"]
    assert isinstance(held, dict)
    return held


def task(key: str, file_id: str) -> dict[str, object]:
    seal = {
        "actorId": "L",
        "actorType": "corp",
        "actorName": "寓居",
        "permissions": ["sign"],
        "actorOpenId": "corp0001",
    }
    place = [{"fieldDocId": "d", "fieldName": "seal"}]
    return {
        "initiator": CORP,
        "signTaskSubject": "续租补充协议",
        "autoStart": True,
        "businessId": "scene0001",
        "businessCode": key,
        "transReferenceId": key,
        "docs": [{"docId": "d", "docName": "d", "docFileId": file_id}],
        "actors": [
            {"actor": seal, "signFields": place, "signConfigInfo": {"requestVerifyFree": True}},
            TENANT,
        ],
    }


@dataclass
class Meeting:
    stranger: Stranger
    sandbox: FadadaSandbox


@asynccontextmanager
async def met() -> AsyncIterator[Meeting]:
    """The two over loopback, the stranger signed in and listening."""
    async with aiohttp.ClientSession() as session:
        stranger = Stranger(session)
        ear = web.Application()
        ear.add_routes([web.post("/heard", stranger.hear)])
        sandbox = FadadaSandbox("app-1", SECRET, lambda: stranger.now, seed=3)
        async with TestServer(ear) as door, TestServer(sandbox.app()) as provider:
            stranger.origin = str(provider.make_url("")).rstrip("/")
            sandbox.callback_url = str(door.make_url("/heard"))
            await stranger.signs_in()
            yield Meeting(stranger, sandbox)
