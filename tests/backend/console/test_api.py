"""The desk's JSON door: one staff event in, tasks out; wrong fields are named and change nothing."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from backend.console.api import BODY_MAX, OUTCOME_MAX, StaffEvent
from backend.db.port import DeskTask
from dialogs.events import ArrearsPaid, CallEnded, Claimed, Heard, Released, StaffOffered, Thanked
from dialogs.money import Fen, yuan
from dialogs.states import State
from tests.backend.console.office import KEY, LEDGER_BILL, OPERATOR, OTHERS, PHONE, Away, Office, office, other_lease
from tests.journeys.samples import NAME, NOW, offer


def task(renewal_id: int, key: str = "k1") -> DeskTask:
    return DeskTask(renewal_id, key, "handoff", "housekeeper", "asked for a person", "hk1", NOW)


async def test_a_staff_event_goes_through_the_rules(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    status, told = await at_desk.asks("POST", f"/desk/api/renewals/{stored.id}/events", Claimed(actor="hk1"))
    assert (status, told) == (200, {"id": stored.id, "state": "opened", "version": 1})
    assert (await at_desk.again(stored)).renewal.owner.person == "hk1"
    (logged,) = await at_desk.store.log(stored.id)
    assert logged.event == Claimed(actor="hk1")


async def test_events_with_insides_are_read_whole(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    made = StaffOffered(actor="hk1", offer=offer())
    assert (await at_desk.asks("POST", f"/desk/api/renewals/{stored.id}/events", made))[0] == 200
    assert (await at_desk.again(stored)).renewal.state is State.REMINDED
    assert (await at_desk.asks("POST", f"/desk/api/renewals/{stored.id}/events", ArrearsPaid()))[0] == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (Thanked(), "event"),
        ({"event": "VerdictReached", "verdict": "clear"}, "event"),
        ({"event": "Claimed"}, "actor"),
        ({"event": "Claimed", "actor": ""}, "actor"),
        ({"event": "Claimed", "actor": "x" * 65}, "actor"),
        ({"event": "Claimed", "actor": 7}, "actor"),
        ({"event": "InstalmentsAgreed", "actor": "hk1", "until": "soon"}, "until"),
        (b"{", ""),
        (b"\xff", ""),
        ([], ""),
    ],
)
async def test_what_is_no_staff_event_is_named_and_changes_nothing(at_desk: Office, body: object, field: str) -> None:
    stored = await at_desk.opens_lease()
    status, told = await at_desk.asks("POST", f"/desk/api/renewals/{stored.id}/events", body)
    assert (status, told["error"]["field"]) == (400, field)
    assert told["error"]["message"]
    assert await at_desk.again(stored) == stored


def test_no_word_of_a_tenant_comes_in_here() -> None:
    kinds = get_args(StaffEvent)
    assert len(kinds) > 10
    assert [kind for kind in kinds if issubclass(kind, Heard)] == []


async def test_forms_and_floods_are_refused(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    path = f"/desk/api/renewals/{stored.id}/events"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await at_desk.asks("POST", path, Claimed(actor="hk1"), **form))[0] == 415
    flood = msgspec.json.encode({"event": "Claimed", "actor": "hk1", "more": "x" * BODY_MAX})
    assert (await at_desk.asks("POST", path, flood))[0] == 413
    assert await at_desk.again(stored) == stored


@pytest.mark.parametrize("said", ["Bearer wrong", "", f"Basic {KEY}"])
async def test_the_key_is_asked_for(keyed: Office, said: str) -> None:
    stored = await keyed.opens_lease()
    await keyed.enters()
    for method, path in (("GET", f"/{stored.id}"), ("POST", f"/{stored.id}/events"), ("POST", f"/{stored.id}/settle")):
        body = Claimed(actor="hk1") if method == "POST" else None
        status, told = await keyed.asks(method, f"/desk/api/renewals{path}", body, Authorization=said)
        assert (status, told["error"]["field"]) == (401, "")
    assert (await keyed.asks("GET", "/desk/api/tasks", Authorization=said))[0] == 401
    assert (await keyed.asks("GET", "/desk/api/tasks"))[0] == 200


async def test_another_operator_s_renewal_does_not_exist_here(at_desk: Office) -> None:
    theirs = await at_desk.opens_lease(other_lease(3, OTHERS), operator=OTHERS)
    for path, body in (("/events", Claimed(actor="hk1")), ("/settle", {"actor": "hk1"}), ("", None)):
        method = "GET" if body is None else "POST"
        assert (await at_desk.asks(method, f"/desk/api/renewals/{theirs.id}{path}", body))[0] == 404
    assert await at_desk.again(theirs) == theirs


async def test_a_renewal_is_told_without_its_people(at_desk: Office) -> None:
    stored = await at_desk.gated(await at_desk.opens_lease())
    status, told = await at_desk.asks("GET", f"/desk/api/renewals/{stored.id}")
    assert (status, told["lease_no"], told["state"], told["end"]) == (200, "YJ-2025-0812", "gated", "2026-10-02")
    assert (told["rent"], told["deposit_due"], told["deposit_held"]) == (yuan(3200), yuan(3200), yuan(3000))
    assert (told["owing"], told["owner"]) == (yuan(1200), None)
    assert NAME not in str(told)
    assert PHONE not in str(told)


async def test_money_at_the_counter_is_booked_by_its_cashier(at_desk: Office) -> None:
    stored = await at_desk.gated(await at_desk.opens_lease(None, LEDGER_BILL))
    status, told = await at_desk.asks("POST", f"/desk/api/renewals/{stored.id}/settle", {"actor": "cashier"})
    assert (status, told["state"], told["bills"]) == (200, "checking", [LEDGER_BILL.no])
    assert Fen(told["deposit_held"]) == yuan(3200)
    for body, field in (({}, "actor"), ({"actor": ""}, "actor"), ({"actor": "c", "sum": 1}, "sum")):
        status, told = await at_desk.asks("POST", f"/desk/api/renewals/{stored.id}/settle", body)
        assert (status, told["error"]["field"]) == (400, field)


async def test_open_tasks_are_listed_and_done_once(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await at_desk.store.add_task(task(stored.id))
    _, told = await at_desk.asks("GET", "/desk/api/tasks")
    (listed,) = told["tasks"]
    assert (listed["kind"], listed["renewal_id"], listed["assignee"]) == ("handoff", stored.id, "hk1")
    path, done = f"/desk/api/tasks/{listed['id']}/done", {"actor": "hk1", "outcome": "talked"}
    assert (await at_desk.asks("POST", path, done))[0] == 200
    again = {"actor": "hk2", "outcome": "talked again"}
    assert (await at_desk.asks("POST", path, again)) == (200, {"id": listed["id"], "outcome": "talked"})
    assert (await at_desk.asks("POST", "/desk/api/tasks/999/done", done))[0] == 404
    assert (await at_desk.asks("GET", "/desk/api/tasks"))[1] == {"tasks": []}
    (kept,) = await at_desk.store.tasks(OPERATOR, open_only=False)
    assert (kept.outcome, kept.done_at) == ("talked", NOW)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"actor": "hk1"}, "outcome"),
        ({"actor": "hk1", "outcome": ""}, "outcome"),
        ({"actor": "hk1", "outcome": "x" * (OUTCOME_MAX + 1)}, "outcome"),
        ({"actor": "", "outcome": "done"}, "actor"),
        ({"actor": "hk1", "outcome": "done", "extra": 1}, "extra"),
    ],
)
async def test_a_task_is_not_done_by_nobody_or_without_outcome(at_desk: Office, body: object, field: str) -> None:
    stored = await at_desk.opens_lease()
    await at_desk.store.add_task(task(stored.id))
    (open_one,) = await at_desk.store.tasks(OPERATOR)
    status, told = await at_desk.asks("POST", f"/desk/api/tasks/{open_one.id}/done", body)
    assert (status, told["error"]["field"]) == (400, field)
    assert len(await at_desk.store.tasks(OPERATOR)) == 1


async def test_another_operator_s_task_is_not_ours_to_do(at_desk: Office) -> None:
    theirs = await at_desk.opens_lease(other_lease(3, OTHERS), operator=OTHERS)
    await at_desk.store.add_task(task(theirs.id))
    (kept,) = await at_desk.store.tasks(OTHERS)
    done = {"actor": "hk1", "outcome": "done"}
    assert (await at_desk.asks("POST", f"/desk/api/tasks/{kept.id}/done", done))[0] == 404
    assert len(await at_desk.store.tasks(OTHERS)) == 1


async def test_a_store_that_is_away_is_said_so() -> None:
    async with office(Away()) as away:  # type: ignore[arg-type]
        for method, path, body in (
            ("GET", "tasks", None),
            ("GET", "renewals/1", None),
            ("POST", "renewals/1/events", Claimed(actor="hk1")),
            ("POST", "renewals/1/settle", {"actor": "cashier"}),
            ("POST", "tasks/1/done", {"actor": "hk1", "outcome": "done"}),
        ):
            status, told = await away.asks(method, f"/desk/api/{path}", body)
            assert (status, told["error"]["message"]) == (503, "the store is down, try again")


async def test_late_events_are_answered_and_logged(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    path = f"/desk/api/renewals/{stored.id}/events"
    for event in (Released(actor="hk1"), CallEnded(actor="hk1", outcome="no_answer")):
        assert (await at_desk.asks("POST", path, event))[0] == 200
    assert len(await at_desk.store.log(stored.id)) == 2
