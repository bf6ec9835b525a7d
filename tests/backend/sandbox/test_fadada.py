"""The emulator met by a client written here from the wire facts alone, not by our adapter."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.fadada import FadadaSandbox
from backend.sandbox.fadada_faults import Fault, Post
from backend.sandbox.wechatpay_faults import Troubles

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


@pytest.fixture
async def meeting() -> AsyncIterator[Meeting]:
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


async def test_the_landlord_seals_alone_and_the_tenant_by_hand(meeting: Meeting) -> None:
    _, told = await meeting.stranger.creates()
    ref = inside(told)["signTaskId"]
    assert [one["actor"] for one in meeting.sandbox.waiting_for()] == ["T1"]
    assert await meeting.stranger.plays(ref, "T1", "sign") == 200
    assert await meeting.stranger.plays(ref, "T1", "sign") == 409
    truth = json.loads(json.dumps(meeting.sandbox.truth()))
    assert truth["tasks"][ref]["state"] == "task_finished"
    assert [seal["actor"] for seal in truth["seals"]] == ["L", "T1"]
    assert truth["envelopes"] == {"K1": [ref]}


async def test_asked_twice_is_made_twice(meeting: Meeting) -> None:
    for _ in range(2):
        await meeting.stranger.creates("K1")
    truth = json.loads(json.dumps(meeting.sandbox.truth()))
    assert len(truth["envelopes"]["K1"]) == 2


async def test_a_nonce_is_good_once(meeting: Meeting) -> None:
    stranger, biz = meeting.stranger, '{"signTaskId":"1"}'
    headers = stranger.signed(biz)
    first = await stranger.send("/sign-task/app/get-detail", biz, headers)
    again = await stranger.send("/sign-task/app/get-detail", biz, headers)
    assert (first[1]["code"], again[1]["code"]) == ("100011", "100009")


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_clock_five_minutes_off_is_refused(meeting: Meeting, minutes: int) -> None:
    stamp = str(round((meeting.stranger.now + timedelta(minutes=minutes)).timestamp() * 1000))
    _, told = await meeting.stranger.call("/sign-task/app/get-detail", {}, **{"X-FASC-Timestamp": stamp})
    assert told["code"] == "100001"


async def test_a_token_lives_two_hours_after_its_last_use(meeting: Meeting) -> None:
    meeting.stranger.now += timedelta(hours=1, minutes=59)
    assert (await meeting.stranger.call("/file/get-upload-url", {"fileType": "doc"}))[1]["code"] == "100000"
    meeting.stranger.now += timedelta(hours=2)
    status, told = await meeting.stranger.call("/file/get-upload-url", {"fileType": "doc"})
    assert (status, told["code"]) == (401, "100002")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"docs": []}, "211145"),
        ({"actors": []}, "211146"),
        ({"businessId": ""}, "211118"),
        ({"invented": 1}, "100011"),
        ({"expiresTime": "1"}, "100011"),
        ({"initiator": {"idType": "corp", "openId": "another"}}, "213002"),
        ({"signTaskSubject": "长" * 201}, "100011"),
    ],
)
async def test_a_task_that_cannot_be_is_refused(meeting: Meeting, changes: dict[str, object], code: str) -> None:
    _, told = await meeting.stranger.creates("K1", **changes)
    assert told["code"] == code
    assert meeting.sandbox.book.tasks == {}


async def test_a_file_under_a_wrong_name_is_refused(meeting: Meeting) -> None:
    _, told = await meeting.stranger.uploads(b"<p>not a pdf</p>", "paper.pdf")
    assert told["code"] == "211157"


async def test_without_the_grant_the_seal_waits_for_a_hand(meeting: Meeting) -> None:
    await meeting.stranger.creates(businessId="scene-nobody-granted")
    assert [one["actor"] for one in meeting.sandbox.waiting_for()] == ["L", "T1"]


async def test_newest_first_when_shuffled(meeting: Meeting) -> None:
    _, told = await meeting.stranger.creates()
    await meeting.stranger.plays(inside(told)["signTaskId"], "T1", "sign")
    meeting.sandbox.post.shuffled = True
    await meeting.sandbox.pump()
    assert meeting.stranger.events[0] == "sign-task-finished"
    assert {biz["transReferenceId"] for _, biz in meeting.stranger.heard} == {"K1"}


async def test_a_callback_comes_again_after_3_min_30_min_and_8_h(meeting: Meeting) -> None:
    stranger, sandbox = meeting.stranger, meeting.sandbox
    stranger.answer = lambda: web.Response(text="busy")
    await stranger.creates(actors=[TENANT])
    tried = [await sandbox.pump()]
    for wait in (timedelta(minutes=3), timedelta(minutes=30), timedelta(hours=8)):
        assert await sandbox.pump() == 0
        stranger.now += wait
        tried.append(await sandbox.pump())
    assert tried == [1, 1, 1, 1]
    assert (sandbox.next_due(), sandbox.post.counts.given_up) == (None, 1)


@pytest.mark.parametrize(
    ("trouble", "at_once", "later"), [(Post.LOST, 0, 0), (Post.TWICE, 2, 2), (Post.LATE, 0, 1), (Post.FORGED, 1, 1)]
)
async def test_what_may_happen_to_a_callback(meeting: Meeting, trouble: Post, at_once: int, later: int) -> None:
    meeting.sandbox.post_troubles.next(trouble)
    await meeting.stranger.creates(actors=[TENANT])
    await meeting.sandbox.pump()
    assert len(meeting.stranger.heard) == at_once
    meeting.stranger.now += timedelta(hours=1)
    await meeting.sandbox.pump()
    assert len(meeting.stranger.heard) == later
    assert meeting.sandbox.post.counts.forged_believed == 0


async def test_broken_after_the_deed_leaves_the_deed(meeting: Meeting) -> None:
    meeting.sandbox.faults.next(None, None, Fault.BROKEN_AFTER)
    status, told = await meeting.stranger.creates()
    assert (status, told["code"]) == (500, "100001")
    assert len(meeting.sandbox.book.tasks) == 1


def test_the_same_seed_draws_the_same_numbers_and_troubles() -> None:
    rates = {Fault.BUSY: 0.3, Fault.RESET_AFTER: 0.3}

    def drawn(seed: int) -> tuple[list[Fault | None], str]:
        sandbox = FadadaSandbox("a", "s", lambda: BEGAN, seed, faults=Troubles(rates, seed))
        return [sandbox.faults.draw() for _ in range(20)], sandbox.book.number()

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)
