"""One tenant's renewal played against the real rules: no store, a clock set by hand, partners who answer at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from backend.db.port import Stored
from bot import talk_notes as notes
from bot.talk_mouth import HandClock, Mouth
from bot.talk_notes import Note, Sort
from bot.talk_partners import LEASE, RENEWAL, TENANT, Partners
from channels.sms.optout import is_opt_out
from dialogs import events as ev
from dialogs.effects import AnyEffect, DropTasks, RecordRenewal, Ring, Route, Say, Task
from dialogs.events import AnyEvent, Heard
from dialogs.machine import Moot, Wait, opening, step, still_wanted
from dialogs.policy import Policy
from dialogs.reach import spare
from dialogs.reminders import first_due
from dialogs.renewal import Decision, Renewal, Subject
from dialogs.rungs import RECEIPTED, Contact, Rung, open_rungs
from dialogs.timers import rung
from dialogs.understanding.hear import context_of, lying, to_event
from dialogs.understanding.port import Understood
from dialogs.understanding.recognise import understand

FOLLOWER = Contact(wechat=True, followed=True, phone=True)
PHONE_ONLY = Contact(phone=True)
NUMBER_LIVES = timedelta(days=7)
"""As in ``bot.intake``: a bare number by SMS answers the last SMS for so long."""
BREATH = timedelta(minutes=1)
"""How long it takes to type a message."""
ROUNDS = 500
"""More effects and rings than this in one go would be a circle, not a conversation."""


class Runaway(RuntimeError):
    """Events and effects feed each other without end."""


class Conversation:
    """A renewal from its first reminder on. Everything that happens leaves notes; ``take`` hands them out.

    ``contact`` says by which ways the tenant can be reached; ``now`` is aware UTC and moves only forward.
    """

    def __init__(self, contact: Contact = FOLLOWER, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.contact = contact
        self.via = "wechat"
        self.partners = Partners()
        opened = LEASE.end - timedelta(days=self.policy.window_days)
        self._clock = HandClock(first_due(LEASE.end, self.policy, opened))
        renewal = opening(LEASE, opened_on=opened)
        self.stored = Stored(RENEWAL, LEASE.operator, "t1", 1, renewal, TENANT)
        self.timers: dict[tuple[str, str], datetime] = {("TierDue", self.policy.tiers[0].name): self.now}
        self.understood: Understood | None = None
        self.log: list[tuple[AnyEvent, Decision]] = []
        self._outbox: list[tuple[datetime, AnyEffect]] = []
        self._tasks: set[Task] = set()
        self._words: dict[str, str] = {}
        self._last_sms: datetime | None = None
        self._notes: list[Note] = []
        self._mouth = Mouth(self._clock)

    @property
    def renewal(self) -> Renewal:
        return self.stored.renewal

    @property
    def _subject(self) -> Subject:
        return Subject(RENEWAL, self.renewal, self.policy)

    @property
    def now(self) -> datetime:
        return self._clock.now()

    def take(self) -> list[Note]:
        """The notes since the last time; the same silence over and over is one."""
        found, self._notes = self._notes, []
        return notes.gathered(found)

    def tell(self, sort: Sort, text: str) -> None:
        self._notes.append(Note(sort, text))

    # --- what the tenant does
    def hear(self, text: str, via: str) -> None:
        """Words on ``via`` (``wechat | sms``), understood in this renewal's context."""
        key = self._keep(text)
        if via == "sms" and is_opt_out(text):
            self.tell(Sort.HEARD, "opt_out — the whole SMS is a mark of refusal")
            self.deliver(ev.OptedOut(via=via, message=key))
            return
        self.understood = understand(text, context_of(self.renewal), lying(self.renewal))
        self._notes.append(notes.heard(self.understood))
        event = to_event(self.understood, via, key, self.now)
        if isinstance(event, ev.Chose) and via == "sms" and not self._answers_sms():
            self.tell(Sort.HEARD, "no SMS of the last days that this could answer")
            event = ev.NotUnderstood(via=via, message=key)
        self.deliver(event)

    def _keep(self, text: str) -> str:
        key = f"m{len(self._words) + 1}"
        self._words[key] = text
        return key

    def _answers_sms(self) -> bool:
        return self._last_sms is not None and self.now - self._last_sms < NUMBER_LIVES

    # --- time
    def breathe(self) -> None:
        """The minute that passes before the next thing happens."""
        self.advance(self.now + BREATH)

    def advance(self, until: datetime) -> None:
        """Move the clock; what is due on the way rings in its order. Raises Runaway."""
        for _ in range(ROUNDS):
            due = min([*self.timers.values(), *(at for at, _ in self._outbox)], default=None)
            if due is None or due > until:
                break
            self._clock.move(due)
            self._ring_next() if not self._carry_next() else None
        else:
            raise Runaway(f"more than {ROUNDS} things fell due before {until}")
        self._clock.move(until)

    def _ring_next(self) -> None:
        due = sorted((at, key) for key, at in self.timers.items() if at <= self.now)
        if not due:
            return
        _, key = due[0]
        del self.timers[key]
        before = len(self._notes)
        self.deliver(rung(*key))
        seen = [note for note in self._notes[before:] if note.sort is not Sort.SILENCE]
        shown = [Note(Sort.CLOCK, f"{notes.moment(self.now)} {key[0]}{key[1] and f' {key[1]}'}"), *seen]
        self._notes[before:] = shown if seen else []

    # --- one turn, and what comes of it
    def deliver(self, event: AnyEvent) -> None:
        """The event's turn, and at once every effect that may be carried out now. Raises Runaway."""
        self._turn(event)
        self._carry_all()

    def resume(self, partner: str) -> None:
        """A partner is back and does what it was asked meanwhile, where that is still wished. Raises Runaway."""
        self._outbox += [(self.now, wish) for wish in self.partners.back(partner)]
        self._carry_all()

    def _carry_all(self) -> None:
        for _ in range(ROUNDS):
            if not self._carry_next():
                return
        raise Runaway("effects and events feed each other")

    def _turn(self, event: AnyEvent) -> None:
        before = self.renewal
        decision = step(self._subject, event, self.now)
        self.log.append((event, decision))
        self.stored = msgspec.structs.replace(self.stored, version=self.stored.version + 1, renewal=decision.renewal)
        self.timers = {key: at for key, at in self.timers.items() if key[0] not in decision.drop}
        self.timers |= {(one.kind, one.tag): one.due_at for one in decision.timers}
        self._outbox += [(max(self.now, one.not_before or self.now), one) for one in decision.effects]
        self._notes += notes.moved(before, decision.renewal)
        spoken = any(isinstance(one, Say) for one in decision.effects)
        if isinstance(event, Heard) and event.via != "page" and not spoken:
            self._notes += notes.silences(decision)
        if isinstance(event, ev.OptedOut) and event.via == "sms":
            self.contact = msgspec.structs.replace(self.contact, refuses_sms=True)

    def _carry_next(self) -> bool:
        """False: nothing may be carried out now."""
        place = next((place for place, (at, _) in enumerate(self._outbox) if at <= self.now), None)
        if place is None:
            return False
        _, wish = self._outbox.pop(place)
        self._carry(wish)
        return True

    def _carry(self, wish: AnyEffect) -> None:
        """The last look, then the act; what waits goes back into the outbox."""
        found = still_wanted(self._subject, wish, self.now)
        if isinstance(found, Wait):
            self._outbox.append((found.until, wish))
        elif isinstance(found, Moot):
            self.tell(Sort.UNSENT, f"{wish.message} — {found.reason}") if isinstance(wish, Say) else None
        elif isinstance(wish, Say):
            self._speak(wish)
        else:
            self._ask(wish)

    def _ask(self, wish: AnyEffect) -> None:
        if isinstance(wish, Ring):
            self._tasks.add(wish.task)
            self._notes.append(notes.task(wish, self._words.get(wish.message, "")))
        elif isinstance(wish, DropTasks):
            self._settle(wish)
        else:
            self._partner(wish)

    def _settle(self, wish: DropTasks) -> None:
        done = [task for task in wish.tasks if task in self._tasks]
        self._tasks.difference_update(done)
        if done:
            self.tell(Sort.SETTLED, "、".join(task.value for task in done))

    def _partner(self, wish: AnyEffect) -> None:
        if isinstance(wish, RecordRenewal):
            self.tell(Sort.LEDGER, f"新租期 {wish.proposal.start} 至 {wish.proposal.end}")
        answer = self.partners.carry(wish)
        if answer is not None:
            self._turn(answer)

    # --- words on their way
    def _speak(self, say: Say) -> None:
        if say.route is Route.ANSWER:
            self._text(say)
        elif say.route is not Route.NOTICE:
            self._notes.append(self._mouth.chat(self.stored, say))
        else:
            self._begin(say)

    def _begin(self, say: Say) -> None:
        """Nobody wrote first: over the first rung that is open, and the receipt comes at once."""
        rungs = open_rungs(self.policy.rungs, self.contact, say.tried, spare(self.renewal.budget, self.now))
        if not rungs:
            why = ev.Unreach.OPTED_OUT if self.contact.refuses_sms else ev.Unreach.UNREACHABLE
            self.tell(Sort.UNSENT, f"{say.message} — no way is open")
            self._turn(ev.MessageFailed(say.key, why))
            return
        if rungs[0] is Rung.SMS:
            self._text(say)
        elif rungs[0] is Rung.WINDOW:
            self._notes.append(self._mouth.chat(self.stored, say))
        else:
            self._notes.append(self._mouth.notice(self.stored, say))
        self._turn(ev.MessageSent(say.key, rungs[0].value, more=len(rungs) > 1))
        if rungs[0] in RECEIPTED:
            self._turn(ev.MessageDelivered(say.key))

    def _text(self, say: Say) -> None:
        if self.contact.refuses_sms:
            self.tell(Sort.UNSENT, f"{say.message} — the tenant refuses SMS")
            return
        self._last_sms = self.now
        self._notes.append(self._mouth.sms(self.stored, say))
