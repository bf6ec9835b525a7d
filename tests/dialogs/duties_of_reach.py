"""What is owed to one message under way: it is followed to a sign of being seen, or to a person who calls."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs import events as ev
from dialogs.effects import Task
from dialogs.reach import PUSHES
from dialogs.states import Milestone, State
from tests.dialogs.duty import must
from tests.dialogs.exploring import Edge
from tests.dialogs.promises_in_talk import rings, says, still

ASKABLE = frozenset({State.REMINDED, State.OFFERED, State.HESITATING})


def _live(edge: Edge) -> bool:
    live = edge.before.renewal.reaching
    return live is not None and live.key == getattr(edge.event, "key", "")


def on_sent(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.MessageSent)
    if before.final:
        return
    spent = before.budget.left - after.budget.left
    yield from must(spent == (event.rung == "window" and before.budget.left > 0), "a custom message is counted")
    if _live(edge):
        assert after.reaching is not None
        yield from must(after.reaching.tried[-1:] == (event.rung,), "the rung is noted")
        news = after.reaching.message not in PUSHES and (event.rung == "window" or after.reaching.delivered)
        timed = any(one.kind == "RungDue" for one in edge.decision.timers)
        yield from must(timed is not news, "a sign is waited for")
    else:
        yield from must(after.reaching == before.reaching, "another message changes nothing")


def on_delivered(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.final:
        return
    yield from must(after.milestone >= Milestone.REACHED, "a receipt is a proof of reach")
    noted = after.reaching is not None and after.reaching.delivered
    yield from must(noted or not _live(edge), "the receipt is noted")
    yield from must(_live(edge) or after.reaching == before.reaching, "another message changes nothing")


def on_attempt_failed(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.final:
        return
    live = before.reaching
    if live is None or not _live(edge):
        yield from must(after.state is before.state and not edge.decision.effects, "an older message moves nothing")
    elif live.more:
        superseded = bool(live.tier) and live.tier != before.tier
        yield from must(superseded or _climbed(edge), "the next rung is tried")
    else:
        lost = State.UNREACHABLE if before.state in ASKABLE else before.state
        yield from must(after.state is lost and Task.REPAIR_CONTACT in rings(edge), "a person mends the contact")


def on_rung_due(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    live = before.reaching
    if before.final:
        return
    if live is None or (live.delivered and live.message not in PUSHES):
        yield from must(not edge.decision.effects and after.reaching == live, "nothing is waited for")
    elif live.tier and live.tier != before.tier:
        yield from must(after.reaching is None and not edge.decision.effects, "a newer tier rang")
    elif live.sent_at is not None and live.more:
        yield from must(_climbed(edge), "the next rung is tried")
    else:
        called = Task.CALL in rings(edge) and after.reaching is None
        yield from must(called or before.owner.person is not None, "after the last rung a person calls")


def on_contact_check(edge: Edge) -> Iterator[str]:
    before = edge.before.renewal
    if before.final:
        return
    lost = before.milestone < Milestone.REACHED
    yield from must((Task.REPAIR_CONTACT in rings(edge)) is lost, "by T-20 a way is proven or a person looks")


def on_page_note(edge: Edge) -> Iterator[str]:
    before, event = edge.before.renewal, edge.event
    assert isinstance(event, ev.PageNoted)
    first = event.kind == "script_error" and not before.page_trouble and not before.final
    yield from must((Task.LOOK in rings(edge)) is first, "a page that broke is looked at once")


def on_barred(edge: Edge) -> Iterator[str]:
    looked = Task.LOOK in rings(edge)
    yield from must(looked is not edge.before.renewal.final, "people take the tenant off the blacklist")


def _climbed(edge: Edge) -> bool:
    """Said once more on another rung; or words are not ours now, or the caps have no day left."""
    live, renewal = edge.before.renewal.reaching, edge.before.renewal
    if any(live is not None and one.message == live.message and one.tried == live.tried for one in says(edge)):
        return True
    reasons = {one.reason for one in edge.decision.silences}
    return still(renewal) or renewal.stranger or "caps" in reasons
