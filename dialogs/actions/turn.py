"""One event's turn: the working copy of the renewal, and what the rules wish while they look at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ..effects import AnyEffect, DropTasks, Ring, Route, Say, Task
from ..events import AnyEvent, RungDue
from ..reach import way
from ..renewal import Decision, Reaching, Silence, Subject, Timer
from ..states import Milestone, State
from ..timers import KINDS, deadline, left_kinds, own_kinds, timer
from ..workdays import day_of

_replace = msgspec.structs.replace


class Turn:
    """The model the machine moves: it writes ``state``; actions write the rest. One turn, then thrown away."""

    __slots__ = (
        "_drops",
        "_timers",
        "before",
        "effects",
        "event",
        "id",
        "now",
        "policy",
        "r",
        "rows",
        "silences",
        "state",
        "today",
    )

    def __init__(self, subject: Subject, event: AnyEvent, now: datetime) -> None:
        self.id = subject.id
        self.policy = subject.policy
        self.before = subject.renewal
        self.r = subject.renewal
        self.state: State = subject.renewal.state
        self.event = event
        self.now = now
        self.today = day_of(now)
        self.effects: list[AnyEffect] = []
        self.silences: list[Silence] = []
        self.rows: list[str] = []
        self._timers: dict[tuple[str, str], Timer] = {}
        self._drops: set[str] = set()

    def change(self, **fields: Any) -> None:
        self.r = _replace(self.r, **fields)

    def wish(self, effect: AnyEffect) -> None:
        self.effects.append(effect)

    def stay_silent(self, reason: str) -> None:
        self.silences.append(Silence(reason))

    def say(self, message: str, **params: str | int) -> bool:
        """Wish one message the way it may go now; False: deliberately not said, and the reason is noted."""
        return self._say(message, params)

    def say_tier(self, tier: str, message: str, **params: str | int) -> bool:
        """The same for a reminder of the ladder: moot once a newer tier was sent."""
        return self._say(message, params, tier)

    def say_on(self, live: Reaching, **params: str | int) -> bool:
        """The same message once more, on a rung that was not tried."""
        return self._say(live.message, params, live.tier, live.tried)

    def _say(self, message: str, params: dict[str, str | int], tier: str = "", tried: tuple[str, ...] = ()) -> bool:
        if any(isinstance(one, Say) and not one.proactive for one in self.effects):
            self.stay_silent("one answer is enough")
            return False
        found = way(_replace(self.r, state=self.state), self.policy, self.event, message, self.now)
        if isinstance(found, Silence):
            self.silences.append(found)
            return False
        self.change(said=self.r.said + 1, budget=found.budget, sent_on=found.sent_on)
        wish = Say(
            key=f"say:{self.id}:{self.r.said}",
            not_before=found.not_before,
            message=message,
            params=params,
            route=found.route,
            proactive=found.proactive,
            epoch=self.r.owner.epoch,
            tier=tier,
            tried=tried,
            heard=self.r.heard,
        )
        self.wish(wish)
        if wish.route is Route.NOTICE:
            self._watch(wish)
        return True

    def _watch(self, wish: Say) -> None:
        """The newest message is the one that climbs; should it never leave, that is noticed too."""
        leaves = wish.not_before or self.now
        live = Reaching(wish.key, wish.message, wish.params, wish.tier, day_of(leaves), wish.tried)
        self.change(reaching=live)
        self.set_timer(RungDue(), leaves + timedelta(hours=self.policy.sms_unopened_hours))

    def ring(self, task: Task, reason: str, desk: str = "housekeeper", due: datetime | None = None) -> None:
        """Ask a person; ``reason`` is for staff and holds no words of the tenant."""
        self.change(rung=self.r.rung + 1)
        message = getattr(self.event, "message", "")
        key = f"ring:{self.id}:{self.r.rung}"
        self.wish(Ring(key=key, task=task, reason=reason, desk=desk, due=due, message=message))

    def drop_tasks(self, *tasks: Task) -> None:
        """What was asked of people before is settled; nothing to do when nobody was ever asked."""
        if self.r.rung:
            self.change(rung=self.r.rung + 1)
            self.wish(DropTasks(key=f"drop:{self.id}:{self.r.rung}", tasks=tasks))

    def set_timer(self, event: AnyEvent, due_at: datetime) -> None:
        found = timer(event, due_at)
        self._timers[found.kind, found.tag] = found

    def drop_timers(self, *kinds: str) -> None:
        """Rows of these kinds go; a timer set in this turn, before or after, stays."""
        self._drops.update(kinds)

    def reach(self, milestone: Milestone) -> None:
        """The funnel never goes back; a step that was jumped over counts as reached now."""
        missing = [
            step.name.lower() for step in Milestone if step <= milestone and step.name.lower() not in self.r.marks
        ]
        if missing:
            self.change(marks={**self.r.marks, **dict.fromkeys(missing, self.now)})
        if milestone > self.r.milestone:
            self.change(milestone=milestone)

    def decision(self) -> Decision:
        """What it all came to; leaving a state drops its deadline, entering one sets its own, a final one has none."""
        self.change(state=self.state)
        if self.state is not self.before.state:
            self.drop_timers(*left_kinds(self.before.state))
        if self.r.final:
            self._drops, self._timers = set(KINDS), {}
        else:
            self._keep_deadline()
        timers, drops = tuple(self._timers.values()), tuple(sorted(self._drops))
        row = "; ".join(self.rows)
        return Decision(self.r, tuple(self.effects), timers, drops, tuple(self.silences), row)

    def _keep_deadline(self) -> None:
        """A state just entered, or one whose deadline just rang, lives under a deadline again."""
        own = own_kinds(self.state)
        if self.state is self.before.state and type(self.event).__name__ not in own:
            return
        if any(kind in own for kind, _ in self._timers):
            return
        found = deadline(self.state, self.r, self.policy, self.now)
        if found is not None:
            self._timers[found.kind, found.tag] = found
