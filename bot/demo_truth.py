"""What the partners saw, held against what the product says of itself: the demo fails when any promise was broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from backend.console.report import report
from backend.db.port import Store, Stored
from backend.sandbox.handsets import Sms
from bot.clock import SHANGHAI
from bot.demo_world import World
from bot.effects.lock import end_of_day
from bot.policies import Policies
from dialogs.machine import replay
from dialogs.reach import is_quiet
from dialogs.renewal import Renewal
from dialogs.states import FINAL, State

SMS_ANSWERS = ("SMS_answer", "SMS_code")
"""SMS that answer somebody who just wrote or asked for a code."""
TIERS = ["remind_warm", "remind_formal", "remind_urgent"]
UNDECIDED = frozenset({State.REMINDED, State.OFFERED, State.HESITATING, State.NEGOTIATING})


class Truth(msgspec.Struct):
    """Counts from the partners' side, and every broken promise in words."""

    counts: dict[str, int]
    violations: list[str]


async def examine(world: World, store: Store, cohort: Sequence[Stored], found_outside: Sequence[str]) -> Truth:
    """``found_outside``: what the daily walk past the doors, and past the reach report, found."""
    violations = [*found_outside, *money(world, cohort), *seals(world, cohort), *doors(world, cohort)]
    violations += messages(world)
    violations += endings(cohort)
    for stored in cohort:
        violations += await _log(store, stored)
        violations += await _reminders(store, stored)
    if (rows := report(await store.funnel(cohort[0].operator))).unexplained or rows.done + rows.lost != rows.total:
        violations.append(f"the funnel does not tie out: {rows.total} = {rows.done} + {rows.lost} + {rows.open} open?")
    return Truth(_counts(world), violations)


def _counts(world: World) -> dict[str, int]:
    pay: dict[str, Any] = world.pay.truth()
    sign: dict[str, Any] = world.esign.truth()
    lock: dict[str, Any] = world.locks.truth()
    wechat: dict[str, Any] = world.wechat.truth()
    finished = [task for task in sign["tasks"].values() if task["state"] == "task_finished"]
    return {
        "charges": len(charges(world)),
        "charged_fen": sum(one["amount"] for one in charges(world)),
        "charged_by_alipay": len(charges(world)) - len(pay["charges"]),
        "refunds": len(pay["refunds"]) + sum(one["refunded"] > 0 for one in charges(world)[len(pay["charges"]) :]),
        "refunded_fen": sum(one["refunded"] for one in charges(world)),
        "envelopes": len(sign["tasks"]),
        "contracts_signed": len(finished),
        "seals": len(sign["seals"]),
        "doors_moved": len({change["lock"] for change in lock["history"]}),
        **{f"wechat_{name}": count for name, count in sorted(wechat.items()) if isinstance(count, int)},
        **_texts(world),
    }


def charges(world: World) -> list[dict[str, Any]]:
    """What every payer took, WeChat Pay first."""
    wechat, alipay = world.pay.truth(), world.alipay.truth()
    return [*wechat["charges"], *alipay["charges"]]  # type: ignore[misc]


def _texts(world: World) -> dict[str, int]:
    sent = list(world.sms.handsets.taken())
    return {"sms_taken": len(sent), "sms_shown": sum(one.shown for one in sent), "sms_segments": _segments(sent)}


def _segments(sent: Sequence[Sms]) -> int:
    return sum(one.segments for one in sent)


def money(world: World, cohort: Sequence[Stored]) -> list[str]:
    """No charge without a signature, never two for one bill, and the amount is the bill's."""
    truth: dict[str, Any] = world.pay.truth()
    found = [f"charged twice and kept: {bill}" for bill in truth["double_charges_kept"]]
    owners = {one.renewal.payment.paid: one for one in cohort if one.renewal.payment.paid}
    for charge in charges(world):
        if charge["refunded"] >= charge["amount"]:
            continue
        stored = owners.get(charge["number"])
        if stored is None or stored.renewal.bill is None:
            found.append(f"charge {charge['number']} belongs to no renewal that knows of it")
        elif stored.renewal.bill.amount != charge["amount"]:
            found.append(f"charge {charge['number']} is not what its bill says")
        elif datetime.fromisoformat(charge["at"]) < stored.renewal.marks["signed"]:
            found.append(f"charge {charge['number']} came before the signature")
    charged = {charge["number"] for charge in charges(world)}
    found += [f"renewal {one.id} believes it was paid, nobody was" for key, one in owners.items() if key not in charged]
    return found


