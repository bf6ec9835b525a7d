"""TC3-HMAC-SHA256 from the door's side: everything is recomputed from what arrived (channels sheet 3.2)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

SKEW = timedelta(minutes=5)
_SHAPE = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]*)/([0-9]{4}-[0-9]{2}-[0-9]{2})/(\w+)/tc3_request, "
    r"SignedHeaders=([^,]*), Signature=([0-9a-f]{64})"
)


class Unsealed(Exception):
    """The code the vendor answers with; these codes are to be confirmed with the provider."""


def admit(keys: tuple[str, str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """``keys``: (secret id, secret key); header names in lower case. Raises Unsealed."""
    said = _SHAPE.fullmatch(headers.get("authorization", ""))
    if said is None:
        raise Unsealed("AuthFailure.InvalidAuthorization")
    secret_id, day, service, names, signature = said.groups()
    stamp = headers.get("x-tc-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,10}", stamp):
        raise Unsealed("AuthFailure.SignatureFailure")
    at = datetime.fromtimestamp(int(stamp), UTC)
    if secret_id != keys[0]:
        raise Unsealed("AuthFailure.SecretIdNotFound")
    if service != "sms" or day != at.date().isoformat() or not {"content-type", "host"} <= set(names.split(";")):
        raise Unsealed("AuthFailure.SignatureFailure")
    if abs(now - at) > SKEW:
        raise Unsealed("AuthFailure.SignatureExpire")
    lines = "".join(f"{name}:{headers.get(name, '')}\n" for name in names.split(";"))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{_hex(body)}"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{_hex(canonical.encode())}"
    key = b"TC3" + keys[1].encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(signature, hmac.new(key, text.encode(), hashlib.sha256).hexdigest()):
        raise Unsealed("AuthFailure.SignatureFailure")


def _hex(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
