"""The provider's own rules of money, by themselves: what may be paid, closed and given back, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sandbox.wechatpay_book import Book, Declined, OrderRequest, Outcome

NOW = datetime(2026, 9, 20, tzinfo=UTC)


def placed(book: Book, number: str = "R1P1A1", total: int = 1000, expires: datetime | None = None) -> str:
    return book.place(OrderRequest(number, {"description": "B1"}, total, expires), NOW).prepay_id


def test_ids_follow_the_seed() -> None:
    assert placed(Book(1)) == placed(Book(1)) != placed(Book(2))


def test_past_its_own_expiry_an_order_takes_no_money() -> None:
    book = Book(1)
    placed(book, expires=NOW + timedelta(minutes=10))
    assert book.pay("R1P1A1", NOW + timedelta(minutes=10))[0] is Outcome.EXPIRED
    assert book.pay("R404", NOW)[0] is Outcome.MISSING
    assert book.fail("R404", "x", NOW)[0] is Outcome.MISSING
    assert book.orders["R1P1A1"].state(NOW + timedelta(minutes=10)) == "NOTPAY"


def test_an_unpaid_order_closes_by_itself() -> None:
    book = Book(1)
    placed(book)
    assert book.orders["R1P1A1"].state(NOW + timedelta(days=7)) == "CLOSED"
    assert book.fail("R1P1A1", "x", NOW + timedelta(days=7))[0] is Outcome.CLOSED


def test_unpaid_money_is_not_given_back() -> None:
    book = Book(1)
    placed(book)
    with pytest.raises(Declined, match="未支付"):
        book.refund("RF1", book.orders["R1P1A1"], 1, "", NOW)


def test_after_a_year_or_fifty_nothing_is_given_back() -> None:
    book = Book(1)
    placed(book)
    book.pay("R1P1A1", NOW)
    order = book.orders["R1P1A1"]
    for turn in range(50):
        book.refund(f"RF{turn}", order, 1, "", NOW + timedelta(minutes=turn))
    with pytest.raises(Declined, match="期限或次数"):
        book.refund("RF50", order, 1, "", NOW + timedelta(minutes=50))
    with pytest.raises(Declined, match="期限或次数"):
        book.refund("RF51", order, 1, "", NOW + timedelta(days=366))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 700)), max_size=12))
def test_sums_given_back_never_pass_what_was_paid(attempts: list[tuple[int, int]]) -> None:
    book = Book(1)
    placed(book, total=1000)
    book.pay("R1P1A1", NOW)
    order = book.orders["R1P1A1"]
    declined = 0
    for minute, (number, amount) in enumerate(attempts):
        try:
            book.refund(f"RF{number}", order, amount, "", NOW + timedelta(minutes=minute))
        except Declined:
            declined += 1
    assert order.given_back <= 1000
    assert order.given_back == sum(refund.amount for refund in book.refunds.values())
    assert len(book.refunds) + declined <= len(attempts)
