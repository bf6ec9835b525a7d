"""The v3 messages we read, field by field; what is not listed is ignored, never guessed (providers sheet 2.2–2.4)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from .port import PayState, Reason


class Prepay(msgspec.Struct, frozen=True):
    prepay_id: str


class Amount(msgspec.Struct, frozen=True):
    """Fen."""

    total: int
    currency: str = "CNY"


class Transaction(msgspec.Struct, frozen=True):
    """An order as the query and the payment callback show it; unpaid orders have neither amount nor transaction id."""

    mchid: str
    appid: str
    out_trade_no: str
    trade_state: str
    transaction_id: str = ""
    success_time: datetime | None = None
    amount: Amount | None = None


class RefundAmount(msgspec.Struct, frozen=True):
    """Fen."""

    refund: int
    total: int


class Refund(msgspec.Struct, frozen=True):
    """A refund as the API shows it: ``status``."""

    refund_id: str
    out_refund_no: str
    status: str
    amount: RefundAmount


class RefundNews(msgspec.Struct, frozen=True):
    """A refund as its callback shows it: the field is called ``refund_status`` there (trap 12)."""

    mchid: str
    out_refund_no: str
    refund_id: str
    refund_status: str
    amount: RefundAmount


class Resource(msgspec.Struct, frozen=True):
    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


class Callback(msgspec.Struct, frozen=True):
    id: str
    event_type: str
    resource_type: str
    resource: Resource


class Fault(msgspec.Struct, frozen=True):
    """The body of an answer that is not 2xx. Branch on ``code``, never on ``message``."""

    code: str
    message: str = ""


TRADE_STATES = {
    "NOTPAY": PayState.PENDING,
    "SUCCESS": PayState.PAID,
    "REFUND": PayState.REFUNDED,
    "CLOSED": PayState.CLOSED,
}
REFUND_STATES = {"PROCESSING": PayState.PENDING, "SUCCESS": PayState.REFUNDED, "CLOSED": PayState.CLOSED}
"""``ABNORMAL`` (the payer's card is dead) has no state: a person must act."""

MISSING = frozenset({"RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST", "ORDERNOTEXIST"})
"""The first is documented for refunds; the others are what order queries are said to answer (not verified)."""

REASONS = {
    "SYSTEM_ERROR": Reason.UNKNOWN,
    # Already paid, perhaps: whoever takes these for a refusal opens a second number and charges twice. Query.
    "OUT_TRADE_NO_USED": Reason.UNKNOWN,
    "ORDERPAID": Reason.UNKNOWN,
    "FREQUENCY_LIMITED": Reason.THROTTLE,
    "RATELIMIT_EXCEEDED": Reason.THROTTLE,
    "STATEMENT_CREATING": Reason.TRANSIENT,
    "SIGN_ERROR": Reason.CONFIG,
    "PARAM_ERROR": Reason.CONFIG,
    "INVALID_REQUEST": Reason.CONFIG,
    "APPID_MCHID_NOT_MATCH": Reason.CONFIG,
    "NO_AUTH": Reason.CONFIG,
    # The merchant's own balance is short: somebody tops up, then the same refund number goes again.
    "NOT_ENOUGH": Reason.CONFIG,
    "RULE_LIMIT": Reason.LIMIT,
    "ORDER_CLOSED": Reason.FINAL,
    "TRADE_ERROR": Reason.FINAL,
    "USER_ACCOUNT_ABNORMAL": Reason.FINAL,
}
