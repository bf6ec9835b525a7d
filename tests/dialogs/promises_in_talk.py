"""What a tenant may hear, when, and from whom: the promises about words, checked on one edge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from dialogs import events as ev
from dialogs.effects import DropTasks, Ring, Route, Say, Task
from dialogs.messages import CATALOGUE
from dialogs.renewal import Renewal
from dialogs.states import State
from dialogs.workdays import SHANGHAI
from tests.dialogs.exploring import Edge
from tests.dialogs.units import POLICY

LADDER = ("", "T-30", "T-15", "T-7")
URGING = frozenset({"remind_warm", "remind_formal", "remind_urgent", "offer_updated", "offer_expiring", "follow_up"})
"""Words that want a choice of the tenant; out of place once there is one."""
UNDECIDED = frozenset({State.REMINDED, State.OFFERED, State.HESITATING, State.NEGOTIATING})
LAST_WORDS = frozenset({"handoff", "person_will_contact"})


def quiet(at: datetime) -> bool:
    """20:00 to 9:00 on Shanghai's clocks."""
    hour = at.astimezone(SHANGHAI).hour
    return hour >= 20 or hour < 9


def says(edge: Edge) -> list[Say]:
    return [one for one in edge.decision.effects if isinstance(one, Say)]


def rings(edge: Edge) -> set[Task]:
    return {one.task for one in edge.decision.effects if isinstance(one, Ring)}


