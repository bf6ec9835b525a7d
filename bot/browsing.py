"""A small browser for simulated tenants: fetches the page, reads its forms and links, presses buttons."""

from __future__ import annotations

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


class Browser:
    """One tenant's phone: its own cookies. ``scripts``: does what the page's script would do once it is shown."""

    def __init__(self, *, scripts: bool = False) -> None:
        self._scripts = scripts
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=20)
        )

    async def open(self, url: str) -> Seen:
        """Raises Unanswered."""
        page = await self._ask("GET", url, None)
        if self._scripts and page.beacon:
            await self._ask("POST", str(URL(page.url).join(URL(page.beacon))), {"csrf": page.token})
        return page

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
