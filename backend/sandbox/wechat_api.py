"""WeChat's messages as seen from the wire: templates, subscription notices, custom messages, each with its refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from .wechat_book import ONCE_WITHIN, Book, Follower, Letter, Shown
from .wechat_faults import Fault, Receipt
from .wechat_gate import Gate, Refused
from .wechat_pages import Pages
from .wechatpay_faults import Troubles

TEXT_BYTES = 2048
MENU_MAX = 10
LIMITS = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "amount": 12, "const": 20}
LATE_BY, AGAIN_AFTER = timedelta(hours=2), timedelta(minutes=3)
MARKETING = re.compile("优惠|折扣|促销|特价|降价|免费|抽奖|红包|立减|元/月")
"""What the platform's content check takes for advertising in a notice: the template is blocked."""


class Api:
    """``receipts``: what may befall the report of a notice on its way."""

    def __init__(
        self,
        keys: tuple[str, str],
        book: Book,
        faults: Troubles[Fault],
        receipts: Troubles[Receipt],
        clock: Callable[[], datetime],
    ) -> None:
        """``keys``: (appid, secret)."""
        self._book = book
        self._clock = clock
        self.receipts = receipts
        self._blocked: set[str] = set()
        self.gate = Gate(keys, book, faults, clock)
        self.pages = Pages(self.gate, book, clock, seed=0)
        self.menus_allowed = True
        """Some accounts are refused menus at run time."""

    @property
    def forget_token(self) -> Callable[[], None]:
        return self.gate.forget_token

    def routes(self) -> list[web.RouteDef]:
        answering = self.gate.answering
        return [
            web.post("/cgi-bin/stable_token", answering(self.gate.stable_token)),
            web.post("/cgi-bin/message/template/send", answering(self._template)),
            web.post("/cgi-bin/message/subscribe/bizsend", answering(self._subscribed)),
            web.post("/cgi-bin/message/custom/send", answering(self._custom)),
            *self.pages.routes(),
        ]

    # --- notices
    def _template(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.gate.check_token(request)
        follower = self._follower(body)
        template, values = self._values(body)
        now, key = self._clock(), str(body.get("client_msg_id") or "")
        earlier = follower.sent.get(key) if key else None
        if earlier is not None and now - earlier[0] <= ONCE_WITHIN:
            self._book.counts["repeats_withheld"] += 1
            return {"msgid": earlier[1]}
        number = self._notify(follower, "template", values, str(body.get("url", "")))
        if key:
            follower.sent[key] = (now, number)
        status = "failed:user block" if follower.blocks else "success"
        fields = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": str(number), "Status": status}
        self._report(follower, template, fields)
        return {"msgid": number}

    def _subscribed(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """One consent is one send, follower or not."""
        self.gate.check_token(request)
        follower = self._person(body)
        template, values = self._values(body)
        if follower.consents[template] <= 0:
            raise Refused(43101, "user refuse to accept the msg")
        follower.consents[template] -= 1
        number = self._notify(follower, "subscribe", values, str(body.get("page", "")))
        error = ("1", "user block") if follower.blocks else ("0", "success")
        entry = {"TemplateId": template, "MsgID": str(number), "ErrorCode": error[0], "ErrorStatus": error[1]}
        self._report(follower, template, {"Event": "subscribe_msg_sent_event"}, entry)
        return {"msgid": number}

    def _values(self, body: dict[str, Any]) -> tuple[str, list[str]]:
        template, said = str(body.get("template_id") or ""), body.get("data")
        if not template or not isinstance(said, dict):
            raise Refused(40037, "invalid template_id")
        values = {name: str(one.get("value", "")) if isinstance(one, dict) else "" for name, one in said.items()}
        for name, value in values.items():
            if not _fits(name.rstrip("0123456789"), value):
                raise Refused(47003, f"argument invalid! data.{name}.value invalid")
        if template in self._blocked or any(MARKETING.search(value) for value in values.values()):
            self._blocked.add(template)
            raise Refused(40249, "template blocked for its content")
        return template, list(values.values())

    def _notify(self, follower: Follower, kind: str, values: list[str], url: str) -> int:
        number = self._book.number()
        self._book.took(follower, kind, self._clock())
        if not follower.blocks:
            title, *_ = [*values, ""]
            follower.shown.append(Shown(self._clock(), kind, " · ".join(values), url, title))
        return number

    def _report(
        self, follower: Follower, template: str, fields: dict[str, str], entry: dict[str, str] | None = None
    ) -> None:
        trouble = self.receipts.draw(f"{follower.openid} {template}")
        if trouble is Receipt.LOST:
            return
        due = self._clock() + (LATE_BY if trouble is Receipt.LATE else timedelta())
        self._book.letters.append(Letter(due, follower, fields, entry))
        if trouble is Receipt.TWICE:
            self._book.letters.append(Letter(due + AGAIN_AFTER, follower, fields, entry))

    # --- custom messages
    def _custom(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self.gate.check_token(request)
        follower, now = self._follower(body), self._clock()
        shown = self._words(body)
        if len(shown.text.encode()) > TEXT_BYTES:
            raise Refused(45002, "content size out of limit")
        if follower.until is None or now > follower.until:
            raise Refused(45015, "response out of time limit or subscription is canceled")
        if follower.left <= 0:
            raise Refused(45047, "out of response count limit")
        follower.left -= 1
        follower.shown.append(shown)
        self._book.took(follower, "custom", now)
        return {}

    def _words(self, body: dict[str, Any]) -> Shown:
        """Text, one article, or a menu: 40200 where this account may send none, 45098 for a list too long."""
        kind, now = str(body.get("msgtype")), self._clock()
        inside = body.get(kind)
        if kind not in ("text", "news", "msgmenu") or not isinstance(inside, dict):
            raise Refused(40008, "invalid message type")
        if kind == "news":
            return _article(inside, now)
        if kind == "text":
            if not inside.get("content"):
                raise Refused(40008, "invalid message type")
            text = str(inside["content"])
            return Shown(now, "custom", text, link_in(text))
        if not self.menus_allowed:
            raise Refused(40200, "invalid account type")
        listed = inside.get("list")
        if not isinstance(listed, list) or not 0 < len(listed) <= MENU_MAX:
            raise Refused(45098, "menu list size out of limit")
        items = tuple(_item(one) for one in listed)
        text = f"{inside.get('head_content', '')}\n{inside.get('tail_content', '')}".strip()
        return Shown(now, "custom", text, link_in(text), items=items, tail=str(inside.get("tail_content", "")))

    def _follower(self, body: dict[str, Any]) -> Follower:
        follower = self._person(body)
        if not follower.follows:
            raise Refused(43004, "require subscribe")
        if follower.refuses:
            raise Refused(48002, "user refuse to accept the msg")
        return follower

    def _person(self, body: dict[str, Any]) -> Follower:
        """Follower or not."""
        follower = self._book.followers.get(str(body.get("touser", "")))
        if follower is None:
            raise Refused(40003, "invalid openid")
        if follower.barred:
            raise Refused(43019, "user in blacklist")
        return follower


def _article(inside: dict[str, Any], now: datetime) -> Shown:
    articles = inside.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise Refused(40008, "invalid message type")
    if len(articles) > 1:
        raise Refused(45008, "article size out of limit")
    [one] = articles
    return Shown(now, "custom", str(one.get("description", "")), str(one.get("url", "")), str(one.get("title", "")))


def _item(one: object) -> tuple[str, str]:
    """(id, label)."""
    told = (str(one.get("id") or ""), str(one.get("content") or "")) if isinstance(one, dict) else ("", "")
    if not all(told):
        raise Refused(40008, "invalid message type")
    return told


def _fits(kind: str, value: str) -> bool:
    """Not empty, not too long, and no Chinese where the kind takes none."""
    return 0 < len(value) <= LIMITS.get(kind, 32) and (kind != "character_string" or value.isascii())


def link_in(text: str) -> str:
    found = re.search(r"https?://[^\s\u3000-\u9fff，。）)]+", text)
    return found.group(0) if found else ""