def seals(world: World, cohort: Sequence[Stored]) -> list[str]:
    """One contract for each signed renewal, by everybody who must sign; no envelope doubled under one key."""
    truth: dict[str, Any] = world.esign.truth()
    found = [f"envelope {key} exists {len(tasks)} times" for key, tasks in truth["envelopes"].items() if len(tasks) > 1]
    finished = {ref for ref, task in truth["tasks"].items() if task["state"] == "task_finished"}
    claimed = [one.renewal.envelope for one in cohort if "signed" in one.renewal.marks and one.renewal.envelope]
    found += [f"contract {ref} is signed, and no renewal counts it" for ref in finished - set(claimed)]
    found += [f"contract {ref} counts as signed, and is not" for ref in set(claimed) - finished]
    found += [f"contract {ref} carries two renewals" for ref, count in Counter(claimed).items() if count > 1]
    return found


def doors(world: World, cohort: Sequence[Stored]) -> list[str]:
    """A renewed lease's door opens to the end of its new term; a left one was not prolonged into a new term."""
    found = []
    ends = world.locks.ends()
    for stored in cohort:
        renewal = stored.renewal
        held = [end for end in ends[int(renewal.lease.lock)].values() if end is not None]
        if renewal.state is State.RENEWED:
            assert renewal.accepted is not None
            if min(held) < end_of_day(renewal.accepted.end):
                found.append(f"renewal {stored.id} is paid and its door closes early")
        elif renewal.access_until is None and max(held) > end_of_day(renewal.lease.end):
            found.append(f"renewal {stored.id}: its door was prolonged, and nobody says why")
    return found


def messages(world: World) -> list[str]:
    """Nothing by itself in quiet hours, and the same message always got the same answer."""
    policy = Policies().current("")
    found = [f"message {key} was answered in two ways" for key in world.wechat.inconsistent_answers()]
    shown = [one for openid in world.wechat.openids() for one in world.wechat.inbox(openid)]
    begun = [one.at for one in shown if one.kind in ("template", "subscribe")]
    begun += [one.at for one in world.sms.handsets.taken() if one.template not in SMS_ANSWERS]
    found += [f"a notice left at {at.astimezone(SHANGHAI):%m-%d %H:%M}" for at in begun if is_quiet(policy, at)]
    found += [f"an SMS was sent to somebody who refused them: {one.at}" for one in world.sms.handsets.after_refusal()]
    seen: dict[str, Any] = world.wechat.truth()
    for promise in ("at_night", "after_refusal", "over_budget"):
        found += [f"WeChat saw a message {promise.replace('_', ' ')}: {row}" for row in seen[promise]]
    return found


def endings(cohort: Sequence[Stored]) -> list[str]:
    """Every renewal has ended, a lost one with exactly one reason, a kept one with none."""
    found = []
    for stored in cohort:
        renewal = stored.renewal
        if renewal.state not in FINAL:
            found.append(f"renewal {stored.id} has not ended: {renewal.state}")
        elif (renewal.state is State.RENEWED) != (renewal.loss is None):
            found.append(f"renewal {stored.id} ended as {renewal.state} with reason {renewal.loss}")
    return found


async def _log(store: Store, stored: Stored) -> list[str]:
    """Replaying the log gives the row, and no effect is left open or dead."""
    start = await store.opening(stored.id)
    assert start is not None
    policy = Policies().get(stored.operator, stored.renewal.policy_version)
    history = [(stored.id, line.event, line.at) for line in await store.log(stored.id)]
    found = []
    if replay(start, history, policy) != stored.renewal:
        found.append(f"renewal {stored.id}: replaying its log gives another row")
    stuck = [one for one in await store.outbox(stored.id) if one.status != "done"]
    found += [f"renewal {stored.id}: {type(one.effect).__name__} is {one.status}: {one.error}" for one in stuck]
    return found


async def _reminders(store: Store, stored: Stored) -> list[str]:
    """Each tier at most once over each rung, in order, and only to somebody undecided whom no person was talking to."""
    thread = await store.thread(stored.id)
    told = [(at, words.message) for at, words in thread if words.message in TIERS and words.channel != "page"]
    names = [name for _, name in told]
    found = []
    tried = [(one.message, one.rung) for one in await store.attempts(stored.id) if one.message in TIERS]
    once = all(names.count(name) <= len({rung for message, rung in tried if message == name}) for name in set(names))
    if sorted(names, key=TIERS.index) != names or len(set(tried)) != len(tried) or not once:
        found.append(f"renewal {stored.id}: reminders came as {names}")
    for at, name in told:
        then = await _as_of(store, stored, at)
        if then.state not in UNDECIDED or then.opted_out or then.owner.person is not None:
            found.append(f"renewal {stored.id}: {name} went out while {then.state}")
    return found


async def _as_of(store: Store, stored: Stored, at: datetime) -> Renewal:
    """The renewal as the log has it at that instant."""
    start = await store.opening(stored.id)
    assert start is not None
    history = [(stored.id, line.event, line.at) for line in await store.log(stored.id) if line.at <= at]
    return replay(start, history, Policies().get(stored.operator, stored.renewal.policy_version))
