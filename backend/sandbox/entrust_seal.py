"""The v2 envelope as WeChat Pay keeps it: fields read and signed by code of its own."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from html import unescape
from xml.sax.saxutils import escape

_FIELD = re.compile(r"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)


class Unsigned(Exception):
    """Not signed with this merchant's APIv2 key."""


class Seal:
    def __init__(self, key: str) -> None:
        self._key = key

    def mark(self, fields: Mapping[str, str], kind: str) -> str:
        text = ""
        for name in sorted(fields):
            if fields[name] != "" and name != "sign":
                text += name + "=" + fields[name] + "&"
        text += "key=" + self._key
        if kind == "MD5":
            return hashlib.md5(text.encode()).hexdigest().upper()  # noqa: S324 the provider's older kind
        return hmac.digest(self._key.encode(), text.encode(), "sha256").hex().upper()

    def check(self, fields: Mapping[str, str]) -> None:
        """Raises Unsigned. The kind is told by the signature's length, as the provider's documents allow both."""
        given = fields.get("sign", "")
        if given != self.mark(fields, "MD5" if len(given) == 32 else "HMAC-SHA256"):
            raise Unsigned

    def write(self, fields: Mapping[str, str], kind: str) -> bytes:
        """A signed document, in the order given, texts in CDATA."""
        full = {**fields, "sign": self.mark(fields, kind)}
        inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in full.items())
        return f"<xml>{inside}</xml>".encode()


def read(raw: bytes) -> dict[str, str]:
    """The flat fields of a document; the last of two alike wins, as it does there."""
    return {
        name: sealed or unescape(plain)
        for name, sealed, plain in _FIELD.findall(raw.decode(errors="replace").partition("<xml>")[2])
    }


def failed(message: str) -> bytes:
    """What is answered to a request that could not be read: unsigned."""
    return f"<xml><return_code>FAIL</return_code><return_msg>{escape(message)}</return_msg></xml>".encode()
