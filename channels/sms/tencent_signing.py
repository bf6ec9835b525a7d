"""TC3-HMAC-SHA256, as Tencent Cloud wants it (channels sheet 3.2): a JSON body, and a date that is UTC's."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
SIGNED = "content-type;host"
TYPE = "application/json"


def authorization(key: tuple[str, str], host: str, body: bytes, at: datetime) -> str:
    """``key`` = (secret id, secret key); ``at`` is the instant that goes out as X-TC-Timestamp."""
    secret_id, secret_key = key
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/sms/tc3_request"
    canonical = f"POST\n/\n\ncontent-type:{TYPE}\nhost:{host}\n\n{SIGNED}\n{hashlib.sha256(body).hexdigest()}"
    said = f"{ALGORITHM}\n{int(at.timestamp())}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = f"TC3{secret_key}".encode()
    for part in (day, "sms", "tc3_request"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    signature = hmac.new(signing, said.encode(), "sha256").hexdigest()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"
