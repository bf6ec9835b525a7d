"""ACS3-HMAC-SHA256 from the door's side: everything is recomputed from what arrived (channels sheet 3.1)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_plus

SKEW = timedelta(minutes=15)
"""How far a caller's clock may be away. Confirm with the provider."""
REMEMBERED = 2 * SKEW
"""A date may lie so far ahead that its request stays fresh for twice the skew."""
MUST = ("host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version")
_SHAPE = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]*),SignedHeaders=([^,]*),Signature=([0-9a-f]{64})")


class Unsealed(Exception):
    """The code the vendor answers with; these four codes are to be confirmed with the provider."""


class Arrived:
    """A request as it came: ``query`` raw, header names in lower case."""

    def __init__(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> None:
        self.method, self.path, self.query, self.body = method, path, query, body
        self.headers = {name.lower(): value.strip() for name, value in headers.items()}


class Gate:
    """Knows one key pair and the nonces that were used."""

    def __init__(self, key_id: str, secret: str) -> None:
        self._key_id = key_id
        self._secret = secret
        self._nonces: dict[str, datetime] = {}

    def admit(self, request: Arrived, now: datetime) -> None:
        """Raises Unsealed."""
        said = _SHAPE.fullmatch(request.headers.get("authorization", ""))
        if said is None:
            raise Unsealed("IncompleteSignature")
        key_id, names, signature = said.groups()
        if key_id != self._key_id:
            raise Unsealed("InvalidAccessKeyId.NotFound")
        signed = names.split(";")
        if not set(MUST) <= set(signed) or signed != sorted(signed):
            raise Unsealed("IncompleteSignature")
        if not hmac.compare_digest(signature, self._signature(request, signed)):
            raise Unsealed("SignatureDoesNotMatch")
        self._fresh(request.headers, now)

    def _signature(self, request: Arrived, signed: list[str]) -> str:
        body = hashlib.sha256(request.body).hexdigest()
        if request.headers.get("x-acs-content-sha256") != body:
            raise Unsealed("SignatureDoesNotMatch")
        blocks = [
            request.method,
            request.path,
            _sorted_query(request.query),
            *(f"{name}:{request.headers.get(name, '')}" for name in signed),
            "",
            ";".join(signed),
            body,
        ]
        digest = hashlib.sha256("\n".join(blocks).encode()).hexdigest()
        return hmac.new(self._secret.encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), hashlib.sha256).hexdigest()

    def _fresh(self, headers: Mapping[str, str], now: datetime) -> None:
        try:
            at = datetime.strptime(headers.get("x-acs-date", ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Unsealed("InvalidTimeStamp.Format") from None
        if abs(now - at) > SKEW:
            raise Unsealed("InvalidTimeStamp.Expired")
        self._nonces = {nonce: seen for nonce, seen in self._nonces.items() if now - seen <= REMEMBERED}
        nonce = headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in self._nonces:
            raise Unsealed("SignatureNonceUsed")
        self._nonces[nonce] = now


def _sorted_query(raw: str) -> str:
    pairs = [one.partition("=") for one in raw.split("&") if one]
    plain = sorted((unquote_plus(name), unquote_plus(value)) for name, _, value in pairs)
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in plain)
