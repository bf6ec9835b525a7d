"""A decrypted push becomes Inbounds: what happened, who, and the key that dedupes it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from channels.port import Inbound, InboundKind, Refused

_MEDIA = frozenset({"image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"})
_SCENE = "qrscene_"
_FAILURES = {"failed:userblock": "opted_out"}
"""``TEMPLATESENDJOBFINISH`` statuses, blanks taken out (the platform writes some with, some without), that mean the
tenant refuses us; other failures are the platform's own."""
_CONSENTS = frozenset({"subscribe_msg_popup_event", "subscribe_msg_change_event"})
_SENT = "subscribe_msg_sent_event"
TEXT_MAX = 10_000
OPENID_MAX, STAMP_MAX, NUMBER_MAX, PART_MAX = 64, 10, 20, 64
"""Longer than the platform writes them; they end in keys and calendars."""


Entries = Sequence[Mapping[str, str]]
"""What a subscription event lists: one thing said of one template each."""


def inbound(fields: Mapping[str, str], appid: str, entries: Entries = ()) -> list[Inbound]:
    """What a push says, in its order; never nothing. Raises Refused for one without sender or time."""
    openid, stamp = fields.get("FromUserName", ""), fields.get("CreateTime", "")
    if not 0 < len(openid) <= OPENID_MAX or not _is_number(stamp, STAMP_MAX):
        raise Refused(400, "no sender or time")
    at = datetime.fromtimestamp(int(stamp), UTC)
    if fields.get("MsgType") == "event":
        heard = _event(fields, _event_key(fields, appid, entries), openid, at)
        return _subscription(fields, heard, entries) or [heard]
    number = fields.get("MsgId", "")
    if not _is_number(number, NUMBER_MAX):
        raise Refused(400, "a message without a number")
    return [_message(fields, f"wx:{appid}:m:{number}", openid, at)]


def _message(fields: Mapping[str, str], key: str, openid: str, at: datetime) -> Inbound:
    kind = fields.get("MsgType", "")
    text = fields.get("Content", "")[:TEXT_MAX]
    if kind == "text" and fields.get("bizmsgmenuid"):
        return Inbound(InboundKind.CHOICE, key, openid, at, text, choice=fields["bizmsgmenuid"][:PART_MAX])
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
        return Inbound(InboundKind.BIND, key, openid, at, scene=scene.removeprefix(_SCENE)[:PART_MAX])
    return Inbound(InboundKind.OTHER, key, openid, at)


def _receipt(fields: Mapping[str, str], key: str, openid: str, at: datetime) -> Inbound:
    """The field is ``MsgID`` here, not ``MsgId`` (channels sheet 1.2)."""
    status = fields.get("Status", "")
    ref = fields.get("MsgID", "")[:PART_MAX]
    failure = "" if status == "success" else _FAILURES.get(status.replace(" ", ""), "system")
    code = status[:PART_MAX]
    return Inbound(InboundKind.RECEIPT, key, openid, at, ref=ref, delivered=not failure, failure=failure, code=code)


def _subscription(fields: Mapping[str, str], event: Inbound, entries: Entries) -> list[Inbound]:
    """Consents given and refused, or what became of notices sent; empty for any other event."""
    name = fields.get("Event", "").lower()
    if name != _SENT and name not in _CONSENTS:
        return []
    read = _sent if name == _SENT else _consent
    about = [(entry, f"{event.key}:{number}") for number, entry in enumerate(entries) if entry.get("TemplateId")]
    return [read(entry, msgspec.structs.replace(event, key=key)) for entry, key in about]


def _consent(entry: Mapping[str, str], event: Inbound) -> Inbound:
    accepted = entry.get("SubscribeStatusString") == "accept"
    template = entry["TemplateId"][:PART_MAX]
    return msgspec.structs.replace(event, kind=InboundKind.CONSENT, ref=template, delivered=accepted)


def _sent(entry: Mapping[str, str], event: Inbound) -> Inbound:
    """No word of ``ErrorStatus`` is known to mean that the tenant refuses us: all failures are the platform's own."""
    delivered = entry.get("ErrorCode") == "0"
    return msgspec.structs.replace(
        event,
        kind=InboundKind.RECEIPT,
        ref=entry.get("MsgID", "")[:PART_MAX],
        delivered=delivered,
        failure="" if delivered else "system",
        code=f"{entry.get('ErrorCode', '')} {entry.get('ErrorStatus', '')}".strip()[:PART_MAX],
    )


def _event_key(fields: Mapping[str, str], appid: str, entries: Entries) -> str:
    """Events carry no number: sender, second and name, and what tells two of one second apart (channels sheet 1.4)."""
    name = fields.get("Event", "")[:PART_MAX]
    apart = fields.get("EventKey") or fields.get("MsgID") or _crc(fields, *entries)
    return f"wx:{appid}:e:{fields['FromUserName']}:{fields['CreateTime']}:{name}:{apart[:PART_MAX]}"


def _crc(*said: Mapping[str, str]) -> str:
    return f"{zlib.crc32(repr([sorted(one.items()) for one in said]).encode()):08x}"


def _is_number(text: str, longest: int) -> bool:
    """``isdigit`` alone lets superscripts through, which are no numbers."""
    return text.isascii() and text.isdigit() and len(text) <= longest
