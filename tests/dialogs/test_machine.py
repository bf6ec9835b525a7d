"""One event, one decision: pure, total, and the same again when the log is read a second time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from dialogs.arrows import spread
from dialogs.events import AnyEvent, Greeted, OfferPrepared, OffersAsked, SignatureDue, Thanked, TierDue
from dialogs.machine import Rules, opening, refuse_orphans, replay, step
from dialogs.policy import Policy
from dialogs.renewal import FLOW, Renewal, Subject
from dialogs.states import FINAL, Milestone, State
from dialogs.table import FLOW as TABLE_FLOW
from dialogs.table import TABLE
from tests.stories.story import COMPS, LEASE, MORNING, Story, offered, paid, read_back

POLICY = Policy()


@dataclass
class Log:
    """A life, written down as it happens."""

    story: Story = field(default_factory=Story)
    lines: list[tuple[int, AnyEvent, datetime]] = field(default_factory=list)

    def hears(self, event: AnyEvent, after: timedelta) -> None:
        self.story.hears(event, after=after)
        self.lines.append((7, event, self.story.now))


def test_a_window_that_opens_holds_nothing_but_the_lease_and_its_day() -> None:
    made = opening(LEASE, opened_on=date(2026, 9, 1), policy_version=3)
    assert made == Renewal(lease=LEASE, opened_on=date(2026, 9, 1), policy_version=3)


def test_the_same_question_gets_the_same_answer_and_leaves_the_asker_as_it_was() -> None:
    renewal = offered().renewal
    subject = Subject(7, renewal, POLICY)
    first = step(subject, Thanked(via="wechat"), MORNING)
    assert step(subject, Thanked(via="wechat"), MORNING) == first
    assert subject.renewal is renewal
    assert first.effects


def test_what_the_table_has_no_word_for_changes_nothing_and_says_so() -> None:
    story = offered()
    before = story.renewal
    story.hears(SignatureDue()).is_silent("late")
    assert story.renewal == before
    assert (story.last.row, story.last.effects, story.last.timers) == ("", (), ())


def test_the_row_that_spoke_is_named_for_the_log() -> None:
    story = offered()
    assert story.last.row == "reminded --OffersAsked--> offered"


def test_the_first_turn_puts_up_the_sign_at_the_end_of_the_road_and_no_later_one_does() -> None:
    story = Story().hears(TierDue("T-30")).will_ring("TermEnded").will_ring("AccessDue")
    assert set(story.renewal.marks) == {"in_window"}
    story.hears(OfferPrepared(COMPS))
    assert "TermEnded" not in {one.kind for one in story.last.timers}


def test_a_log_read_again_gives_the_row() -> None:
    log = Log()
    start = log.story.renewal
    for event in (TierDue("T-30"), OfferPrepared(COMPS), Greeted(via="wechat"), OffersAsked(via="wechat")):
        log.hears(event, timedelta(minutes=5))
    assert log.story.renewal.milestone is Milestone.OPENED
    assert replay(start, log.lines, POLICY) == log.story.renewal
    assert replay(start, log.lines[:-1], POLICY) != log.story.renewal


def test_a_finished_renewal_keeps_no_clock() -> None:
    story = paid()
    story.hears(read_back(story))
    assert story.renewal.final
    assert not story.last.timers
    assert "TermEnded" in story.last.drop


def test_open_renewals_the_table_does_not_know_stop_the_start() -> None:
    refuse_orphans([(FLOW, state.value) for state in State])
    with pytest.raises(ValueError, match="offered of flow 0"):
        refuse_orphans([(0, "offered")])
    with pytest.raises(ValueError, match="waiting_for_godot"):
        refuse_orphans([(FLOW, "waiting_for_godot")])


def test_a_renewal_is_pinned_to_the_version_of_this_table() -> None:
    assert TABLE_FLOW == FLOW == opening(LEASE, opened_on=date(2026, 9, 1)).flow


def test_a_changed_table_decides_differently() -> None:
    """The rules are the table and nothing beside it: tests of the guards rest on this."""
    silent = Rules([row for row in TABLE if row.event is not TierDue])
    story = Story()
    decision = silent.step(Subject(7, story.renewal, POLICY), TierDue("T-30"), MORNING)
    assert decision.effects == ()
    assert [one.reason for one in decision.silences] == ["late"]


def test_the_table_leads_out_of_every_state_that_is_not_final() -> None:
    left = {arrow.source for arrow in spread(TABLE) if arrow.goes_to is not arrow.source}
    assert left == set(State) - FINAL


def test_a_table_with_a_gap_or_a_dead_word_does_not_load() -> None:
    answer = next(row for row in TABLE if row.event is Greeted)
    with pytest.raises(ValueError, match="can never be reached"):
        Rules([answer, answer])
    with pytest.raises(ValueError, match="no last word"):
        Rules([answer._replace(guard=lambda _: True)])
