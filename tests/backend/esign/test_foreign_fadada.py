"""The provider's own client (Fadada's Node SDK) is served by our sandbox, and signs and verifies as ours does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.esign.fadada_calls import Calls
from backend.esign.fadada_task import Paper, task_fields
from backend.esign.fadada_voiding import voiding_fields
from backend.esign.port import EnvelopeState
from tests.backend.esign.node_sdk import NodeSdk, driven, installed
from tests.backend.esign.studio import ACCOUNT, FRIEND, PAPER, TENANT, Studio

CORP = {"idType": "corp", "openId": ACCOUNT.open_corp_id}
Posted = tuple[str, dict[str, str], str]
"""Path, X-FASC headers and body."""
ANSWER: dict[str, Any] = {
    "code": "100000",
    "msg": "",
    "data": {"accessToken": "t" * 32, "expiresIn": "7200", "signTaskId": "17"},
}


@dataclass
class Letterbox:
    """A door that keeps whatever is posted to it, byte for byte."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        fasc = {name: value for name, value in request.headers.items() if name.lower().startswith("x-fasc-")}
        self.posted.append((request.path, fasc, (await request.read()).decode("ascii")))
        return web.json_response(ANSWER | {"ack": "success"})


def biz_of(raw: str) -> str:
    return parse_qs(raw)["bizContent"][0]


def bent(text: str, at: int) -> str:
    """One character changed."""
    return text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]


@pytest.fixture(scope="module")
def sdk_folder() -> Path:
    return installed()


@pytest.fixture
async def letterbox() -> AsyncIterator[Letterbox]:
    box, app = Letterbox(), web.Application()
    app.add_routes([web.post("/{path:.*}", box.take)])
    async with TestServer(app) as server:
        box.url = str(server.make_url("")).rstrip("/")
        yield box


@pytest.fixture
async def foreign(sdk_folder: Path, studio: Studio) -> AsyncIterator[NodeSdk]:
    """Pointed at the sandbox; it signs by the machine's clock."""
    studio.clock.at = datetime.now(UTC)
    async with driven(sdk_folder, studio.api, ACCOUNT.app_id, ACCOUNT.app_secret) as sdk:
        yield sdk


@pytest.fixture
async def recorded(sdk_folder: Path, letterbox: Letterbox) -> AsyncIterator[NodeSdk]:
    """Pointed at the letterbox."""
    async with driven(sdk_folder, letterbox.url, ACCOUNT.app_id, ACCOUNT.app_secret) as sdk:
        yield sdk


async def made(studio: Studio, sdk: NodeSdk, key: str) -> str:
    """Uploads, processes and creates, each by the SDK; the pre-signed address is no call of its."""
    place = (await sdk.calls("getUploadUrl", {"fileType": "doc"}))["data"]
    sent = {"Content-Type": "application/octet-stream"}
    async with studio.session.put(place["uploadUrl"], data=PAPER, headers=sent) as put:
        assert put.status == 200
    wish = {"fileType": "doc", "fddFileUrl": place["fddFileUrl"], "fileName": "R1E1.html"}
    (file,) = (await sdk.calls("fileProcess", {"fddFileUrlList": [wish]}))["data"]["fileIdList"]
    tenant = {"actorId": "T1", "actorType": "person", "actorName": "张演示 & 李=演示", "permissions": ["sign"]}
    told = await sdk.calls("create", {
        "initiator": CORP, "signTaskSubject": "续租协议 L-001", "autoStart": True,
        "businessCode": key, "transReferenceId": key,
        "docs": [{"docId": "d", "docName": "续租协议", "docFileId": file["fileId"]}], "actors": [{"actor": tenant}],
    })  # fmt: skip
    assert told["code"] == "100000", told
    return str(told["data"]["signTaskId"])


async def test_it_signs_in_creates_asks_lists_and_cancels(studio: Studio, foreign: NodeSdk) -> None:
    assert (await foreign.asked("signIn"))["data"]["expiresIn"] == "7200"
    ref = await made(studio, foreign, "R1E1")
    detail = (await foreign.calls("getDetail", {"signTaskId": ref}))["data"]
    assert (detail["signTaskStatus"], detail["transReferenceId"]) == ("sign_progress", "R1E1")
    wish = {"ownerId": CORP, "ownerRole": "initiator", "listFilter": {"businessCode": "R1E1"}, "listPageNo": 1}
    page = (await foreign.calls("getOwnerList", wish))["data"]
    assert [one["signTaskId"] for one in page["signTasks"]] == [ref]
    found = await studio.esign.find("R1E1")
    assert found is not None
    assert (found.ref, found.state) == (ref, EnvelopeState.SIGNING)
    assert (await foreign.calls("cancel", {"signTaskId": ref, "terminationNote": "条款有误"}))["code"] == "100000"
    assert (await studio.esign.state(ref)).state is EnvelopeState.WITHDRAWN
    assert (await foreign.calls("cancel", {"signTaskId": ref}))["code"] == "211126"


