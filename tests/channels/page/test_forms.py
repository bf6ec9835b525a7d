"""A posted form is one event or one wrong field, whatever is posted."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.page.forms import ACTIONS, TENANT_REASONS, FormError, opened, read_action, read_form
from channels.page.links import Link
from dialogs import events as ev
from dialogs.money import yuan
from dialogs.offer import CounterOffer
from dialogs.states import LossReason
from tests.journeys.samples import NOW

LINK = Link(41, NOW, "jti-1")
KEY = uuid.UUID("6f1dbe39-0d1f-4a56-9a3f-6f0a5a6f2c11").hex
TERMS = {"proposal": "rise", "offer": "2", "terms": "0123456789abcdef"}


def event(name: str, **fields: str) -> ev.AnyEvent:
    return read_action(name, {"key": KEY, **fields}, LINK).event


def wrong(name: str, **fields: str) -> str:
    with pytest.raises(FormError) as caught:
        event(name, **fields)
    return caught.value.field


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("choose", TERMS, ev.Chose(via="page", proposal="rise", offer=2, terms_hash="0123456789abcdef")),
        ("confirm", TERMS, ev.Confirmed(via="page", proposal="rise", offer=2, terms_hash="0123456789abcdef")),
        ("deny", {}, ev.Denied(via="page")),
        ("hesitate", {}, ev.Hesitated(via="page")),
        ("human", {}, ev.HumanAsked(via="page")),
        ("mind", {}, ev.MindChanged(via="page")),
        ("decline", {"reason": "job"}, ev.Declined(via="page", reason=LossReason.JOB)),
        ("decline", {}, ev.Declined(via="page", reason=LossReason.UNKNOWN)),
        ("dispute", {"bill": "B1"}, ev.BillDisputed(via="page", bill="B1")),
        ("dispute", {}, ev.BillDisputed(via="page")),
        ("money", {"instalments": "3"}, ev.MoneyTroubled(via="page", instalments=3)),
        ("money", {}, ev.MoneyTroubled(via="page")),
        (
            "counter",
            {"rent": "3,100.50", "months": "24", "cycle": "3", "repair": "1"},
            ev.CounterOffered(via="page", terms=CounterOffer(yuan("3100.50"), 24, 3, repair=True)),
        ),
        ("counter", {"repair": "1"}, ev.CounterOffered(via="page", terms=CounterOffer(repair=True))),
    ],
)
def test_a_button_is_an_event(name: str, fields: dict[str, str], expected: ev.AnyEvent) -> None:
    assert event(name, **fields) == expected


@pytest.mark.parametrize("lost", TERMS)
@pytest.mark.parametrize("name", ["choose", "confirm"])
def test_a_choice_needs_the_very_terms_that_were_seen(name: str, lost: str) -> None:
    assert wrong(name, **{key: value for key, value in TERMS.items() if key != lost}) == lost


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("decline", {"reason": "operator"}, "reason"),
        ("decline", {"reason": "nonsense"}, "reason"),
        ("counter", {}, "rent"),
        ("counter", {"rent": "cheap"}, "rent"),
        ("counter", {"rent": "-5"}, "rent"),
        ("counter", {"rent": "1e9"}, "rent"),
        ("counter", {"rent": "NaN"}, "rent"),
        ("counter", {"rent": "3100.505"}, "rent"),
        ("counter", {"months": "999"}, "months"),
        ("counter", {"months": "１２"}, "months"),
        ("money", {"instalments": "1"}, "instalments"),
        ("dispute", {"bill": "x" * 65}, "bill"),
        ("choose", {**TERMS, "offer": "-1"}, "offer"),
        ("choose", {**TERMS, "terms": "0" * 17}, "terms"),
        ("choose", {**TERMS, "proposal": "a\x00b"}, "proposal"),
    ],
)
def test_a_wrong_field_is_named(name: str, fields: dict[str, str], field: str) -> None:
    assert wrong(name, **fields) == field


def test_the_key_names_link_and_form_and_nothing_else() -> None:
    assert read_action("deny", {"key": KEY}, LINK).key == f"page:jti-1:{KEY}"
    assert read_action("deny", {"key": str(uuid.UUID(KEY)).upper()}, LINK).key == f"page:jti-1:{KEY}"
    with pytest.raises(FormError):
        read_action("deny", {"key": "page:somebody-else"}, LINK)


def test_opening_counts_once_for_each_offer() -> None:
    assert opened(LINK, 1) == opened(LINK, 1)
    assert opened(LINK, 1).key != opened(LINK, 2).key
    assert opened(LINK, 1).event == ev.PageOpened(via="page")


def test_reasons_are_the_tenants_own() -> None:
    assert LossReason.OPERATOR not in TENANT_REASONS
    assert LossReason.NOT_REACHED not in TENANT_REASONS
    assert TENANT_REASONS[-1] is LossReason.UNKNOWN


def test_the_first_of_a_repeated_field_counts() -> None:
    assert read_form(b"key=1&key=2&reason=job") == {"key": "1", "reason": "job"}


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"&".join(b"a%d=1" % n for n in range(40))])
def test_an_unreadable_form_is_refused(raw: bytes) -> None:
    with pytest.raises(FormError):
        read_form(raw)


FIELDS = [
    "proposal",
    "offer",
    "terms",
    "reason",
    "rent",
    "months",
    "cycle",
    "repair",
    "bill",
    "instalments",
    "way",
    "clause",
    "seconds",
]


@given(st.sampled_from(sorted(ACTIONS)), st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30)))
def test_junk_is_an_event_or_a_named_field(name: str, fields: dict[str, str]) -> None:
    form = read_form(urlencode({"key": KEY, **fields}, errors="replace").encode())
    try:
        came: object = read_action(name, form, LINK).event
    except FormError as fault:
        came = fault.field
    assert came
    assert isinstance(came, ev.Heard) or came in FIELDS
