"""Rows of the table that follow one message from rung to rung; they stand in it as one piece."""

from __future__ import annotations

from . import events as ev
from . import guards as g
from .actions import people, reaching, talk
from .arrows import REST, SAME, Row
from .states import FINAL, State

LIVE = tuple(state for state in State if state not in FINAL)
ASKABLE = (State.REMINDED, State.OFFERED, State.HESITATING)

REACH: tuple[Row, ...] = (
    Row(LIVE, ev.MessageSent, g.is_under_way, SAME, reaching.sent),
    Row(LIVE, ev.MessageSent, None, SAME, reaching.sent_beside),
    Row(LIVE, ev.AttemptFailed, g.may_climb, SAME, reaching.failed),
    Row(ASKABLE, ev.AttemptFailed, g.is_under_way, State.UNREACHABLE, people.lose_contact),
    Row(LIVE, ev.AttemptFailed, g.is_under_way, SAME, people.contact_failed),
    Row(LIVE, ev.AttemptFailed, None, SAME, reaching.failed_beside),
    Row(LIVE, ev.RungDue, g.nothing_under_way, SAME, talk.late),
    Row(LIVE, ev.RungDue, g.only_news, SAME, talk.late),
    Row(LIVE, ev.RungDue, None, SAME, reaching.climb),
    Row(LIVE, ev.ContactCheckDue, g.nobody_reached, SAME, reaching.mend_contact),
    Row(LIVE, ev.ContactCheckDue, None, SAME, reaching.contact_proven),
    Row(LIVE, ev.PageNoted, g.page_broke_first, SAME, reaching.page_broke),
    Row(REST, ev.PageNoted, None, SAME, reaching.noted),
    Row(LIVE, ev.WayBarred, None, SAME, reaching.way_barred),
    Row(LIVE, ev.MessageFailed, g.was_sent_before, SAME, reaching.call),
    Row(LIVE, ev.MessageDelivered, g.is_under_way, SAME, reaching.delivered),
    Row(LIVE, ev.MessageDelivered, None, SAME, reaching.delivered_beside),
)
