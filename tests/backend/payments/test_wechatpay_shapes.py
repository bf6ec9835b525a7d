"""The error table, code by code: what each answer makes of the caller."""

from __future__ import annotations

import pytest

from backend.payments.port import PayState, Reason
from backend.payments.wechatpay_shapes import MISSING, REASONS, REFUND_STATES, TRADE_STATES

AGAIN = {Reason.UNKNOWN, Reason.THROTTLE, Reason.TRANSIENT}


@pytest.mark.parametrize(
    "code", ["SYSTEM_ERROR", "OUT_TRADE_NO_USED", "ORDERPAID", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"]
)
def test_what_may_have_happened_never_reads_as_refused(code: str) -> None:
    assert REASONS[code] in AGAIN


@pytest.mark.parametrize("code", ["SIGN_ERROR", "PARAM_ERROR", "APPID_MCHID_NOT_MATCH", "NO_AUTH", "NOT_ENOUGH"])
def test_what_we_must_mend_ourselves_is_config(code: str) -> None:
    assert REASONS[code] is Reason.CONFIG


@pytest.mark.parametrize("code", ["ORDER_CLOSED", "TRADE_ERROR", "USER_ACCOUNT_ABNORMAL"])
def test_business_stops_are_final(code: str) -> None:
    assert REASONS[code] is Reason.FINAL


def test_no_state_of_the_provider_is_missing_by_itself() -> None:
    assert PayState.MISSING not in {*TRADE_STATES.values(), *REFUND_STATES.values()}
    assert not MISSING & set(REASONS)
    assert TRADE_STATES["NOTPAY"] is PayState.PENDING
