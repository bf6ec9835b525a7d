"""Simulated tenants: they read what reaches their phone, and answer by chat, by page, by signing, by paying."""

from __future__ import annotations

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

    def notices(self) -> int:
        """How many template notices they were sent."""
        ...

    def answers(self) -> bool:
        """Does somebody pick up when the housekeeper calls?"""
        ...


class Tenant:
    """Acts when something new is on the phone, after this person's own delay, in waking hours."""

    def __init__(self, lease_no: str, part: Part, phone: Phone, rent: int, browser: Browser | None = None) -> None:
        self.lease_no = lease_no
        self.part = part
        self.phone = phone
        self.wake_at: datetime | None = None
        self.talked = False
        self.given_link: str | None = None
        """A link the housekeeper handed over by other means."""
        self.pays_at_desk = False
        """Went to settle what is owed: the cashier books it."""
        self._asks_for = rent * 95 // 100 // 1000 * 10
        """Yuan a month, where they haggle."""
        self._seen = 0
        self._looks = 0
        self._browser = browser or Browser(scripts=not part.old_phone)
        self._done: set[str] = set()

    async def close(self) -> None:
        await self._browser.close()

    def notice(self, now: datetime) -> None:
        """Something new on the phone: decide when to look."""
        if self.phone.count() <= self._seen or self.wake_at is not None or self._looks >= LOOKS_MAX:
            return
        self._seen = self.phone.count()
        hours = self.part.delay_hours if self._looks == 0 else self.part.delay_hours / 6
        if self.part.character is Character.LATE and self.phone.notices() < 3:
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
        if self._looks > LOOKS_MAX:
            return
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
            return await self._once("stopped", "退订", timedelta(days=365))
        if character is Character.LEAVER:
            return await self._once("declined", self.part.words, timedelta(days=365))
        if character is Character.WAVERER and "declined" not in self._done:
            return await self._once("declined", "不续了，准备搬", timedelta(days=2))
        if character is Character.THINKER and "hesitated" not in self._done:
            return await self._once("hesitated", "我再考虑考虑", timedelta(days=30))
        if character is Character.THINKER and self.talked and not self.part.persuaded:
            return await self._once("declined", "还是不续了，价格太高", timedelta(days=365))
        if "refused" in self._done:
            return timedelta(days=365)
        if character is Character.ANGRY and "complained" not in self._done:
            return await self._once("complained", "报修三次都没人来，你们到底管不管", timedelta(days=30))
        return None

    async def _once(self, what: str, words: str, then: timedelta) -> timedelta:
        if what not in self._done:
            await self._say(words)
            self._done.add(what)
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
            ("clause", self._clause),
        )
        for name, step in steps:
            form = page.form(name, self.part.pick)
            if form is not None:
                return await step(page, form)
        other = page.form("way")
        if other is not None and self.part.alipay and "changed way" not in self._done:
            self._done.add("changed way")
            await self._press(page, other)
            return timedelta(minutes=2)
        link = next((one for one in page.links), None)
        return await self._partner(page, link) if link is not None else None

    async def _choose(self, page: Seen, form: Form) -> timedelta | None:
        character = self.part.character
        if character is Character.OPENER:
            return timedelta(hours=3)
        if character is Character.HAGGLER and "haggled" not in self._done:
            counter = page.form("counter")
            if counter is not None:
                await self._browser.press(page, counter, rent=str(self._asks_for))
                self._done.add("haggled")
                return None
        if self.part.chat and "chatted" not in self._done:
            await self._choose_by_chat(sum(one.name == "choose" for one in page.forms))
            return timedelta(minutes=5)
        await self._press(page, form)
        return timedelta(minutes=2)

    async def _choose_by_chat(self, cards: int) -> None:
        """Somebody who would rather write than tap; what does not work out by chat they do on the page."""
        await self._say("续租有哪些方案？")
        await self._say(f"就要第{min(self.part.pick, cards)}个")
        await self._say("确认")
        self._done.add("chatted")

    async def _confirm(self, page: Seen, form: Form) -> timedelta | None:
        await self._press(page, form)
        return None

    async def _pay_first(self, page: Seen, form: Form) -> timedelta | None:
        """They owe something: some say it is not true, all pay at the desk in the end; see ``staffers.Cashier``."""
        if self.part.disputes and "disputed" not in self._done:
            await self._browser.press(page, form)
            self._done.add("disputed")
            return timedelta(days=2)
        self.pays_at_desk = True
        return timedelta(days=1)

    async def _mind(self, page: Seen, form: Form) -> timedelta | None:
        if self.part.character is not Character.WAVERER:
            return None
        await self._press(page, form)
        return timedelta(minutes=5)

    async def _clause(self, page: Seen, form: Form) -> timedelta | None:
        await self._press(page, form)
        return timedelta(seconds=20)

    async def _partner(self, page: Seen, link: str) -> timedelta | None:
        """Sign or pay on the partner's own page."""
        there = await self._browser.open(link)
        if "/pay/" in link or "trade.wap.pay" in link:
            return await self._pay(page, there)
        outcome = "refuse" if self.part.character is Character.REFUSER else "sign"
        await self._browser.press(there, there.forms[0], outcome=outcome)
        if outcome == "refuse":
            self._done.add("refused")
        return None

    async def _pay(self, page: Seen, there: Seen) -> timedelta | None:
        if self.part.character is Character.STRAPPED and "strapped" not in self._done:
            await self._browser.press(there, there.forms[0], outcome="fail")
            self._done.add("strapped")
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
