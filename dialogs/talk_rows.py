"""Rows of the table for whatever else a tenant says: answered where the renewal stands."""

from __future__ import annotations

from . import events as ev
from . import guards as g
from .actions import people, talk
from .arrows import REST, SAME, Row
from .states import State

CONFIRMING, OFFERED = State.CONFIRMING, State.OFFERED
OTHER_WORDS = (
    ev.OffersAsked, ev.Chose, ev.Confirmed, ev.Denied, ev.Hesitated, ev.Deferred, ev.CounterOffered, ev.Declined,
    ev.MindChanged,
)  # fmt: skip

TALK: tuple[Row, ...] = (
    Row(CONFIRMING, ev.HumanAsked, None, OFFERED, people.hand_off),
    Row(CONFIRMING, ev.Complained, None, OFFERED, people.complaint),
    Row(CONFIRMING, ev.RepairReported, None, OFFERED, people.repair),
    Row(CONFIRMING, ev.TechTrouble, None, OFFERED, people.tech_trouble),
    Row(CONFIRMING, ev.ChangeAsked, None, OFFERED, people.change_asked),
    Row(CONFIRMING, ev.NotUnderstood, g.understood_too_little, OFFERED, people.hand_off_misunderstood),
    Row(REST, ev.HumanAsked, None, SAME, people.hand_off),
    Row(REST, ev.Complained, None, SAME, people.complaint),
    Row(REST, ev.RepairReported, None, SAME, people.repair),
    Row(REST, ev.TechTrouble, None, SAME, people.tech_trouble),
    Row(REST, ev.ChangeAsked, None, SAME, people.change_asked),
    Row(REST, ev.PictureSent, g.one_of_a_storm, SAME, talk.picture_again),
    Row(REST, ev.PictureSent, None, SAME, talk.picture),
    Row(REST, ev.NotUnderstood, g.understood_too_little, SAME, people.hand_off_misunderstood),
    Row(REST, ev.NotUnderstood, None, SAME, talk.not_understood),
    Row(REST, ev.Asked, None, SAME, talk.answer),
    Row(REST, ev.Greeted, None, SAME, talk.greet),
    Row(REST, ev.Thanked, None, SAME, talk.thank),
    Row(REST, ev.Acknowledged, None, SAME, talk.acknowledge),
    Row(REST, OTHER_WORDS, None, SAME, talk.where_we_stand),
)
