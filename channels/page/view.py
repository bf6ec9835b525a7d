"""What the tenant's page shows: every fact the template needs, nothing by which a stranger would know the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from dialogs.lease import Bill
from dialogs.money import ZERO, Fen
from dialogs.offer import Proposal
from dialogs.paper import KeyClause
from dialogs.states import State


class Stage(StrEnum):
    """Which page it is; several states may look the same to a tenant."""

    PREPARING = "preparing"
    OFFERS = "offers"
    CONFIRM = "confirm"
    CHECKING = "checking"
    PAY_FIRST = "pay_first"
    TALKING = "talking"
    """Somebody looks into a dispute, a payment plan or the whole case."""
    SIGN = "sign"
    PAY = "pay"
    DOOR = "door"
    DONE = "done"
    LEAVING = "leaving"
    ENDED = "ended"


class Card(msgspec.Struct, frozen=True):
    """One proposal to choose; ``terms_hash`` goes back with the choice. ``deposit_today`` in fen."""

    proposal: Proposal
    terms_hash: str
    deposit_today: Fen

    @property
    def changing(self) -> bool:
        """Does the rent change within the term?"""
        return len({step.rent for step in self.proposal.steps}) > 1

    @property
    def true_total(self) -> Fen:
        """What this choice costs in all, in fen: rent over the term, and the deposit due today, less the gift."""
        return Fen(self.proposal.total + self.deposit_today - self.proposal.gift_value)


class Notice(msgspec.Struct, frozen=True):
    """One message that was sent to the tenant, to be read again (站内信); ``title`` is how ``text`` begins."""

    at: datetime
    title: str
    text: str


class Deduction(msgspec.Struct, frozen=True):
    """The open bill is taken by the tenant's mandate; ``opens`` is the first Shanghai day it may be, once announced."""

    opens: date | None = None


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` and ``room`` are masked already. Money is fen, days are Shanghai dates, instants aware UTC."""

    stage: Stage
    state: State
    name: str
    community: str
    room: str
    rent: Fen
    end: date
    days_left: int
    housekeeper: str = ""
    owned: bool = False
    """A person owns the thread now: the page says so."""
    seen: bool = False
    """Has ``PageOpened`` been noted for this offer?"""
    offer: int = 0
    expires_at: datetime | None = None
    cards: tuple[Card, ...] = ()
    chosen: Card | None = None
    owed: tuple[Bill, ...] = ()
    deposit_short: Fen = ZERO
    clauses: tuple[tuple[KeyClause, bool], ...] = ()
    """The key clauses of what was accepted, and whether the tenant has confirmed each."""
    cycle: int = 1
    """Months between two payments, as the lease has it now."""
    held: Fen = ZERO
    """Deposit that is held now."""
    sign_link: str = ""
    sign_by: date | None = None
    signed: int = 0
    signers: int = 0
    bill: Bill | None = None
    way: str = ""
    """Who takes the open order: ``wechatpay``, ``alipay`` …"""
    other_ways: tuple[str, ...] = ()
    changing_to: str = ""
    """The old order is being closed; the new way stands in a moment."""
    pay_link: str = ""
    mandate_links: Mapping[str, str] = {}
    """Where automatic deduction can be allowed, by provider; empty where it is not offered."""
    deduction: Deduction | None = None
    pay_sheet: Mapping[str, str] = {}
    """Inside WeChat: what ``getBrandWCPayRequest`` is called with."""
    relet: bool = False
    notices: tuple[Notice, ...] = ()
    """Newest first."""
    bound: bool = False
    """Does a WeChat of this tenant get our messages?"""


def mask_name(name: str) -> str:
    """The first letter and a star: ``陈*``; empty stays empty."""
    return f"{name[0]}*" if name else ""


def mask_room(room: str) -> str:
    """The first half stays: ``1201`` → ``12**``: enough to know one's own, too little to find somebody else's."""
    kept = len(room) // 2
    return room[:kept] + "*" * (len(room) - kept)
