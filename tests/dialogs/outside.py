"""What the world outside a renewal remembers: timers that run, wishes that were made, money, door and open tasks."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from dialogs import effects as ef
from dialogs import events as ev
from dialogs.effects import AnyEffect, Task
from dialogs.events import AnyEvent
from dialogs.renewal import Decision, Renewal
from dialogs.timers import KINDS, named

Timers = dict[tuple[str, str], datetime]

ID = 1
"""The store's id of every renewal that is explored."""


class Outside(msgspec.Struct, frozen=True):
    """Kept beside the renewal along one path; every field is what partners, people and the store would know."""

    timers: Timers = {}
    wished: dict[str, AnyEffect] = {}
    """Every effect ever wished, by key."""
    answered: frozenset[str] = frozenset()
    """Keys of wishes whose answer came back."""
    ended: frozenset[str] = frozenset()
    """Orders the provider refused: no longer to be paid in the ordinary way."""
    came: frozenset[str] = frozenset()
    """Our orders that were paid in full, however often the news came."""
    door: date | None = None
    """The furthest day the lock was read back as open for."""
    awaited: date | None = None
    """The furthest extension that was wished and not answered."""
    tasks: frozenset[Task] = frozenset()


def moved_on(outside: Outside, event: AnyEvent, at: datetime, before: Renewal, decision: Decision) -> Outside:
    """The world after one event was decided: first what the event itself told, then what was wished."""
    told = _told(outside, event, before)
    if not (decision.effects or decision.timers or decision.drop or type(event).__name__ in KINDS):
        return told
    return msgspec.structs.replace(
        told,
        timers=_timers(told.timers, event, at, decision),
        wished={**told.wished, **{one.key: one for one in decision.effects}} if decision.effects else told.wished,
        awaited=_awaited(told.awaited, decision),
        tasks=_tasks(told.tasks, decision),
    )


def starting(first: Timers) -> Outside:
    return Outside(timers=dict(first))


def orders(outside: Outside) -> list[ef.RequestPayment]:
    return [one for one in outside.wished.values() if isinstance(one, ef.RequestPayment)]


def envelope_keys(outside: Outside) -> list[str]:
    return [key for key, one in outside.wished.items() if isinstance(one, ef.OpenEnvelope)]


def reference(key: str) -> str:
    """The provider's name of the envelope that was opened under ``key``."""
    return f"ref-{key}"


def open_prepares(outside: Outside) -> list[str]:
    wishes = (key for key, one in outside.wished.items() if isinstance(one, ef.PrepareOffer))
    return [key for key in wishes if key not in outside.answered]


def _told(outside: Outside, event: AnyEvent, before: Renewal) -> Outside:
    replace = msgspec.structs.replace
    match event:
        case ev.OfferPrepared():
            return replace(outside, answered=outside.answered | set(open_prepares(outside)[:1]))
        case ev.EnvelopeOpened():
            return replace(outside, answered=outside.answered | {event.key})
        case ev.PaymentRefused():
            return replace(outside, ended=outside.ended | {event.key})
        case ev.PaymentSucceeded() if _ours(outside, event, before):
            return replace(outside, came=outside.came | {event.key})
        case ev.AccessExtended():
            met = outside.awaited is None or event.until >= outside.awaited
            awaited = None if met else outside.awaited
            return replace(outside, door=max(event.until, outside.door or event.until), awaited=awaited)
        case ev.AccessDelayed():
            return replace(outside, awaited=None)
    return outside


def _ours(outside: Outside, event: ev.PaymentSucceeded, before: Renewal) -> bool:
    order = outside.wished.get(event.key)
    bill = before.bill
    whole = bill is not None and event.bill == bill.no and event.amount == bill.amount
    return isinstance(order, ef.RequestPayment) and whole


def _timers(timers: Timers, event: AnyEvent, at: datetime, decision: Decision) -> Timers:
    """The row that rang is gone, unless the event came before its time; drops come before what the same turn sets."""
    rang = named(event) if type(event).__name__ in KINDS else None
    kept = {name: due for name, due in timers.items() if name[0] not in decision.drop}
    if rang in kept and kept[rang] <= at:
        del kept[rang]
    return kept | {(one.kind, one.tag): one.due_at for one in decision.timers}


def _awaited(awaited: date | None, decision: Decision) -> date | None:
    wishes = [one.until for one in decision.effects if isinstance(one, ef.ExtendAccess)]
    return max([*wishes, *([awaited] if awaited else [])], default=None)


def _tasks(tasks: frozenset[Task], decision: Decision) -> frozenset[Task]:
    """In the order of the wishes: what is dropped and asked anew in one turn stands."""
    for one in decision.effects:
        if isinstance(one, ef.Ring):
            tasks = tasks | {one.task}
        elif isinstance(one, ef.DropTasks):
            tasks = tasks - set(one.tasks)
    return tasks
