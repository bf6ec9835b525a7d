"""One plain lease in Hangzhou and its renewal, for tests of what people read: words, page, console."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from dialogs.lease import Bill, Lease, Party, Role, Unit
from dialogs.money import yuan
from dialogs.offer import Offer, Proposal, RentStep
from dialogs.renewal import Renewal
from dialogs.states import State

TEMPLATES = Path(__file__).parents[2] / "templates"
TODAY = date(2026, 9, 2)
NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
NAME = "陈小满"


def lease(**changes: Any) -> Lease:
    plain = Lease(
        no="YJ-2025-0812",
        operator="寓居生活",
        unit=Unit("云栖公寓", "3幢", "1201", "开间"),
        parties=(Party("p-1", Role.TENANT),),
        start=date(2025, 10, 3),
        end=date(2026, 10, 2),
        rent=yuan(3200),
        deposit_due=yuan(3200),
        deposit_held=yuan(3000),
        housekeeper="管家小林",
        lock="lock-1",
    )
    return msgspec.structs.replace(plain, **changes)


def proposal(name: str, number: int, *steps: tuple[int, int], **more: Any) -> Proposal:
    """``steps``: months and yuan a month."""
    rents = tuple(RentStep(months, yuan(rent)) for months, rent in steps)
    years = sum(step.months for step in rents) // 12
    return Proposal(name, number, rents, date(2026, 10, 3), date(2026 + years, 10, 2), yuan(3200), **more)


def offer(version: int = 1) -> Offer:
    three = (
        proposal("keep", 1, (12, 3200), reason="price_kept"),
        proposal("rise", 2, (12, 3240), gift="gift_service", gift_value=yuan(600), reason="price_gift"),
        proposal("ladder", 3, (12, 3200), (12, 3260), (12, 3330), break_after_months=12, reason="price_ladder"),
    )
    return Offer(version, three, datetime(2026, 9, 16, 4, 0, tzinfo=UTC))


BILL = Bill("B2026080017", date(2026, 8, 28), yuan(1200))


def renewal(state: State = State.OFFERED, **changes: Any) -> Renewal:
    """A renewal with three proposals, in any state; past the choice it is the second that was accepted."""
    made = Renewal(lease=lease(), state=state, offer=offer(), opened_on=date(2026, 9, 1))
    if state is State.CONFIRMING:
        made = msgspec.structs.replace(made, chosen="rise")
    elif state not in _BEFORE_CHOICE:
        made = msgspec.structs.replace(made, accepted=offer().proposals[1])
    return msgspec.structs.replace(made, **changes)


_BEFORE_CHOICE = {
    State.OPENED,
    State.HAND_PRICING,
    State.REMINDED,
    State.OFFERED,
    State.HESITATING,
    State.NEGOTIATING,
    State.UNREACHABLE,
    State.MOVING_OUT,
    State.LAPSED,
    State.MOVED_OUT,
    State.HOLDOVER,
    State.ON_HOLD,
}
