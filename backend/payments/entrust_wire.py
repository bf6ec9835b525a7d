"""WeChat Pay's v2 wire: flat XML, signed with the APIv2 key over its sorted fields (providers sheet 2.5)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Literal
from xml.parsers.expat import ExpatError

import msgspec
import xmltodict

from .answers import Untrusted

LIMIT = 64 * 1024
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)


class Plan(msgspec.Struct, frozen=True):
    """The deduction plan a merchant was approved for; its mode is fixed on the plan, not in the call.

    Confirm with the provider: ``signs_with`` (the plan's signature kind), what an ``err_code`` beyond the sheet's list
    means, and whether a contract number may be signed again after it ended.
    """

    mchid: str
    appid: str
    apiv2_key: str
    plan_id: str
    mode: Literal["notice", "day"] = "notice"
    """``notice``: announced, charged from the day after next on. ``day``: charged 24 h after it was asked."""
    window_days: int = 7
    signs_with: Literal["HMAC-SHA256", "MD5"] = "HMAC-SHA256"
    client_ip: str = "127.0.0.1"

    def __repr__(self) -> str:
        return f"Plan({self.mchid}, {self.plan_id}, {self.mode})"

    __str__ = __repr__


def signature(fields: Mapping[str, str], plan: Plan) -> str:
    """Upper-case hex over ``k=v&…&key=…``, sorted by name, without ``sign`` and empty values."""
    pairs = [f"{name}={value}" for name, value in sorted(fields.items()) if value and name != "sign"]
    text = "&".join([*pairs, f"key={plan.apiv2_key}"]).encode()
    if plan.signs_with == "MD5":
        return hashlib.md5(text).hexdigest().upper()  # noqa: S324 the provider's older kind
    return hmac.new(plan.apiv2_key.encode(), text, hashlib.sha256).hexdigest().upper()


def signed(fields: Mapping[str, str], plan: Plan) -> dict[str, str]:
    return {**fields, "sign": signature(fields, plan)}


def to_xml(fields: Mapping[str, str]) -> bytes:
    return str(xmltodict.unparse({"xml": dict(fields)}, full_document=False)).encode()


def from_xml(raw: bytes) -> dict[str, str]:
    """The flat fields. Raises Untrusted: a document type, entities, nesting, a doubled tag, or no ``<xml>``."""
    if len(raw) > LIMIT or b"<!" in _CDATA.sub(b"", raw):
        raise Untrusted("too long, or a document type where none belongs")
    try:
        root = xmltodict.parse(raw, disable_entities=True)
    except (ExpatError, ValueError, TypeError, LookupError):
        raise Untrusted("not the XML it should be") from None
    inside = root.get("xml") if isinstance(root, dict) else None
    if not isinstance(inside, dict) or not all(value is None or isinstance(value, str) for value in inside.values()):
        raise Untrusted("not one flat <xml>")
    return {name: value or "" for name, value in inside.items()}


def trusted(raw: bytes, plan: Plan) -> dict[str, str]:
    """The fields of an answer or a notice that carries our merchant's signature. Raises Untrusted."""
    fields = from_xml(raw)
    if not hmac.compare_digest(signature(fields, plan).encode(), fields.get("sign", "").encode()):
        raise Untrusted("signature does not match")
    if fields.get("mch_id") not in (None, plan.mchid) or fields.get("appid") not in (None, plan.appid):
        raise Untrusted("another merchant's")
    return fields
