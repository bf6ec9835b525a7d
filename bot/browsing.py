"""A small browser for simulated tenants: fetches the page, reads its forms and links, presses buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import aiohttp
import msgspec
from yarl import URL


class Form(msgspec.Struct, frozen=True):
    """``name`` is the last part of the action: ``choose``, ``confirm`` …"""

    action: str
    fields: dict[str, str]

    @property
    def name(self) -> str:
        return self.action.rstrip("/").rsplit("/", 1)[-1]


class Seen(msgspec.Struct, frozen=True):
    """One page as a person without scripts sees it."""

    url: str
    status: int
    forms: tuple[Form, ...]
    links: tuple[str, ...]
    beacon: str = ""
    """Where the page's script reports, with ``token``, that the page is really on a screen."""
    token: str = ""

    def form(self, name: str, nth: int = 1) -> Form | None:
        """The n-th form called ``name``, or the last one there is."""
        found = [form for form in self.forms if form.name == name]
        return found[min(nth, len(found)) - 1] if found else None


class Unanswered(Exception):
    """The page did not come: the server is away, as on a bad mobile connection. Try again later."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.beacon = self.token = ""
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.beacon = facts.get("data-seen") or self.beacon
        self.token = facts.get("data-csrf") or self.token
        if tag == "form":
            self._open = Form(facts.get("action", ""), {})
        elif tag == "input" and self._open is not None and facts.get("name"):
            self._open.fields[facts["name"]] = facts.get("value", "")
        elif tag == "a" and facts.get("href") and "main" in facts.get("class", "").split():
            self.links.append(facts["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open is not None:
            self.forms.append(self._open)
            self._open = None


class Person(msgspec.Struct, frozen=True):
    """Who holds the phone: what they prove themselves with when a page asks.

    ``digits``: the last of their number; ``read_code`` looks into their SMS for the newest passcode, None: not yet.
    """

    digits: str = ""
    read_code: Callable[[], str | None] | None = None


WECHAT = "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/78.0 Mobile Safari/537.36 MicroMessenger/8.0.2"
"""How WeChat's own browser calls itself."""


class Browser:
    """One tenant's phone: its own cookies. ``scripts``: does what the page's script would do once it is shown.

    ``agent``: what it calls itself (``WECHAT``: the one inside the chat). ``person``: who answers when asked for proof.
    """

    def __init__(self, *, scripts: bool = False, agent: str = "", person: Person | None = None) -> None:
        self._scripts = scripts
        self._person = person or Person()
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=20),
            headers={"User-Agent": agent} if agent else None,
        )

    def carry(self, origin: str, cookies: Mapping[str, str]) -> None:
        """Cookies it has for another house already: inside WeChat one is logged in there."""
        self._session.cookie_jar.update_cookies(dict(cookies), URL(origin))

    async def open(self, url: str) -> Seen:
        """The page, proven by whoever holds the phone where it asks and they can. Raises Unanswered."""
        page = await self._prove(await self._ask("GET", url, None))
        if self._scripts and page.beacon:
            await self._ask("POST", str(URL(page.url).join(URL(page.beacon))), {"csrf": page.token})
        return page

    async def _prove(self, page: Seen) -> Seen:
        """The last digits, then the code out of the SMS; who cannot say them stays before the door."""
        asked = page.form("digits")
        if asked is not None and self._person.digits:
            page = await self.press(page, asked, digits=self._person.digits)
        asked = page.form("passcode")
        code = self._person.read_code() if asked is not None and self._person.read_code is not None else None
        return page if asked is None or code is None else await self.press(page, asked, code=code)

    async def press(self, page: Seen, form: Form, **more: str) -> Seen:
        """Submit a form with its hidden fields and what was typed. Raises Unanswered."""
        target = str(URL(page.url).join(URL(form.action))) if form.action else page.url
        return await self._ask("POST", target, form.fields | more)

    async def close(self) -> None:
        await self._session.close()

    async def _ask(self, method: str, url: str, fields: dict[str, str] | None) -> Seen:
        try:
            async with self._session.request(method, url, data=fields) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise Unanswered(type(fault).__name__) from None
        if answer.status >= 500:
            raise Unanswered(str(answer.status))
        reader = _Reader()
        reader.feed(text)
        return Seen(
            str(answer.url), answer.status, tuple(reader.forms), tuple(reader.links), reader.beacon, reader.token
        )