def reminders_go_forward(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if LADDER.index(after.tier) < LADDER.index(before.tier):
        yield "the ladder went back"
    again = [one for one in says(edge) if one.tier and one.tried]
    if any(one.tier != before.tier for one in again):
        yield "another rung, another reminder"
    reminders = [one for one in says(edge) if (one.tier or one.message.startswith("remind_")) and not one.tried]
    for one in reminders:
        if LADDER.index(one.tier) <= LADDER.index(before.tier) or one.tier != after.tier:
            yield f"{one.tier} reminded twice, or not noted"
    if len(reminders) > 1:
        yield "two reminders at once"


def nothing_in_quiet_hours(edge: Edge) -> Iterator[str]:
    for one in says(edge):
        due = max(edge.at, one.not_before or edge.at)
        if one.proactive and quiet(due):
            yield f"{one.message} would go out at {due.astimezone(SHANGHAI):%H:%M}"
        if not one.proactive and not _is_chat(edge):
            yield f"{one.message} is no answer: nobody wrote"


def nobody_is_urged_after_the_choice(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    for one in says(edge):
        if one.message not in URGING:
            continue
        if after.state not in UNDECIDED or after.accepted is not None or after.loss is not None:
            yield f"{one.message} after choice or decline"
        if one.proactive and (before.opted_out or after.opted_out):
            yield f"{one.message} after opt-out"


def nothing_automatic_past_a_no(edge: Edge) -> Iterator[str]:
    after = edge.after.renewal
    for one in says(edge):
        if after.owner.person is not None:
            yield f"{one.message} while a person owns the thread"
        if one.epoch != after.owner.epoch:
            yield f"{one.message} carries another owner's epoch"
        if one.proactive and after.opted_out:
            yield f"{one.message} after opt-out"
        if after.stranger and one.message != "wrong_person":
            yield f"{one.message} to somebody who is not the tenant"
        if after.state is State.ON_HOLD:
            yield f"{one.message} while people only"


def words_of_an_owned_thread_do_nothing(edge: Edge) -> Iterator[str]:
    """The chat belongs to the person who took it over; the page names what it is about and goes on."""
    before, after = edge.before.renewal, edge.after.renewal
    if not isinstance(edge.event, ev.Heard) or isinstance(edge.event, ev.OptedOut | ev.WrongPerson):
        return
    shut = before.stranger or (before.owner.person is not None and edge.event.via != "page")
    if shut and (after.state is not before.state or not _only_drops(edge)):
        yield "the words acted although they belong to a person"


def whoever_writes_is_answered(edge: Edge) -> Iterator[str]:
    """A reply; on the page what the page shows; or a silence whose reason is that the words are not ours to answer."""
    before, event = edge.before.renewal, edge.event
    if not isinstance(event, ev.Heard):
        return
    replied = any(not one.proactive for one in says(edge))
    reasons = {one.reason for one in edge.decision.silences}
    if before.stranger and not isinstance(event, ev.WrongPerson):
        expected = "stranger" in reasons
    elif before.owner.person is not None:
        expected = "owned" in reasons or (event.via == "page" and bool(reasons))
    elif event.via == "page":
        expected = bool(reasons)
    elif isinstance(event, ev.PictureSent) and "one answer for a storm" in reasons:
        expected = before.pictured is not None and not replied
    elif isinstance(event, ev.Acknowledged) and event.via == "sms":
        expected = not replied
    elif before.state is State.ON_HOLD:
        expected = "on_hold" in reasons
    elif isinstance(event, ev.OptedOut) and event.via == "sms":
        expected = not replied
    else:
        expected = replied
    if not expected or (replied and event.via == "page"):
        yield f"{type(event).__name__} got no answer but {sorted(reasons)}"


def every_event_leaves_a_word(edge: Edge) -> Iterator[str]:
    decision = edge.decision
    if not decision.row and not decision.silences:
        yield "nothing says what came of it"
    if not decision.row and not (_only_drops(edge) and decision.renewal.state is edge.before.renewal.state):
        yield "something changed beside the table"
    if decision.row and not (decision.effects or decision.silences):
        yield "a row that neither wishes nor says why not"


def people_are_asked_when_wanted(edge: Edge) -> Iterator[str]:
    before, event = edge.before.renewal, edge.event
    mine = before.owner.person is None and not before.stranger
    if isinstance(event, ev.HumanAsked) and mine and Task.HANDOFF not in rings(edge):
        yield "asked for a person in vain"
    asks_people = isinstance(event, ev.HumanAsked | ev.Complained | ev.TechTrouble | ev.ChangeAsked | ev.RepairReported)
    waits = edge.after.renewal.state is State.CONFIRMING
    if asks_people and mine and before.state is State.CONFIRMING and waits:
        yield "the question still waits: the next 好的 would be taken for a yes to it"
    if isinstance(event, ev.OptedOut) and not before.stranger and not edge.after.renewal.opted_out:
        yield "opted out in vain"


def the_chat_window_is_kept(edge: Edge) -> Iterator[str]:
    """Five in 48 hours after the tenant's words, the last one kept for a person's announcement (channels, 1)."""
    before, after = edge.before.renewal.budget, edge.after.renewal.budget
    if not 0 <= after.left <= 5:
        yield "a budget nobody gave"
    for one in says(edge):
        due = max(edge.at, one.not_before or edge.at)
        if one.message not in CATALOGUE:
            yield f"{one.message} is not in the catalogue"
        if one.route is not Route.CUSTOM:
            continue
        kept = 0 if one.message in LAST_WORDS else 1
        if before.left - 1 < kept or before.closes_at is None or due >= before.closes_at:
            yield f"{one.message} is sent into a closed window"


def pushes_keep_their_caps(edge: Edge) -> Iterator[str]:
    """One a day, three in any seven days (seed S13)."""
    days = sorted(edge.after.renewal.sent_on)
    if len(set(days)) < len(days):
        yield "two pushes on one day"
    for first, fourth in zip(days, days[POLICY.automatic_per_week :], strict=False):
        if fourth - first < timedelta(days=7):
            yield "four pushes in a week"


def still(renewal: Renewal) -> bool:
    """Must every word we begin wait or go moot in this row?"""
    return renewal.owner.person is not None or renewal.opted_out or renewal.state is State.ON_HOLD


def _only_drops(edge: Edge) -> bool:
    return all(isinstance(one, DropTasks) for one in edge.decision.effects)


def _is_chat(edge: Edge) -> bool:
    return isinstance(edge.event, ev.Heard | ev.Followed) and getattr(edge.event, "via", "") != "page"


ON_WISHES = (
    nothing_in_quiet_hours,
    nobody_is_urged_after_the_choice,
    nothing_automatic_past_a_no,
)
ON_WORDS = (whoever_writes_is_answered, every_event_leaves_a_word, people_are_asked_when_wanted)
ON_MOVES = (
    reminders_go_forward,
    words_of_an_owned_thread_do_nothing,
    the_chat_window_is_kept,
    pushes_keep_their_caps,
)
