"""A played renewal: words, taps, time, partners and staff, against the real rules; the terminal around it."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.talk import PHONE_ONLY, Conversation
from bot.talk_commands import COMMANDS, Misused, run
from bot.talk_lines import begin, play
from bot.talk_mouth import HandClock
from bot.talk_notes import Note, Sort, gathered, short
from bot.talk_partners import LEASE, Partners
from bot.talk_staff import OUTCOMES
from bot.talk_terminal import talk
from dialogs import events as ev
from dialogs.effects import ExtendAccess, OpenEnvelope
from dialogs.money import yuan
from dialogs.states import State
from tests.house.sources import ROOT

TO_THE_CONTRACT = ("续租方案发我看看", "选二", "确认")


def told(*lines: str) -> Conversation:
    """A conversation after these lines, their notes thrown away."""
    conversation = begin(lines[0] if lines else "")
    for line in lines:
        play(conversation, line)
    return conversation


def notes_of(conversation: Conversation, line: str, sort: Sort) -> list[str]:
    return [note.text for note in play(conversation, line) if note.sort is sort]


# --- the conversation
def test_it_begins_with_the_first_reminder() -> None:
    conversation = begin()
    assert conversation.renewal.state is State.REMINDED
    (notice,) = [note for note in conversation.take() if note.sort is Sort.NOTICE]
    assert notice.text.startswith("(remind_warm) ")
    assert LEASE.no in notice.text


def test_from_the_offers_to_the_keys() -> None:
    conversation = told(*TO_THE_CONTRACT, "/sign", "/pay")
    assert conversation.renewal.state is State.RENEWED
    assert conversation.renewal.accepted is not None
    assert conversation.renewal.accepted.number == 2
    assert conversation.timers == {}


def test_offers_can_be_tapped_and_old_cards_cannot() -> None:
    conversation = told("续租方案发我看看")
    shown = notes_of(conversation, "再发一遍方案", Sort.WECHAT)[0]
    assert [line for line in shown.splitlines() if line.startswith("[")] == [
        "[1. 原价续租]", "[2. 小幅上调，附赠服务]", "[3. 三年约，租金写定]",
    ]  # fmt: skip
    play(conversation, "/tap 2 old")
    assert conversation.renewal.state is State.OFFERED
    play(conversation, "/tap 2")
    assert (conversation.renewal.state, conversation.renewal.chosen) == (State.CONFIRMING, "rise")
    play(conversation, "/tap no")
    assert conversation.renewal.state is State.OFFERED


def test_by_sms_only_the_approved_texts_are_seen() -> None:
    conversation = begin("/sms")
    (first,) = [note for note in conversation.take() if note.sort is Sort.SMS]
    assert "【续租】您的租约将于12月10日到期" in first.text
    (answer,) = notes_of(conversation, "短信: 押金怎么退", Sort.SMS)
    assert "【续租】您的短信已收到" in answer
    assert "元" not in answer
    assert conversation.contact == PHONE_ONLY


def test_a_yes_by_sms_is_given_on_the_page() -> None:
    lines = ("/sms", "/page", "/page 1", "短信: 确认")
    assert told(*lines).renewal.state is State.CONFIRMING
    assert told(*lines, "/page yes").renewal.state is State.AWAITING_SIGNATURE


def test_a_number_by_sms_answers_no_old_sms() -> None:
    conversation = told("/sms", "/page", "/wait 9d")
    heard = notes_of(conversation, "短信: 1", Sort.HEARD)
    assert heard[1] == "no SMS of the last days that this could answer"
    assert conversation.renewal.chosen is None


def test_sms_refused_is_silent_at_once() -> None:
    conversation = begin("短信: 退订")
    conversation.take()
    assert notes_of(conversation, "短信: 退订", Sort.SMS) == []
    assert conversation.renewal.opted_out
    assert notes_of(conversation, "短信: 在吗", Sort.SMS) == []


def test_timers_ring_in_their_order_when_the_clock_passes() -> None:
    conversation = told("我下周一再回复你", "/state")
    due = conversation.timers["DecisionDue", ""]
    notes = play(conversation, "/wait 9d")
    rung = [note.text for note in notes if note.sort is Sort.CLOCK]
    assert rung[0].endswith("DecisionDue")
    assert conversation.now > due
    assert conversation.renewal.state is State.OFFERED
    with pytest.raises(Misused, match="already"):
        play(conversation, "/until 2026-11-11 09:00")


def test_nothing_that_nobody_notices_is_shown_of_the_time() -> None:
    conversation = told("/page")
    assert [note.sort for note in play(conversation, "/wait 1h")] == [Sort.CLOCK]


def test_what_is_owed_stands_before_the_contract() -> None:
    conversation = told("/owe 1200", *TO_THE_CONTRACT)
    assert conversation.renewal.envelope is None
    assert "1,200" in "".join(notes_of(conversation, "为什么要先交钱", Sort.WECHAT))
    play(conversation, "/pay")
    assert conversation.renewal.envelope is not None
    with pytest.raises(Misused, match="nothing to pay"):
        play(conversation, "/pay")


def test_finance_may_look_into_it_waive_it_or_plan_it() -> None:
    disputed = told("/owe 1200", *TO_THE_CONTRACT, "/dispute")
    assert disputed.renewal.state is State.DISPUTED
    play(disputed, "/settle")
    for conversation in (disputed, told("/owe 50", *TO_THE_CONTRACT, "/waive")):
        assert conversation.renewal.state is State.AWAITING_SIGNATURE
    assert told("/owe 50", *TO_THE_CONTRACT, "/plan 2026-12-01").renewal.state is State.AWAITING_SIGNATURE


def test_a_person_agrees_or_does_not() -> None:
    conversation = told("续租方案发我看看", "每月2900我就续")
    assert conversation.renewal.state is State.NEGOTIATING
    play(conversation, "/approve")
    offer = conversation.renewal.offer
    assert offer is not None
    assert [(one.number, one.first_rent) for one in offer.proposals] == [(1, yuan(2900))]
    assert told("续租方案发我看看", "每月2900我就续", "/reject").renewal.state is State.OFFERED


def test_the_band_lets_the_rule_agree() -> None:
    conversation = told("/band 3", "续租方案发我看看", "每月3150我就续")
    assert (conversation.renewal.state, conversation.renewal.chosen) == (State.CONFIRMING, "special")


def test_a_claimed_thread_is_silent_and_a_task_is_settled() -> None:
    conversation = told("我要找管家")
    play(conversation, "/claim")
    assert notes_of(conversation, "在吗", Sort.SILENCE) == ["owned"]
    released = play(conversation, "/release offered")
    assert Note(Sort.SETTLED, "handoff") in released
    assert conversation.renewal.owner.person is None


def test_partners_who_are_away_are_caught_up_with() -> None:
    conversation = told(*TO_THE_CONTRACT[:2], "/away esign", "确认")
    assert conversation.renewal.envelope is None
    play(conversation, "/back esign")
    assert conversation.renewal.envelope is not None
    play(conversation, "/away lock")
    play(conversation, "/sign")
    play(conversation, "/pay")
    assert conversation.renewal.state is State.EXTENDING
    play(conversation, "/back lock")
    assert conversation.renewal.state is State.RENEWED


def test_a_storm_of_pictures_is_one_answer_and_one_line_of_silence() -> None:
    notes = play(begin(), "/photo 9")
    assert [note.sort for note in notes if note.sort is Sort.WECHAT] == [Sort.WECHAT]
    assert notes[-1] == Note(Sort.SILENCE, "one answer for a storm（8次）")


def test_a_task_quotes_what_was_written() -> None:
    (task,) = notes_of(begin(), "空调坏了，不制冷", Sort.TASK)
    assert task.startswith("work_order（管家，")
    assert task.endswith("原话「空调坏了，不制冷」")


# --- lines and commands
def test_why_and_state_are_explained() -> None:
    conversation = told("续租方案发我看看", "选2")
    (why,) = notes_of(conversation, "/why", Sort.ANSWER)
    assert why.startswith("choose {'option': 2}\nconfidence ")
    assert "heard option 2" in why
    (state,) = notes_of(conversation, "/state", Sort.ANSWER)
    assert state.startswith("confirming, 2026-11-10 ")
    assert "ConfirmationDue" in state
    assert notes_of(begin(), "/why", Sort.ANSWER) == ["nothing was heard yet"]


def test_help_names_every_command() -> None:
    (shown,) = notes_of(begin(), "/help", Sort.ANSWER)
    assert all(command.usage in shown for command in COMMANDS.values())


IMPOSSIBLE = """
/ | /nothing | /wait | /wait x | /wait 3 | /wait -3d | /wait 9999d | /wait 99999999999999999999d | /until soon
| /until 2030-01-01 | /tap | /tap x | /tap ² | /page x | /page 9 | /page yes | /sign | /refuse | /pay | /owe | /owe -5
| /owe 0 | /owe 0.001 | /owe 1e99999 | /owe nan | /photo 0 | /photo 51 | /band 99 | /band x | /band nan | /away nobody
| /back | /release somewhere | /call lost | /plan x | /approve | /dispute
"""


@pytest.mark.parametrize("line", [line.strip() for line in IMPOSSIBLE.split("|")])
def test_what_cannot_be_played_says_so_and_changes_nothing(line: str) -> None:
    conversation = begin()
    before = conversation.renewal
    with pytest.raises(Misused, match=r"\w"):
        play(conversation, line)
    assert conversation.renewal == before


def test_empty_lines_are_nothing_and_prefixes_name_the_channel() -> None:
    conversation = begin()
    conversation.take()
    assert play(conversation, "  \t ") == []
    assert play(conversation, "微信：") == []
    play(conversation, "短信：你好")
    assert conversation.via == "sms"
    play(conversation, "/wechat")
    assert conversation.via == "wechat"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_call_has_an_outcome(outcome: str) -> None:
    conversation = begin()
    run(conversation, f"/call {outcome}")
    assert (conversation.renewal.state is State.UNREACHABLE) is (outcome == "wrong_number")


def test_a_flat_that_is_gone_and_a_number_that_was_wrong() -> None:
    assert told("到期我搬走，不续了", "/relet").renewal.relet
    lost = told("/call wrong_number", "/mend")
    assert lost.renewal.state is State.REMINDED


# --- its parts
def test_the_clock_never_goes_back() -> None:
    conversation = begin()
    clock = HandClock(conversation.now)
    clock.move(conversation.now - timedelta(days=1))
    assert clock.now() == conversation.now


def test_partners_answer_or_are_missed() -> None:
    partners = Partners()
    wish = ExtendAccess(key="a", until=LEASE.end)
    assert partners.carry(wish) == ev.AccessExtended(LEASE.end)
    partners.away |= {"lock", "esign"}
    assert isinstance(partners.carry(wish), ev.AccessDelayed)
    assert partners.back("esign") == []
    assert partners.back("lock") == [wish]
    assert not any(isinstance(one, OpenEnvelope) for one in partners.waiting)


def test_only_equal_silences_are_gathered() -> None:
    quiet, task = Note(Sort.SILENCE, "owned"), Note(Sort.TASK, "call")
    assert gathered([quiet, quiet, task, task, quiet]) == [Note(Sort.SILENCE, "owned（2次）"), task, task, quiet]
    assert short("greet is likeliest (83%); loudest for it: a, b") == "greet is likeliest by the weights"


# --- the terminal
def test_a_pipe_is_played_line_by_line() -> None:
    out = io.StringIO()
    assert talk(io.StringIO("续租方案发我看看\n\n选3\n/quit\n确认\n"), out) == 0
    text = out.getvalue()
    assert "状态: offered → confirming" in text
    assert "\x1b" not in text
    assert "确认\n    听到" not in text


def test_a_refused_line_of_a_pipe_fails_at_the_end() -> None:
    out = io.StringIO()
    assert talk(io.StringIO("/abracadabra\n你好\n"), out, by_sms=True) == 1
    assert "no command /abracadabra; /help lists them all" in out.getvalue()
    assert "短信: (greeting)" in out.getvalue()


class Keyboard(io.StringIO):
    """Somebody who presses Ctrl-C after the last line."""

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size)
        if not line:
            raise KeyboardInterrupt
        return line


def test_ctrl_c_at_the_keyboard_is_a_plain_end(monkeypatch: pytest.MonkeyPatch) -> None:
    typed, out = Keyboard("你好\n/nothing\n"), io.StringIO()
    monkeypatch.setattr(sys, "stdin", typed)
    assert talk(typed, out) == 0
    assert "You are the tenant" in out.getvalue()
    assert "微信: (greeting)" in out.getvalue()
    assert "no command /nothing" in out.getvalue()


def test_the_word_of_the_command_line() -> None:
    said = [sys.executable, "-m", "bot", "talk", "--sms"]
    done = subprocess.run(said, cwd=ROOT, input="在吗\n", capture_output=True, text=True, check=True, timeout=60)
    assert "短信: (remind_warm)" in done.stdout
    assert done.stderr == ""
