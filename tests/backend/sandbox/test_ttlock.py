"""The emulator met by a client written here from the wire facts alone, not by our adapter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.sandbox.ttlock import TTLockSandbox
from backend.sandbox.ttlock_faults import Fault

BEGAN = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
START, END, LATER = (datetime(year, 9, 30, 16, 0, tzinfo=UTC) for year in (2025, 2026, 2027))
LOCK = 77
CHANGE = "/v3/keyboardPwd/change"
_MD5 = hashlib.md5(b"door-password", usedforsecurity=False).hexdigest()


@dataclass
class Stranger:
    sandbox: TTLockSandbox
    session: aiohttp.ClientSession
    origin: str
    clock: list[datetime]
    token: str = ""

    async def signs_in(self, **changes: str) -> dict[str, object]:
        fields = {"clientId": "c1", "clientSecret": "s1", "username": "u1", "password": _MD5} | changes
        async with self.session.post(f"{self.origin}/oauth2/token", data=fields) as answer:
            told: dict[str, object] = json.loads(await answer.read())
        self.token = str(told.get("access_token", self.token))
        return told

    def fields(self, **more: object) -> dict[str, str]:
        sent = {"clientId": "c1", "accessToken": self.token, "date": millis(self.clock[0]), **more}
        return {name: str(value) for name, value in sent.items()}

    async def posts(self, path: str, **more: object) -> int:
        async with self.session.post(self.origin + path, data=self.fields(**more)) as answer:
            return int(json.loads(await answer.read())["errcode"])

    async def lists(self, path: str, **more: object) -> dict[str, object]:
        async with self.session.get(self.origin + path, params=self.fields(lockId=LOCK, **more)) as answer:
            listed: dict[str, object] = json.loads(await answer.read())
            return listed

    async def changes(self, number: int, **more: object) -> int:
        dates: dict[str, object] = {"startDate": millis(START), "endDate": millis(LATER), "changeType": 2}
        wish = {name: value for name, value in (dates | more).items() if value is not None}
        return await self.posts(CHANGE, lockId=LOCK, keyboardPwdId=number, **wish)


def millis(at: datetime) -> str:
    return str(round(at.timestamp() * 1000))


@pytest.fixture
async def stranger() -> AsyncIterator[Stranger]:
    clock = [BEGAN]
    sandbox = TTLockSandbox("c1", "s1", "u1", "door-password", lambda: clock[0], seed=3)
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        made = Stranger(sandbox, session, str(provider.make_url("")).rstrip("/"), clock)
        await made.signs_in()
        yield made


async def test_both_dates_through_the_gateway_reach_the_door(stranger: Stranger) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, [(START, END)])
    assert not stranger.sandbox.opens(LOCK, END + timedelta(days=1))
    assert await stranger.changes(number) == 0
    assert stranger.sandbox.opens(LOCK, END + timedelta(days=1))
    assert stranger.sandbox.ends() == {LOCK: {number: LATER}}


async def test_without_a_start_it_says_ok_and_does_nothing(stranger: Stranger) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, [(START, END)])
    assert await stranger.changes(number, startDate=None) == 0
    assert stranger.sandbox.ends() == {LOCK: {number: END}}
    assert stranger.sandbox.truth()["history"] == []


@pytest.mark.parametrize("change_type", [1, None])
async def test_the_default_change_is_the_cloud_s_alone(stranger: Stranger, change_type: int | None) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, [(START, END)])
    assert await stranger.changes(number, changeType=change_type) == 0
    truth = json.loads(json.dumps(stranger.sandbox.truth()))
    door = truth["locks"][str(LOCK)]
    assert door["cloud"][f"passcode {number}"] == LATER.isoformat()
    assert door["lock"][f"passcode {number}"] == END.isoformat()
    assert [change["in_lock"] for change in truth["history"]] == [False]


async def test_gateway_away_and_lock_busy(stranger: Stranger) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, [(START, END)], online=False)
    assert await stranger.changes(number) == -3002
    stranger.sandbox.gateway(LOCK, online=True)
    stranger.sandbox.trouble(LOCK, -3003, -3037)
    assert [await stranger.changes(number) for _ in range(3)] == [-3003, -3037, 0]


async def test_an_e_key_needs_no_gateway(stranger: Stranger) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, ekeys=[(START, END)], online=False)
    dates = {"startDate": millis(START), "endDate": millis(LATER)}
    assert await stranger.posts("/v3/key/changePeriod", keyId=number, **dates) == 0
    assert stranger.sandbox.ends() == {LOCK: {number: LATER}}
    assert await stranger.posts("/v3/key/changePeriod", keyId=number + 1, **dates) == -3


async def test_cards_and_fingerprints_have_their_own_doors(stranger: Stranger) -> None:
    doors = stranger.sandbox.doors
    [card], [finger] = doors.add(LOCK, "card", [(START, END)]), doors.add(LOCK, "fingerprint", [(START, END)])
    dates = {"lockId": LOCK, "startDate": millis(START), "endDate": millis(LATER), "changeType": 2}
    assert await stranger.posts("/v3/identityCard/changePeriod", cardId=card, **dates) == 0
    assert await stranger.posts("/v3/fingerprint/changePeriod", fingerprintId=finger, **dates) == 0
    assert await stranger.posts("/v3/fingerprint/changePeriod", fingerprintId=card, **dates) == -2009
    assert set(stranger.sandbox.ends()[LOCK].values()) == {LATER}


async def test_lists_come_in_pages(stranger: Stranger) -> None:
    numbers = stranger.sandbox.add_lock(LOCK, [(START, END)] * 5, [(START, None)])
    pages = [await stranger.lists("/v3/lock/listKeyboardPwd", pageNo=page, pageSize=2) for page in (1, 2, 3)]
    rows = [row for page in pages for row in page["list"]]  # type: ignore[attr-defined]
    assert [row["keyboardPwdId"] for row in rows] == numbers[:5]
    assert {(page["pages"], page["total"]) for page in pages} == {(3, 5)}
    keys = await stranger.lists("/v3/lock/listKey", pageNo=1, pageSize=20)
    assert [(row["keyId"], row["endDate"]) for row in keys["list"]] == [(numbers[5], 0)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "changes", [{"clientSecret": "s2"}, {"password": "door-password"}, {"username": "u2"}, {"clientId": "c2"}]
)
async def test_who_may_have_a_token(stranger: Stranger, changes: dict[str, str]) -> None:
    assert (await stranger.signs_in(**changes))["errcode"] == 10007


async def test_a_token_runs_out_and_is_refreshed(stranger: Stranger) -> None:
    refresh = str((await stranger.signs_in())["refresh_token"])
    stranger.sandbox.add_lock(LOCK)
    stranger.sandbox.doors.add(LOCK, "passcode", [(START, END)])
    stranger.clock[0] += timedelta(days=91)
    assert (await stranger.lists("/v3/lock/listKey", pageNo=1))["errcode"] == 10003
    told = await stranger.signs_in(grant_type="refresh_token", refresh_token=refresh)
    assert told["expires_in"] == 7776000
    assert "errcode" not in await stranger.lists("/v3/lock/listKey", pageNo=1)
    stranger.sandbox.expire_tokens()
    assert (await stranger.lists("/v3/lock/listKey", pageNo=1))["errcode"] == 10003
    stranger.sandbox.expire_refresh_tokens()
    assert (await stranger.signs_in(grant_type="refresh_token", refresh_token=refresh))["errcode"] == 10011


async def test_a_clock_off_and_seconds_for_milliseconds_are_refused(stranger: Stranger) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, [(START, END)])
    assert await stranger.changes(number, date=millis(BEGAN - timedelta(minutes=6))) == 80000
    assert await stranger.changes(number, date=round(BEGAN.timestamp())) == 80000
    assert await stranger.changes(number, endDate="soon") == -3


async def test_cut_after_the_deed_leaves_the_deed(stranger: Stranger) -> None:
    [number] = stranger.sandbox.add_lock(LOCK, [(START, END)])
    stranger.sandbox.faults.next(Fault.RESET_AFTER)
    with pytest.raises(aiohttp.ClientError):
        await stranger.changes(number)
    assert stranger.sandbox.ends() == {LOCK: {number: LATER}}
