"""One wrapper around wechatpy's envelope: authenticate first, then open; everything bad is one kind of refusal."""

from __future__ import annotations

import hmac
import secrets
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

import msgspec
import xmltodict
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

from channels.port import Refused

from .config import WeChatConfig

AGE_MAX = 600
"""Seconds between the stamp of a push and now; retries of one push come within seconds (channels sheet 1.5)."""
BODY_MAX = 64 * 1024
ENTRIES_MAX = 20
"""More than a page of ours asks for at once."""


class Opened(msgspec.Struct, frozen=True):
    """A decrypted push: its flat fields (empty tags are empty text), and whether the previous key opened it."""

    fields: dict[str, str]
    previous: bool
    entries: tuple[dict[str, str], ...] = ()
    """What a ``Subscribe…Event`` lists, in its order (channels sheet 1.2)."""


class Envelope:
    """安全模式 with the current and the previous EncodingAESKey (channels sheet 1.5)."""

    def __init__(self, config: WeChatConfig) -> None:
        """Raises ValueError for a key that is not 43 characters."""
        keys = [config.aes_key, *([config.previous_aes_key] if config.previous_aes_key else [])]
        if any(len(key) != 43 for key in keys):
            raise ValueError("an EncodingAESKey has 43 characters")
        self._config = config
        self._boxes = [WeChatCrypto(config.token, key, config.appid) for key in keys]

    def check_address(self, query: Mapping[str, str], now: datetime) -> str:
        """The echo of the console's address check. Raises Refused."""
        self._check_age(query, now)
        _compare(self._sign(query, ""), query.get("signature", ""))
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], raw: bytes, now: datetime) -> Opened:
        """Signature, age, size and appid are checked before anything inside is looked at. Raises Refused."""
        if len(raw) > BODY_MAX:
            raise Refused(413, "body too large")
        self._check_age(query, now)
        sealed = _texts(_inside(raw, 403), 403).get("Encrypt", "")
        if not sealed or query.get("encrypt_type") != "aes":
            raise Refused(403, "not encrypted")
        _compare(self._sign(query, sealed), query.get("msg_signature", ""))
        for number, box in enumerate(self._boxes):
            text = _decrypted(box, sealed, self._config.appid)
            if text is not None:
                inside = _inside(text, 400)
                return Opened(_texts(inside, 400), number > 0, _entries(inside))
        raise Refused(403, "opens with none of our keys, or is for another account")

    def seal(self, opened: Opened, xml: str, now: datetime) -> str:
        """A reply, encrypted with the key that opened the question."""
        box = self._boxes[1 if opened.previous else 0]
        answer: str = box.encrypt_message(xml, secrets.token_hex(8), str(int(now.timestamp())))
        return answer

    def _sign(self, query: Mapping[str, str], sealed: str) -> str:
        signer = WeChatSigner()
        parts = (self._config.token, query.get("timestamp", ""), query.get("nonce", ""))
        signer.add_data(*parts, *([sealed] if sealed else []))
        signature: str = signer.signature
        return signature

    def _check_age(self, query: Mapping[str, str], now: datetime) -> None:
        stamp = query.get("timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise Refused(403, "no timestamp")
        if abs(int(stamp) - now.timestamp()) > AGE_MAX:
            raise Refused(403, "too old, or from the future")


def _compare(true: str, said: str) -> None:
    if not hmac.compare_digest(true.encode(), said.encode()):
        raise Refused(403, "wrong signature")


def _decrypted(box: WeChatCrypto, sealed: str, appid: str) -> str | None:
    """None: not with this key. wechatpy raises whatever its parts raise (channels sheet 2, defect 8)."""
    try:
        text: str = PrpCrypto(box.key).decrypt(sealed, appid)
    except (InvalidAppIdException, ValueError, TypeError, IndexError, struct.error):
        return None
    return text


def _inside(raw: bytes | str, status: int) -> dict[str, Any]:
    """What stands in ``<xml>``; entities are refused by the parser. Raises Refused."""
    try:
        root = xmltodict.parse(raw, disable_entities=True)
    except (ExpatError, ValueError, TypeError, LookupError) as fault:
        raise Refused(status, f"not the XML it should be ({type(fault).__name__})") from None
    inside = root.get("xml") if isinstance(root, dict) else None
    if not isinstance(inside, dict):
        raise Refused(status, "no <xml> at the root")
    return inside


def _texts(inside: Mapping[str, Any], status: int) -> dict[str, str]:
    """The flat fields, None as empty text; a doubled tag is refused. Raises Refused."""
    doubled = [name for name, value in inside.items() if isinstance(value, list)]
    if doubled:
        raise Refused(status, f"doubled tag {doubled[0][:40]}")
    return {name: value or "" for name, value in inside.items() if value is None or isinstance(value, str)}


def _entries(inside: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """``Subscribe…Event.List`` is a dict when there is one, a list when there are many. Raises Refused."""
    found: list[dict[str, str]] = []
    for name, event in inside.items():
        if not (name.startswith("Subscribe") and name.endswith("Event") and isinstance(event, dict)):
            continue
        listed = event.get("List")
        entries = listed if isinstance(listed, list) else [listed]
        if len(entries) > ENTRIES_MAX:
            raise Refused(400, "a list too long")
        found += [_texts(entry, 400) for entry in entries if isinstance(entry, dict)]
    return tuple(found)
