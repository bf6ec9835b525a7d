"""Simulated tenants: they read what reaches their phone, and answer by chat, by page, by signing, by paying."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Protocol

from bot.browsing import Browser, Form, Seen, Unanswered
from bot.clock import SHANGHAI
from bot.cohort import Character, Part

AWAKE_FROM, AWAKE_UNTIL = time(8, 30), time(21, 30)
LOOKS_MAX = 40
"""Bound on how often one tenant acts: a page that never changes does not keep them for ever."""


class Phone(Protocol):
    """A tenant's side of the WeChat emulator."""

    async def say(self, text: str) -> str | None:
        """Raises Unanswered when WeChat told them that the account is not available."""
        ...

    def link(self) -> str | None:
        """The newest page link they were sent."""
        ...

    def count(self) -> int:
        """How many messages they have been shown."""
        ...

    def reminders(self) -> int: ...


class Tenant:
    """Acts when something new is on the phone, after this person's own delay, in waking hours."""

    def __init__(self, lease_no: str, part: Part, phone: Phone, end: datetime, seed: int) -> None:
        self.lease_no = lease_no
        self.part = part
        self.phone = phone
        self.wake_at: datetime | None = None
        self.talked = False
        self.given_link: str | None = None
        """A link the housekeeper handed over by other means."""
        self._end = end
        self._luck = random.Random(f"{seed}:{lease_no}:acts")
        self._seen = 0
        self._looks = 0
        self._browser = Browser()
        self._hesitated = self._haggled = self._declined = self._strapped = self._stopped = self._complained = False

    async def close(self) -> None:
        await self._browser.close()

    def notice(self, now: datetime) -> None:
        """Something new on the phone: decide when to look."""
        if self.phone.count() <= self._seen or self.wake_at is not None or self._looks >= LOOKS_MAX:
            return
        self._seen = self.phone.count()
        hours = self.part.delay_hours if self._looks == 0 else self.part.delay_hours / 6
        if self.part.character is Character.LATE and self.phone.reminders() < 3:
            return
        self.wake_at = waking(now + timedelta(hours=hours))

    def poke(self, now: datetime, hours: float = 1.0) -> None:
        """Somebody talked to them: they look again soon."""
        self.talked = True
        self.wake_at = waking(now + timedelta(hours=hours))

    async def wake(self, now: datetime) -> None:
        """Look and act once. When the server is away they try again in ten minutes."""
        self.wake_at = None
        self._looks += 1
        try:
            again = await self._act(now)
        except Unanswered:
            self.wake_at = waking(now + timedelta(minutes=10))
            return
        self._seen = self.phone.count()
        if again is not None:
            self.wake_at = waking(now + again)

    async def _act(self, now: datetime) -> timedelta | None:
        first = await self._first_words()
        if first is not None:
            return first
        url = self.given_link or self.phone.link()
        if url is None:
            return None
        page = await self._browser.open(url)
        return await self._on_page(page)

    async def _first_words(self) -> timedelta | None:
        """What this character writes before anything else; None when they go on to the page."""
        character = self.part.character
        if character in (Character.SILENT_GOES, Character.SILENT_STAYS):
            return timedelta(days=365)
        if character is Character.STOPPER:
            return await self._once("_stopped", "退订", timedelta(days=365))
        if character is Character.LEAVER:
            return await self._once("_declined", self.part.words, timedelta(days=365))
        if character is Character.WAVERER and not self._declined:
            return await self._once("_declined", "不续了，准备搬", timedelta(days=2))
        if character is Character.THINKER and not self._hesitated:
            return await self._once("_hesitated", "我再考虑考虑", timedelta(days=30))
        if character is Character.THINKER and self.talked and not self.part.persuaded:
            return await self._once("_declined", "还是不续了，价格太高", timedelta(days=365))
        if character is Character.ANGRY and not self._complained:
            return await self._once("_complained", "报修三次都没人来，你们到底管不管", timedelta(days=30))
        return None

    async def _once(self, flag: str, words: str, then: timedelta) -> timedelta:
        if not getattr(self, flag):
            await self._say(words)
            setattr(self, flag, True)
        return then

    async def _say(self, words: str) -> None:
        await self.phone.say(words)
        if self.part.twice:
            await self.phone.say(words)

    async def _on_page(self, page: Seen) -> timedelta | None:
        steps: tuple[tuple[str, Callable[[Seen, Form], Awaitable[timedelta | None]]], ...] = (
            ("choose", self._choose),
            ("confirm", self._confirm),
            ("dispute", self._pay_first),
            ("mind", self._mind),
        )
        for name, step in steps:
            form = page.form(name, self.part.pick)
            if form is not None:
                return await step(page, form)
        link = next((one for one in page.links), None)
        return await self._partner(page, link) if link is not None else None

    async def _choose(self, page: Seen, form: Form) -> timedelta | None:
        character = self.part.character
        if character is Character.OPENER:
            return timedelta(hours=3)
        if character is Character.HAGGLER and not self._haggled:
            counter = page.form("counter")
            if counter is not None:
                self._haggled = True
                await self._browser.press(page, counter, rent="2600")
                return None
        if self.part.chat:
            await self._say(f"就要第{self.part.pick}个")
            await self._say("确认")
            return timedelta(minutes=5)
        await self._press(page, form)
        return timedelta(minutes=2)

    async def _confirm(self, page: Seen, form: Form) -> timedelta | None:
        await self._press(page, form)
        return None

    async def _pay_first(self, page: Seen, form: Form) -> timedelta | None:
        """They owe something: most go and pay, which the cashier books; see ``staffers``."""
        return None

    async def _mind(self, page: Seen, form: Form) -> timedelta | None:
        if self.part.character is not Character.WAVERER:
            return None
        await self._press(page, form)
        return timedelta(minutes=5)

    async def _partner(self, page: Seen, link: str) -> timedelta | None:
        """Sign or pay on the partner's own page."""
        there = await self._browser.open(link)
        if "/pay/" in link:
            return await self._pay(page, there)
        outcome = "refuse" if self.part.character is Character.REFUSER else "sign"
        await self._browser.press(there, there.forms[0], outcome=outcome)
        return None

    async def _pay(self, page: Seen, there: Seen) -> timedelta | None:
        if self.part.character is Character.STRAPPED and not self._strapped:
            self._strapped = True
            await self._browser.press(there, there.forms[0], outcome="fail")
            money = page.form("money")
            if money is not None:
                await self._browser.press(page, money)
            return timedelta(days=4)
        for _ in range(2 if self.part.twice else 1):
            await self._browser.press(there, there.forms[0], outcome="pay")
        return None

    async def _press(self, page: Seen, form: Form) -> None:
        await self._browser.press(page, form)
        if self.part.twice:
            await self._browser.press(page, form)


def waking(when: datetime) -> datetime:
    """The same instant, or the next morning if they sleep then."""
    local = when.astimezone(SHANGHAI)
    if local.time() < AWAKE_FROM:
        local = datetime.combine(local.date(), AWAKE_FROM, SHANGHAI)
    elif local.time() > AWAKE_UNTIL:
        local = datetime.combine(local.date() + timedelta(days=1), AWAKE_FROM, SHANGHAI)
    return local.astimezone(when.tzinfo)
