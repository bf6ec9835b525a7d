"""ACS3-HMAC-SHA256, as Aliyun's OpenAPI wants it (channels sheet 3.1): parameters in the query, an empty body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import msgspec

ALGORITHM = "ACS3-HMAC-SHA256"


class Call(msgspec.Struct, frozen=True):
    """One call to be signed; ``at`` is an aware UTC instant, ``nonce`` new for every try."""

    host: str
    action: str
    version: str
    query: Mapping[str, str]
    at: datetime
    nonce: str


def canonical_query(query: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


def headers(call: Call, key_id: str, secret: str) -> dict[str, str]:
    """All headers of the call, the signature among them."""
    signed = {
        "host": call.host,
        "x-acs-action": call.action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": call.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": call.nonce,
        "x-acs-version": call.version,
    }
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = "\n".join(["POST", "/", canonical_query(call.query), lines, names, signed["x-acs-content-sha256"]])
    said = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), said.encode(), "sha256").hexdigest()
    return {**signed, "Authorization": f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"}
