"""From a provider's reason to what it means for the bill: asked again, or refused and why."""

from __future__ import annotations

from backend.payments.port import PayError, Reason
from bot.dispatcher import Done, Later
from dialogs.events import PaymentRefused, Refusal

AGAIN = {Reason.UNKNOWN, Reason.TRANSIENT, Reason.THROTTLE}
REFUSALS = {
    Reason.TENANT_CAN_FIX: Refusal.TENANT_CAN_FIX,
    Reason.MANDATE_DEAD: Refusal.MANDATE_DEAD,
    Reason.LIMIT: Refusal.LIMIT,
    Reason.WINDOW: Refusal.WINDOW,
    Reason.CONFIG: Refusal.CONFIG,
    Reason.FINAL: Refusal.FINAL,
}


def refused(key: str, fault: PayError) -> Done:
    """Raises Later where nobody knows yet what came of it."""
    if fault.reason in AGAIN:
        raise Later(str(fault), unsure=True) from None
    return Done(PaymentRefused(key, REFUSALS[fault.reason]), note=str(fault)[:200])
