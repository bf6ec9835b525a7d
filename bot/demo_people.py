"""The demo's people as players of the clock: tenants with their phones, co-signers, the partners' own post."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.sandbox.handsets import Sms
from backend.sandbox.wechat import TenantSawError, WeChatSandbox
from backend.sandbox.wechat_pages import COOKIE
from bot.browsing import WECHAT, Browser, Person, Unanswered
from bot.demo_sms import SmsVendors
from bot.demo_world import World
from bot.tenants import Tenant, waking


class Follower:
    """A tenant's phone with WeChat on it, bound to the operator's account."""

    def __init__(self, wechat: WeChatSandbox, openid: str) -> None:
        self._wechat = wechat
        self._openid = openid
        wechat.add_follower(openid)

    async def say(self, text: str) -> str | None:
        try:
            return await self._wechat.tenant_says(self._openid, text)
        except TenantSawError:
            raise Unanswered("the account was not available") from None

    def link(self) -> str | None:
        links = [one.url for one in self._wechat.inbox(self._openid) if one.url]
        return links[-1] if links else None

    def count(self) -> int:
        return len(self._wechat.inbox(self._openid))

    def notices(self) -> int:
        return sum(one.kind == "template" for one in self._wechat.inbox(self._openid))

    def answers(self) -> bool:
        return True


class Texter:
    """A tenant who never followed the account: SMS come, and WeChat only opens their links."""

    def __init__(self, sms: SmsVendors, phone: str) -> None:
        self._sms = sms
        self._phone = phone

    async def say(self, text: str) -> str | None:
        if not await self._sms.aliyun.tenant_texts(self._phone, text):
            raise Unanswered("the text did not arrive")
        return None

    def link(self) -> str | None:
        links = [found for one in self._inbox() if (found := _LINK.search(one.text))]
        return links[-1].group() if links else None

    def count(self) -> int:
        return len(self._inbox())

    def notices(self) -> int:
        return sum(one.template == "SMS_reminder" for one in self._inbox())

    def answers(self) -> bool:
        return True

    def _inbox(self) -> list[Sms]:
        return self._sms.handsets.inbox(self._phone)


_LINK = re.compile(r"https?://[!-~]+")
_CODE = re.compile(r"\d{6}")


def browser_of(world: World, openid: str, phone: str, *, scripts: bool) -> Browser:
    """WeChat's own browser on this person's phone: it knows whose it is, and its owner can read their SMS."""
    world.wechat.add_person(openid)

    def read_code() -> str | None:
        codes = [one.text for one in world.sms.handsets.inbox(phone) if one.template == "SMS_code"]
        found = _CODE.search(codes[-1]) if codes else None
        return found.group() if found else None

    made = Browser(scripts=scripts, agent=WECHAT, person=Person(phone[-4:], read_code))
    made.carry(world.wechat_url, {COOKIE: openid})
    return made


class NoPhone:
    """A tenant nobody reaches: never followed the account, and the number is dead."""

    async def say(self, text: str) -> str | None:
        raise Unanswered("no way to write")

    def link(self) -> str | None:
        return None

    def count(self) -> int:
        return 0

    def notices(self) -> int:
        return 0

    def answers(self) -> bool:
        return False


class Tenants:
    """All tenants of the season, one after the other in a fixed order: the same seed plays the same."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = tenants

    async def pump(self, now: datetime) -> int:
        ready = [one for one in self._tenants if one.wake_at is not None and one.wake_at <= now]
        for tenant in ready:
            await tenant.wake(now)
        return len(ready)

    async def look(self, now: datetime) -> None:
        for tenant in self._tenants:
            tenant.notice(now)

    def next_at(self) -> datetime | None:
        return min((one.wake_at for one in self._tenants if one.wake_at is not None), default=None)


class CoSigners:
    """Flatmates and guarantors: each signs on the provider's page some hours after the paper is out."""

    def __init__(self, world: World, tenant_ids: frozenset[str], seed: int) -> None:
        self._world = world
        self._tenants = tenant_ids
        self._seed = seed
        self._planned: dict[str, datetime] = {}
        self._browser = Browser()

    async def pump(self, now: datetime) -> int:
        ready = [page for page, at in self._planned.items() if at <= now]
        for page in ready:
            there = await self._browser.open(page)
            if there.forms:
                await self._browser.press(there, there.forms[0], outcome="sign")
            del self._planned[page]
        return len(ready)

    async def look(self, now: datetime) -> None:
        for actor, page in self._world.sign_pages():
            if actor not in self._tenants and page not in self._planned:
                luck = random.Random(f"{self._seed}:{actor}")
                self._planned[page] = waking(now + timedelta(hours=luck.uniform(1, 30)))

    def next_at(self) -> datetime | None:
        return min(self._planned.values(), default=None)

    async def close(self) -> None:
        await self._browser.close()


class Post:
    """What the partners deliver on their own: receipts and callbacks, with their retries."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def pump(self, now: datetime) -> int:
        return await self._world.pump()

    async def look(self, now: datetime) -> None:
        return None

    def next_at(self) -> datetime | None:
        return self._world.next_due()
