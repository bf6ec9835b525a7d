"""Proof that the tenant's page is in the tenant's hands: the store's word on WeChat, phone and passcode."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import msgspec

from backend.db.port import Store, Stored
from backend.db.reach_port import Passcode
from bot.clock import Clock
from bot.pagedoor import answering
from channels.page.door import PageBusy
from channels.page.links import Link
from channels.page.proof import PASSCODE_MINUTES, PageSignature, Sending, Typed, Whose
from channels.port import ChannelError
from channels.wechat.pages import Signature

log = logging.getLogger("xuzu.page")

SCENE_LIFE = timedelta(minutes=30)

SendCode = Callable[[str, str], Awaitable[None]]
"""(phone, code): a passcode by SMS. Raises ChannelError."""

_TYPED = {Passcode.RIGHT: Typed.RIGHT, Passcode.WRONG: Typed.WRONG, Passcode.WORN_OUT: Typed.WORN_OUT}


class OwnWeChat(Protocol):
    """What our own 服务号 can do for a page (``channels.wechat.pages``). All but the address raise ChannelError."""

    def authorize_url(self, redirect: str, state: str) -> str:
        """``redirect`` is absolute."""
        ...

    async def openid_of(self, code: str) -> str | None:
        """None: the code is used, too old or forged, or the openid is a snapshot's."""
        ...

    async def sign(self, url: str) -> Signature: ...
    async def qr_picture(self, scene: str, seconds: int) -> str:
        """Address of the picture for a one-time scene."""
        ...


class Means(msgspec.Struct, frozen=True):
    """By what a proof can be asked for; with neither WeChat nor SMS a tenant is sent to the housekeeper.

    ``template``: the subscription notice for which a page inside WeChat asks consent; empty: it does not ask.
    """

    wechat: OwnWeChat | None = None
    send_code: SendCode | None = None
    template: str = ""


class TenantProofs:
    """``public_url``: our own origin, to which WeChat sends visitors back."""

    def __init__(self, store: Store, clock: Clock, public_url: str, means: Means) -> None:
        self._store = store
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._wechat = means.wechat
        self._send_code = means.send_code
        self._template = means.template

    @property
    def wechat(self) -> bool:
        return self._wechat is not None

    @property
    def phone(self) -> bool:
        return self._send_code is not None

    def authorize_url(self, path: str, state: str) -> str:
        assert self._wechat is not None
        return self._wechat.authorize_url(self._public_url + path, state)

    async def wechat_openid(self, code: str) -> str | None:
        """Raises PageBusy."""
        assert self._wechat is not None
        try:
            return await self._wechat.openid_of(code)
        except ChannelError as fault:
            raise PageBusy(str(fault)) from None

    async def whose(self, link: Link, openid: str) -> Whose:
        """By all openids ever bound to the tenant and not taken back. Raises PageBusy."""
        async with answering():
            tenant = await self._tenant_of(openid)
            stored = await self._stored(link)
            if stored is None:
                return Whose.NEW
            if tenant == stored.tenant:
                return Whose.OWNER
            bound = "wechat" in await self._store.addresses(stored.tenant)
        return Whose.OTHER if bound else Whose.NEW

    async def bind(self, link: Link, openid: str) -> None:
        """Whoever opened the page need not follow us: only the follow event says so. Raises PageBusy."""
        async with answering():
            stored = await self._stored(link)
            if stored is None or await self._tenant_of(openid) is not None:
                return
            await self._store.bind("wechat", openid, stored.tenant, self._clock.now(), follows=False)
        log.info("renewal %s: a WeChat was bound after the phone was proven", link.renewal_id)

    async def last_digits_match(self, link: Link, digits: str) -> bool:
        """Constant time. Raises PageBusy."""
        async with answering():
            phone = await self._phone(link)
        same = hmac.compare_digest((phone or "")[-4:].encode(), digits.encode())
        return same and len(digits) == 4

    async def send_passcode(self, link: Link) -> Sending:
        """The code is kept before it is sent: who asks too often costs no SMS. Raises PageBusy."""
        assert self._send_code is not None
        now = self._clock.now()
        code, until = f"{secrets.randbelow(1_000_000):06d}", now + timedelta(minutes=PASSCODE_MINUTES)
        async with answering():
            phone = await self._phone(link)
            if not phone:
                return Sending.NO_PHONE
            if not await self._store.put_passcode(link.renewal_id, code, until, now):
                return Sending.TOO_MANY
        try:
            await self._send_code(phone, code)
        except ChannelError as fault:
            log.warning("renewal %s: no passcode left: %s", link.renewal_id, fault)
            return Sending.NOT_SENT
        return Sending.SENT

    async def try_passcode(self, link: Link, code: str) -> Typed:
        """Raises PageBusy."""
        async with answering():
            return _TYPED[await self._store.try_passcode(link.renewal_id, code, self._clock.now())]

    async def page_signature(self, url: str) -> PageSignature | None:
        """None, too, while WeChat does not answer: the page goes on without asking for consent."""
        if self._wechat is None or not self._template:
            return None
        try:
            signed = await self._wechat.sign(url)
        except ChannelError as fault:
            log.warning("no signature for the page: %s", fault)
            return None
        return PageSignature(signed.appid, signed.timestamp, signed.nonce, signed.signature, (self._template,))

    async def binding_qr(self, link: Link) -> str | None:
        """Raises PageBusy."""
        async with answering():
            stored = await self._stored(link)
            return await self.picture_to_bind(stored) if stored is not None else None

    async def picture_to_bind(self, stored: Stored) -> str | None:
        """Address of a picture whose scan binds a WeChat to this tenant, good once; None: WeChat gives none now.

        Raises StoreDown.
        """
        if self._wechat is None:
            return None
        scene, now = secrets.token_urlsafe(18), self._clock.now()
        await self._store.make_scene(scene, stored.tenant, now + SCENE_LIFE, now)
        try:
            return await self._wechat.qr_picture(scene, int(SCENE_LIFE.total_seconds()))
        except ChannelError as fault:
            log.warning("renewal %s: no picture to scan: %s", stored.id, fault)
            return None

    async def _stored(self, link: Link) -> Stored | None:
        return await self._store.load(link.renewal_id)

    async def _tenant_of(self, openid: str) -> str | None:
        """Whose openid this is, whatever the operator."""
        return (await self._store.find("wechat", openid, "", self._clock.now())).tenant

    async def _phone(self, link: Link) -> str | None:
        stored = await self._stored(link)
        person = await self._store.person(stored.tenant) if stored is not None else None
        return person.phone if person is not None and person.phone.isascii() and person.phone.isdigit() else None
