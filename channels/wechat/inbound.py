"""A decrypted push becomes one Inbound: what happened, who, and the key that dedupes it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime

from channels.port import Inbound, InboundKind, Refused

_MEDIA = frozenset({"image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"})
_SCENE = "qrscene_"
_FAILURES = {"failed:user block": "opted_out"}
"""``TEMPLATESENDJOBFINISH`` statuses that mean the tenant refuses us; other failures are the platform's own."""
TEXT_MAX = 10_000


def inbound(fields: Mapping[str, str], appid: str) -> Inbound:
    """Raises Refused for a push without sender or time."""
    openid, stamp = fields.get("FromUserName", ""), fields.get("CreateTime", "")
    if not openid or not stamp.isdigit() or len(stamp) > 12:
        raise Refused(400, "no sender or time")
    at = datetime.fromtimestamp(int(stamp), UTC)
    if fields.get("MsgType") == "event":
        return _event(fields, _event_key(fields, appid), openid, at)
    number = fields.get("MsgId", "")
    if not number.isdigit():
        raise Refused(400, "a message without a number")
    return _message(fields, f"wx:{appid}:m:{number}", openid, at)


def _message(fields: Mapping[str, str], key: str, openid: str, at: datetime) -> Inbound:
    kind = fields.get("MsgType", "")
    text = fields.get("Content", "")[:TEXT_MAX]
    if kind == "text" and fields.get("bizmsgmenuid"):
        return Inbound(InboundKind.CHOICE, key, openid, at, text, choice=fields["bizmsgmenuid"][:64])
    if kind == "text":
        return Inbound(InboundKind.TEXT, key, openid, at, text)
    return Inbound(InboundKind.MEDIA if kind in _MEDIA else InboundKind.OTHER, key, openid, at)


def _event(fields: Mapping[str, str], key: str, openid: str, at: datetime) -> Inbound:
    name, scene = fields.get("Event", "").lower(), fields.get("EventKey", "")
    if name == "templatesendjobfinish":
        return _receipt(fields, key, openid, at)
    if name == "unsubscribe":
        return Inbound(InboundKind.UNFOLLOW, key, openid, at)
    if name == "subscribe" and not scene.startswith(_SCENE):
        return Inbound(InboundKind.FOLLOW, key, openid, at)
    if name in ("subscribe", "scan"):
        return Inbound(InboundKind.BIND, key, openid, at, scene=scene.removeprefix(_SCENE)[:64])
    return Inbound(InboundKind.OTHER, key, openid, at)


def _receipt(fields: Mapping[str, str], key: str, openid: str, at: datetime) -> Inbound:
    """The field is ``MsgID`` here, not ``MsgId`` (channels sheet 1.2)."""
    status = fields.get("Status", "")
    failure = "" if status == "success" else _FAILURES.get(status, "system")
    return Inbound(
        InboundKind.RECEIPT, key, openid, at, ref=fields.get("MsgID", ""), delivered=not failure, failure=failure
    )


def _event_key(fields: Mapping[str, str], appid: str) -> str:
    """Events carry no number: sender, second and name, and what tells two of one second apart (channels sheet 1.4)."""
    apart = fields.get("EventKey") or fields.get("MsgID") or f"{zlib.crc32(repr(sorted(fields.items())).encode()):08x}"
    return f"wx:{appid}:e:{fields['FromUserName']}:{fields['CreateTime']}:{fields.get('Event', '')}:{apart[:64]}"
