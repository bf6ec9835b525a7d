"""That a message under way is followed, and one only; that who was heard is left alone; that nobody is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs import events as ev
from dialogs.effects import Route
from dialogs.reach import PUSHES
from dialogs.renewal import Renewal
from dialogs.states import Milestone
from tests.dialogs.exploring import Edge
from tests.dialogs.promises_in_talk import says, still

CLOCK = ("RungDue", "")
CHECK = ("ContactCheckDue", "")


def one_message_is_under_way(edge: Edge) -> Iterator[str]:
    """The newest that we began; what went before it is nobody's concern any more."""
    begun = [one.key for one in says(edge) if one.route is Route.NOTICE]
    live = edge.after.renewal.reaching
    if len(begun) > 1:
        yield "two messages set out at once"
    if begun and (live is None or live.key != begun[-1]):
        yield "a message nobody follows"
    before = edge.before.renewal.reaching
    if not begun and live is not None and (before is None or live.key != before.key):
        yield "a message is followed that was never begun"


def what_is_waited_for_has_a_clock(edge: Edge) -> Iterator[str]:
    """A clock runs exactly while a sign is waited for; where words must wait, it may have rung in vain."""
    after, runs = edge.after.renewal, CLOCK in edge.after.outside.timers
    waited = is_waited_for(after)
    if runs and after.reaching is None:
        yield "a clock for no message"
    if waited and not runs and not still(after):
        yield "a message without a clock"


def whoever_was_heard_is_left_alone(edge: Edge) -> Iterator[str]:
    """In the same turn: neither a message nor its clock outlives a word, a tap, a page that was opened."""
    if not isinstance(edge.event, ev.Heard):
        return
    if edge.after.renewal.reaching is not None or CLOCK in edge.after.outside.timers:
        yield "heard, and a message goes on climbing"
    if edge.after.renewal.heard != edge.before.renewal.heard + 1:
        yield "heard, and what is queued does not know"


def nothing_is_shown_or_agreed_by_sms(edge: Edge) -> Iterator[str]:
    """No price stands in an SMS: who answers one has seen nothing by it."""
    before, after = edge.before.renewal, edge.after.renewal
    if not isinstance(edge.event, ev.Heard) or edge.event.via != "sms":
        return
    if after.offer is not None and after.offer.shown and not (before.offer is not None and before.offer.shown):
        yield "an offer counts as shown by SMS"
    if after.accepted != before.accepted:
        yield "accepted by SMS"


def only_a_push_that_failed_gives_its_day_back(edge: Edge) -> Iterator[str]:
    """The caps forget a day only with the message that did not arrive on it."""
    before, after = edge.before.renewal, edge.after.renewal
    live = before.reaching
    freed = [day for day in before.sent_on if (edge.at.date() - day).days < 6 and day not in after.sent_on]
    mine = isinstance(edge.event, ev.AttemptFailed) and live is not None and live.message in PUSHES
    if freed and not (mine and live is not None and freed == [live.day]):
        yield f"{freed} no longer count against the caps"


def whoever_was_not_reached_is_not_forgotten(edge: Edge) -> Iterator[str]:
    """Until something is proven a check is to come, or a person was asked, or a message or the next reminder is due."""
    after, outside = edge.after.renewal, edge.after.outside
    if after.final or after.milestone >= Milestone.REACHED:
        return
    coming = {CHECK, CLOCK} & outside.timers.keys() or any(kind == "TierDue" for kind, _ in outside.timers)
    if not (coming or outside.tasks):
        yield "nobody knows whether the tenant was reached, and nobody looks"
    if isinstance(edge.event, ev.ContactCheckDue) and not outside.tasks:
        yield "not reached by T-20, and nobody was asked"


def is_waited_for(renewal: Renewal) -> bool:
    """Is a receipt, or a sign of being seen, still to come for the message under way?"""
    live = renewal.reaching
    if live is None or renewal.final:
        return False
    proof = live.delivered or live.tried[-1:] == ("window",)
    return live.message in PUSHES or not proof


ON_MOVES = (
    one_message_is_under_way,
    what_is_waited_for_has_a_clock,
    whoever_was_heard_is_left_alone,
    nothing_is_shown_or_agreed_by_sms,
    only_a_push_that_failed_gives_its_day_back,
    whoever_was_not_reached_is_not_forgotten,
)
