"""Fadada's two-step signature, for the requests we send and the callbacks we hear (providers sheet, section 1)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

SIGN_TYPE = "HMAC-SHA256"
SUB_VERSION = "5.1"
_CALLBACK_HEADERS = ("X-FASC-App-Id", "X-FASC-Event", "X-FASC-Nonce", "X-FASC-Sign-Type", "X-FASC-Timestamp")


class Untrusted(Exception):
    """Not signed by the provider, or not a callback at all."""


@dataclass(frozen=True)
class Account:
    """Our application at Fadada. ``business_id`` is the scene code of the 免验证签 grant; empty: sealed by hand."""

    app_id: str
    app_secret: str = field(repr=False)
    open_corp_id: str
    business_id: str = ""
    landlord: str = "出租方"
    """Name of the sealing company, as signers see it."""
    seal_keyword: str = "出租方"
    """Text in the document at which the automatic seal is set."""
    match_id_number: bool = False
    """Hold signers to the ID number on file. Outsiders may be refused for it (211132): confirm with the provider."""
    voiding_takes: frozenset[str] = frozenset()
    """What ``/sign-task/abolish`` may carry beyond its documented fields, of ``businessCode``, ``transReferenceId``,
    ``callbackUrl``, ``businessId`` and ``followOriginalConfig``: confirm with the provider. With the first two a
    voiding is found by its key; with the last two the landlord's seal on it may be set by itself."""


def sign(secret: str, params: Mapping[str, str]) -> str:
    """Lower-case hex. ``params``: the X-FASC headers without Sign, and ``bizContent`` as raw JSON text."""
    joined = "&".join(f"{name}={params[name]}" for name in sorted(params) if params[name])
    digest = hashlib.sha256(joined.encode()).hexdigest()
    dated_key = hmac.digest(secret.encode(), params["X-FASC-Timestamp"].encode(), "sha256")
    return hmac.new(dated_key, digest.encode(), "sha256").hexdigest()


def headers(account: Account, now: datetime, nonce: str, biz: str | None, token: str | None) -> dict[str, str]:
    """All headers of one request, signed; without ``token`` it is the one that asks for a token."""
    sent = {
        "X-FASC-App-Id": account.app_id,
        "X-FASC-Sign-Type": SIGN_TYPE,
        "X-FASC-Timestamp": str(millis(now)),
        "X-FASC-Nonce": nonce,
        "X-FASC-Api-SubVersion": SUB_VERSION,
    }
    if token is None:
        sent["X-FASC-Grant-Type"] = "client_credential"
    else:
        sent["X-FASC-AccessToken"] = token
    signed = sent if biz is None else {**sent, "bizContent": biz}
    return {**sent, "X-FASC-Sign": sign(account.app_secret, signed)}


def verified_callback(account: Account, received: Mapping[str, str], raw: bytes) -> tuple[str, str]:
    """Event name and bizContent of a callback. Raises Untrusted.

    Its age is not judged: whether a retry after 8 hours keeps the first timestamp is undocumented.
    """
    biz = _biz_content(raw)
    params = {name: received.get(name, "") for name in _CALLBACK_HEADERS}
    expected = sign(account.app_secret, {**params, "bizContent": biz})
    if not hmac.compare_digest(expected.encode(), received.get("X-FASC-Sign", "").encode()):
        raise Untrusted("wrong signature")
    if params["X-FASC-App-Id"] != account.app_id or params["X-FASC-Sign-Type"] != SIGN_TYPE:
        raise Untrusted("another application, or another signature type")
    return params["X-FASC-Event"], biz


def millis(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return round(instant.timestamp() * 1000)


def _biz_content(raw: bytes) -> str:
    try:
        form = parse_qs(raw.decode("ascii"), strict_parsing=True, errors="strict", max_num_fields=8)
    except ValueError:
        raise Untrusted("not a form") from None
    values = form.get("bizContent", [])
    if len(values) != 1:
        raise Untrusted("no bizContent, or several")
    return values[0]


def expiry(seconds: str, now: datetime, spare: timedelta) -> datetime:
    """When to stop using a token that lives ``seconds`` from now. Raises ValueError."""
    return now + timedelta(seconds=int(seconds)) - spare
