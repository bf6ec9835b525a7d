"""Reach for the desk's own programs: the report, tries, old links killed, a picture to bind a WeChat."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from backend.console.reach_api import Acting
from backend.db.port import Store
from backend.db.reach_port import Attempt
from tests.backend.console.office import OTHERS, PICTURE, Away, Office, office, other_lease
from tests.journeys.samples import NOW

ACTOR = msgspec.to_builtins(Acting("hk1"))


async def test_the_report_counts_and_names_each_lease(keyed: Office) -> None:
    stored = await keyed.opens_lease(other_lease(1, end=date(2026, 9, 8)))
    attempt = Attempt("k", "sms", stored.id, stored.tenant, "remind_warm", NOW, "failed", "sms", "aliyun")
    await keyed.store.note_attempt(attempt)
    status, said = await keyed.asks("GET", "/desk/api/reach")
    assert (status, said["days"]) == (200, 7)
    assert said["counts"] == {"without": 1, "task": 0, "delivered": 0, "spoken": 0, "acted": 0}
    [lease] = said["leases"]
    assert (lease["renewal"], lease["end"], lease["days_left"]) == (stored.id, "2026-09-08", 6)
    assert (lease["sight"], lease["attempts"], lease["last_failure"]) == ("without", 1, None)


@pytest.mark.parametrize("days", ["8", "", "x", "²", "-7"])
async def test_another_horizon_is_refused_by_name(keyed: Office, days: str) -> None:
    status, said = await keyed.asks("GET", f"/desk/api/reach?days={days}")
    assert (status, said["error"]["field"]) == (400, "days")


async def test_tries_come_without_keys_and_references(keyed: Office) -> None:
    stored = await keyed.opens_lease()
    attempt = Attempt(
        "say:secret-key", "sms", stored.id, stored.tenant, "remind_warm", NOW, "failed", "sms", "aliyun",
        "ref-of-the-vendor", 2, 90, "bad_number", "MK:0001", NOW,
    )  # fmt: skip
    await keyed.store.note_attempt(attempt)
    status, said = await keyed.asks("GET", f"/desk/api/renewals/{stored.id}/attempts")
    [one] = said["attempts"]
    assert status == 200
    assert (one["segments"], one["price"], one["failure"], one["code"]) == (2, 90, "bad_number", "MK:0001")
    assert "secret-key" not in str(said)
    assert "ref-of-the-vendor" not in str(said)


async def test_old_links_die_and_dying_again_is_safe(keyed: Office) -> None:
    stored = await keyed.opens_lease()
    path = f"/desk/api/renewals/{stored.id}/links/revoke"
    for _ in range(2):
        assert await keyed.asks("POST", path, ACTOR) == (
            200, {"id": stored.id, "links_dead_before": NOW.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )  # fmt: skip
    assert await keyed.store.links_dead_before(stored.id) == NOW


async def test_a_picture_to_bind(keyed: Office, ledger: Store) -> None:
    stored = await keyed.opens_lease()
    path = f"/desk/api/renewals/{stored.id}/binding"
    assert await keyed.asks("POST", path, ACTOR) == (200, {"id": stored.id, "picture": PICTURE})
    async with office(ledger, binding=None) as unconnected:
        status, said = await unconnected.asks("POST", path, ACTOR)
    assert status == 503
    assert "WeChat" in said["error"]["message"]


@pytest.mark.parametrize("deed", ["links/revoke", "binding"])
async def test_deeds_need_key_actor_json_and_an_own_renewal(keyed: Office, deed: str) -> None:
    mine = await keyed.opens_lease()
    theirs = await keyed.opens_lease(other_lease(3, OTHERS), operator=OTHERS)
    path = f"/desk/api/renewals/{mine.id}/{deed}"
    assert (await keyed.asks("POST", path, ACTOR, Authorization="Bearer wrong"))[0] == 401
    assert (await keyed.asks("POST", path, {"actor": ""}))[1]["error"]["field"] == "actor"
    assert (await keyed.asks("POST", path, {"actor": "hk1", "more": 1}))[0] == 400
    assert (await keyed.asks("POST", path, b"actor=hk1", **{"Content-Type": "text/plain"}))[0] == 415
    assert (await keyed.asks("POST", f"/desk/api/renewals/{theirs.id}/{deed}", ACTOR))[0] == 404
    for one in (mine, theirs):
        assert await keyed.store.links_dead_before(one.id) is None


@pytest.mark.parametrize("path", ["/desk/api/reach", "/desk/api/renewals/1/attempts"])
async def test_looking_needs_the_key(keyed: Office, path: str) -> None:
    assert (await keyed.asks("GET", path, Authorization="Bearer wrong"))[0] == 401


async def test_another_operator_s_tries_do_not_exist_here(keyed: Office) -> None:
    theirs = await keyed.opens_lease(other_lease(3, OTHERS), operator=OTHERS)
    assert (await keyed.asks("GET", f"/desk/api/renewals/{theirs.id}/attempts"))[0] == 404


async def test_a_store_that_is_away_is_503() -> None:
    async with office(Away()) as away:  # type: ignore[arg-type]
        for path in ("/desk/api/reach", "/desk/api/renewals/1/attempts"):
            assert (await away.asks("GET", path))[0] == 503
        for deed in ("links/revoke", "binding"):
            assert (await away.asks("POST", f"/desk/api/renewals/1/{deed}", ACTOR))[0] == 503
