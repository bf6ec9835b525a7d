"""The request that makes a sign task: one document, the landlord's seal, and everybody who has to sign."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .fadada_wire import Account, millis
from .port import ESignError, Signer

LANDLORD = "landlord"
"""Our actor id for the sealing company; no signer may be called so."""
_DOC, _SEAL = "supplement", "landlord_seal"


class Paper(NamedTuple):
    """What is signed: our key, the title signers see, and the provider's id of the processed file."""

    key: str
    subject: str
    file_id: str


def task_fields(account: Account, paper: Paper, signers: tuple[Signer, ...], expires_at: datetime) -> dict[str, object]:
    """Body of ``/sign-task/create``; our key stands in both fields that come back to us."""
    fields: dict[str, object] = {
        "initiator": {"idType": "corp", "openId": account.open_corp_id},
        "signTaskSubject": paper.subject[:200],
        "autoStart": True,
        "autoFinish": True,
        "autoFillFinalize": True,
        "signInOrder": False,
        "expiresTime": str(millis(expires_at)),
        "businessCode": paper.key,
        "transReferenceId": paper.key,
        "docs": [_document(account, paper)],
        "actors": [_landlord(account), *(_signer(account, one) for one in signers)],
    }
    if account.business_id:
        fields["businessId"] = account.business_id
    return fields


def check(key: str, document: bytes, signers: tuple[Signer, ...], limit: int) -> None:
    """Raises ESignError(final) for what the provider could not take, before anything is sent."""
    ids = [one.id for one in signers]
    if not 1 <= len(key) <= 128 or not 1 <= len(document) <= limit:
        raise ESignError("key or document the provider cannot take", unknown=False, code="PARAM")
    if not ids or len(set(ids)) != len(ids) or LANDLORD in ids or not all(1 <= len(one) <= 32 for one in ids):
        raise ESignError("signers: one at least, ids unique and 1 to 32 characters", unknown=False, code="PARAM")


def file_name(key: str, document: bytes) -> str:
    """The extension has to tell the truth (211157). HTML is not on the provider's list: a PDF is what it wants."""
    return f"{''.join(char for char in key if char.isalnum())}.{'pdf' if document.startswith(b'%PDF-') else 'html'}"


def _document(account: Account, paper: Paper) -> dict[str, object]:
    document: dict[str, object] = {"docId": _DOC, "docName": paper.subject[:100], "docFileId": paper.file_id}
    if account.business_id:
        position = {"positionMode": "keyword", "positionKeyword": account.seal_keyword}
        document["docFields"] = [{"fieldId": _SEAL, "fieldName": _SEAL, "fieldType": "corp_seal", "position": position}]
    return document


def _landlord(account: Account) -> dict[str, object]:
    """Seals by itself under the 免验证签 grant, which wants its place named; otherwise a person seals."""
    actor = {
        "actorId": LANDLORD,
        "actorType": "corp",
        "actorName": account.landlord,
        "permissions": ["sign"],
        "actorOpenId": account.open_corp_id,
        "sendNotification": False,
    }
    if not account.business_id:
        return {"actor": actor, "signConfigInfo": {"orderNo": 1}}
    return {
        "actor": actor,
        "signFields": [{"fieldDocId": _DOC, "fieldName": _SEAL}],
        "signConfigInfo": {"orderNo": 1, "requestVerifyFree": True},
    }


def _signer(account: Account, signer: Signer) -> dict[str, object]:
    actor: dict[str, object] = {
        "actorId": signer.id,
        "actorType": "corp" if signer.corporate else "person",
        "actorName": signer.name[:128],
        "permissions": ["sign"],
        "identNameForMatch": signer.name[:100],
        "sendNotification": False,
    }
    if not signer.corporate:
        actor["accountName"] = signer.phone
    if account.match_id_number and signer.id_number:
        actor["certNoForMatch"] = signer.id_number
    return {"actor": actor}
