"""WeChat seen from the wire, with one service account: its API, its followers' phones, and the pushes it sends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape

import aiohttp
from aiohttp import web

from .wechat_api import Api, link_in
from .wechat_book import CLICKED, SAID, Book, Follower, Shown
from .wechat_faults import Fault, Push, Receipt
from .wechat_seal import Box, Broken, field_of, signature
from .wechat_truth import refuses, truth
from .wechatpay_faults import Troubles

BODY_LIMIT = 64 * 1024
TRIES = 4
"""The first push and three retries, each cut after five seconds."""
CUT_AFTER = 5.0
"""Real seconds until a push without an answer is given up."""
AWAY = 2.5
"""Real seconds until a refused connection is tried again: it bridges a server that is starting."""


class TenantSawError(Exception):
    """该公众号暂时无法提供服务: what the tenant sees when no try was answered."""


class WeChatSandbox:
    """``clock`` gives aware instants: tokens, windows and receipts go by it. Set ``callback_url`` first.

    ``faults`` are the troubles of calls, ``pushes`` those of pushes; by default there are none.
    """

    def __init__(
        self,
        appid: str,
        secret: str,
        token: str,
        aes_key: str,
        clock: Callable[[], datetime],
        seed: int = 0,
        *,
        faults: Troubles[Fault] | None = None,
        pushes: Troubles[Push] | None = None,
        receipts: Troubles[Receipt] | None = None,
    ) -> None:
        self.callback_url = ""
        self.cut_after, self.away = CUT_AFTER, AWAY
        self.faults = faults or Troubles(seed=seed)
        self.pushes = pushes or Troubles(seed=seed)
        self.book = Book()
        self._appid = appid
        self._callback_token = token
        self._clock = clock
        self._luck = random.Random(f"{seed}:wechat")
        self._box = Box(aes_key, appid, self._luck)
        self.api = Api((appid, secret), self.book, self.faults, receipts or Troubles(seed=seed), clock)
        self._session: aiohttp.ClientSession | None = None

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)
        app.add_routes(self.api.routes())

        async def shut(_: web.Application) -> None:
            self.api.gate.closing.set()
            await self.close()

        app.on_shutdown.append(shut)
        return app

    def add_follower(self, openid: str) -> None:
        """Somebody who followed long ago: no push tells of it."""
        self.book.followers[openid] = Follower(openid)

    def add_known(self, openid: str) -> None:
        """A follower of long ago, unless they are known already."""
        self.book.followers.setdefault(openid, Follower(openid))

    def add_person(self, openid: str) -> None:
        """Somebody who uses WeChat and never followed: pages know them, and they may allow single notices."""
        self.book.followers.setdefault(openid, Follower(openid, follows=False))

    def refuse(self, openid: str) -> None:
        """The tenant switches this account's messages off. Raises KeyError."""
        self.book.followers[openid].refuses = True

    def block(self, openid: str) -> None:
        """Templates are accepted and never shown; their receipts tell. Raises KeyError."""
        self.book.followers[openid].blocks = True

    async def follow(self, openid: str, scene: str = "") -> str | None:
        """Follows, or scans a QR code with a scene. Raises TenantSawError."""
        follower = self.book.followers.setdefault(openid, Follower(openid, follows=False))
        event, key = (
            ("SCAN", scene) if follower.follows and scene else ("subscribe", f"qrscene_{scene}" if scene else "")
        )
        follower.follows = True
        follower.refill(self._clock(), CLICKED)
        return await self._push(follower, {"MsgType": "event", "Event": event, "EventKey": key})

    async def scan(self, openid: str, ticket: str) -> str | None:
        """The phone's camera on one of our pictures. Raises TenantSawError, KeyError for a picture that is too old."""
        scene = self.api.pages.scene(ticket)
        if scene is None:
            raise KeyError(ticket)
        return await self.follow(openid, scene)

    async def answers_consent(self, openid: str, answers: dict[str, bool]) -> None:
        """Template → may one notice come? Raises TenantSawError, KeyError."""
        follower = self.book.followers[openid]
        follower.consents.update({template: 1 for template, yes in answers.items() if yes})
        entries = [
            {"TemplateId": template, "SubscribeStatusString": "accept" if yes else "reject", "PopupScene": "1"}
            for template, yes in answers.items()
        ]
        await self._push(follower, {"MsgType": "event", "Event": "subscribe_msg_popup_event"}, entries)

    async def unfollow(self, openid: str) -> None:
        """Raises TenantSawError, KeyError."""
        follower = self.book.followers[openid]
        follower.follows = False
        await self._push(follower, {"MsgType": "event", "Event": "unsubscribe", "EventKey": ""})

    async def tenant_says(self, openid: str, text: str, menu: str = "") -> str | None:
        """Words, or a tap on a menu item with the id ``menu``; the passive reply. Raises TenantSawError, KeyError."""
        follower = self.book.followers[openid]
        follower.refill(self._clock(), CLICKED if menu else SAID)
        fields = {"MsgType": "text", "Content": text, "MsgId": str(self.book.number())}
        self.book.counts["said"] += 1
        heard = await self._push(follower, fields | ({"bizmsgmenuid": menu} if menu else {}))
        if refuses(text) and not menu:
            follower.refused_at = self._clock()
        return heard

    async def tenant_sends(self, openid: str, kind: str) -> str | None:
        """A picture, a voice message …: anything but words. Raises TenantSawError, KeyError."""
        follower = self.book.followers[openid]
        follower.refill(self._clock(), SAID)
        return await self._push(follower, {"MsgType": kind, "MediaId": "media", "MsgId": str(self.book.number())})

    async def deliver_pending(self) -> int:
        """Push every receipt that is due; how many were tried. One nobody answers is lost, as in life."""
        now = self._clock()
        due = sorted((one for one in self.book.letters if one.due <= now), key=lambda one: one.due)
        self.book.letters = [one for one in self.book.letters if one.due > now]
        for one in due:
            entries = [one.entry] if one.entry is not None else []
            try:
                await self._push(one.follower, {"MsgType": "event"} | one.fields, entries)
            except TenantSawError:
                self.book.counts["receipts_lost"] += 1
        return len(due)

    def next_due(self) -> datetime | None:
        """When ``deliver_pending`` next has something to do."""
        return min((one.due for one in self.book.letters), default=None)

    def inbox(self, openid: str) -> list[Shown]:
        """What this phone was shown, oldest first. Raises KeyError."""
        return self.book.followers[openid].shown

    def openids(self) -> list[str]:
        return sorted(self.book.followers)

    def inconsistent_answers(self) -> list[str]:
        return self.book.inconsistent()

    def truth(self) -> dict[str, object]:
        """What was said, shown and refused, counted by this emulator's clock: see ``wechat_truth.truth``."""
        return truth(self.book)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _push(
        self, follower: Follower, fields: dict[str, str], entries: Sequence[Mapping[str, str]] = ()
    ) -> str | None:
        now = self._clock()
        stamped = {"ToUserName": "gh_account", "FromUserName": follower.openid, "CreateTime": str(int(now.timestamp()))}
        xml = _xml(stamped | fields, _LISTS.get(fields.get("Event", ""), ""), entries)
        trouble = self.pushes.draw(f"{follower.openid} {fields.get('Content') or fields.get('Event', '')}")
        for attempt in range(TRIES):
            heard = await self._post(xml)
            if heard is None:
                continue
            key = fields.get("MsgId", "")
            if key:
                self.book.answers.setdefault(key, set()).add(heard or None)
            if trouble is Push.DEAF and attempt == 0:
                continue
            if trouble is Push.TWICE and attempt == 0:
                again = await self._post(xml)
                if key and again is not None:
                    self.book.answers[key].add(again or None)
            if heard:
                follower.shown.append(Shown(now, "passive", heard, link_in(heard)))
            return heard or None
        raise TenantSawError(follower.openid)

    async def _post(self, xml: str) -> str | None:
        """One try: the words of the reply, empty for a plain ``success``, None when nobody answered as they must."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.cut_after))
        sealed = self._box.close(xml)
        stamp, nonce = str(int(self._clock().timestamp())), self._luck.randbytes(8).hex()
        query = {
            "signature": signature(self._callback_token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": signature(self._callback_token, stamp, nonce, sealed),
        }
        body = f"<xml><ToUserName><![CDATA[gh_account]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        try:
            async with self._session.post(self.callback_url, params=query, data=body.encode()) as answer:
                text = await answer.text("utf-8")
                return self._words(text) if answer.status == 200 else None
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(self.away)
            return None
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
            return None

    def _words(self, text: str) -> str | None:
        """Verified and decrypted; anything that is neither a sealed reply nor ``success`` is an error on the phone."""
        if text in ("", "success"):
            return ""
        try:
            sealed = field_of(text, "Encrypt")
            parts = (self._callback_token, field_of(text, "TimeStamp"), field_of(text, "Nonce"), sealed)
            if signature(*parts) != field_of(text, "MsgSignature"):
                return None
            return field_of(self._box.open(sealed), "Content")
        except Broken:
            return None


_LISTS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


def _xml(fields: Mapping[str, str], listed: str = "", entries: Sequence[Mapping[str, str]] = ()) -> str:
    """``entries`` stand as ``List`` elements, one or many, inside ``listed``."""
    lists = "".join(f"<List>{_elements(one)}</List>" for one in entries)
    return f"<xml>{_elements(fields)}{f'<{listed}>{lists}</{listed}>' if entries else ''}</xml>"


def _elements(fields: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: str) -> str:
    if value.isdigit():
        return value
    return escape(value, quote=False) if "]]>" in value else f"<![CDATA[{value}]]>"