async def test_it_voids_what_everybody_signed(studio: Studio, foreign: NodeSdk) -> None:
    await foreign.asked("signIn")
    ref = await made(studio, foreign, "R1E1")
    assert await studio.plays(ref, "T1") == 200
    wish = {"signTaskId": ref, "abolishedInitiator": {"initiatorId": CORP["openId"]}, "reason": "双方同意"}
    voiding = (await foreign.calls("abolish", {**wish, "autoStart": True}))["data"]["abolishedSignTaskId"]
    assert (await foreign.calls("getDetail", {"signTaskId": ref}))["data"]["signTaskStatus"] == "abolishing"
    assert await studio.plays(voiding, "T1") == 200
    assert (await studio.esign.state(ref)).state is EnvelopeState.VOIDED


async def test_with_one_character_of_the_secret_changed_it_is_turned_away(studio: Studio, foreign: NodeSdk) -> None:
    wrong = bent(ACCOUNT.app_secret, 0)
    assert (await foreign.asked("signIn", secret=wrong))["code"] == "100003"
    assert (await foreign.asked("signIn"))["code"] == "100000"
    told = await foreign.calls("getUploadUrl", {"fileType": "doc"}, secret=wrong)
    assert told["code"] == "100003"
    assert studio.sandbox.book.uploads == {}


async def test_with_any_character_of_its_body_changed_it_is_turned_away(
    studio: Studio, foreign: NodeSdk, recorded: NodeSdk, letterbox: Letterbox
) -> None:
    token = (await foreign.asked("signIn"))["data"]["accessToken"]
    await recorded.calls("getOwnerList", {"ownerId": CORP, "listFilter": {"businessCode": "续租"}}, token=token)
    path, headers, raw = letterbox.posted.pop()
    biz = biz_of(raw)
    assert "续租" in biz
    codes = [await posted(studio, path, headers, bent(biz, at)) for at in range(len(biz))]
    assert set(codes) == {"100003"}
    assert [await posted(studio, path, headers, biz) for _ in range(2)] == ["100000", "100009"]


async def posted(studio: Studio, path: str, headers: dict[str, str], biz: str) -> str:
    async with studio.session.post(studio.api + path, data={"bizContent": biz}, headers=headers) as answer:
        return str(json.loads(await answer.read())["code"])


SENT: dict[str, dict[str, object]] = {
    "create": task_fields(
        ACCOUNT, Paper("R1E1", "续租协议 L-001", "9"), (TENANT, FRIEND), datetime(2026, 9, 27, tzinfo=UTC)
    ),
    "cancel": {"signTaskId": "17", "terminationNote": "条款有误 & 张=演示+%\n"},
    "abolish": voiding_fields(ACCOUNT, "17", "R1E1V1", "双方同意解除", ""),
}


@pytest.mark.parametrize("method", SENT)
async def test_what_our_adapter_sends_it_signs_alike(
    studio: Studio, recorded: NodeSdk, letterbox: Letterbox, method: str
) -> None:
    await Calls(ACCOUNT, studio.session, studio.clock, api=letterbox.url).tell(f"/sign-task/{method}", SENT[method])
    for_token, ours = letterbox.posted
    await compared(recorded, letterbox, for_token, client="serviceClient", method="getAccessToken")
    told = {"req": SENT[method], "token": ANSWER["data"]["accessToken"]}
    await compared(recorded, letterbox, ours, client="signTaskClient", method=method, **told)


async def compared(sdk: NodeSdk, letterbox: Letterbox, ours: Posted, **call: Any) -> None:
    """The same call at the same instant with the same nonce; then with another secret, nonce or instant."""
    path, headers, raw = ours
    moment = {"stamp": headers["X-FASC-Timestamp"], "nonce": headers["X-FASC-Nonce"]}
    await sdk.asked("callAt", **moment, **call)
    theirs = letterbox.posted.pop()
    assert (theirs[0], lowered(theirs[1]), parse_qs(theirs[2])) == (path, lowered(headers), parse_qs(raw))
    for change in ({"secret": bent(ACCOUNT.app_secret, 5)}, {"nonce": "0" * 32}, {"stamp": "1757570000000"}):
        await sdk.asked("callAt", **{**moment, **call, **change})
        assert lowered(letterbox.posted.pop()[1])["x-fasc-sign"] != headers["X-FASC-Sign"]


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


async def test_the_callbacks_of_our_sandbox_verify(studio: Studio, foreign: NodeSdk, letterbox: Letterbox) -> None:
    studio.sandbox.post.write(letterbox.url, "sign-task-signed", '{"signTaskId":"17","userName":"张演示 & 李=演示"}')
    await studio.sandbox.pump()
    assert studio.sandbox.post.counts.acknowledged == 1
    _, headers, raw = letterbox.posted.pop()
    sign, biz = headers.pop("X-FASC-Sign"), biz_of(raw)
    assert (await foreign.asked("callbackSign", headers=headers, bizContent=biz))["sign"] == sign
    mutants: list[dict[str, Any]] = [{"headers": headers, "bizContent": bent(biz, at)} for at in range(len(biz))]
    mutants += [{"headers": {**headers, name: bent(value, 0)}, "bizContent": biz} for name, value in headers.items()]
    mutants.append({"headers": headers, "bizContent": biz, "secret": bent(ACCOUNT.app_secret, 3)})
    for mutant in mutants:
        assert (await foreign.asked("callbackSign", **mutant))["sign"] != sign
