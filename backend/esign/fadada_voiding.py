"""The request that voids a signed task: an agreement of the provider's own, for all who signed to sign again."""

from __future__ import annotations

from .fadada_wire import Account
from .port import ESignError

REASON_LIMIT = 200


def check_voiding(envelope_key: str, key: str, reason: str) -> None:
    """Raises ESignError(final). Under the envelope's own key a voiding would be taken for the envelope."""
    if not 1 <= len(key) <= 128 or key == envelope_key:
        raise ESignError("a voiding has a key of its own, 1 to 128 characters", unknown=False, code="PARAM")
    if not reason.strip():
        raise ESignError("a voiding says why", unknown=False, code="PARAM")


def voiding_fields(account: Account, ref: str, key: str, reason: str, callback_url: str) -> dict[str, object]:
    """Body of ``/sign-task/abolish``. Without ``actors`` it is for the original signers, nobody is notified."""
    fields: dict[str, object] = {
        "signTaskId": ref,
        "abolishedInitiator": {"initiatorId": account.open_corp_id},
        "docSource": "platform",
        "reason": reason[:REASON_LIMIT],
        "autoStart": True,
    }
    allowed = {
        "businessCode": key,
        "transReferenceId": key,
        "callbackUrl": callback_url,
        "businessId": account.business_id,
        "followOriginalConfig": True,
    }
    return fields | {name: value for name, value in allowed.items() if value and name in account.voiding_takes}
