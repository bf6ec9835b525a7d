"""A page's other side for tests: one renewal under the real rules, each event applied once per key."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import msgspec

from channels.page.door import PageBusy
from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.notes import Note
from channels.page.proof import PASSCODE_TRIES, PageSignature, Sending, Typed, Whose
from channels.page.standing import Doors, page_view
from channels.page.view import Notice, PageView
from dialogs.events import AnyEvent
from dialogs.machine import step
from dialogs.policy import Policy
from dialogs.renewal import Renewal, Subject
from tests.journeys.samples import NAME, NOW, TODAY


class OneRenewal:
    """Keeps what was applied; ``busy`` makes it unreachable."""

    def __init__(self, renewal: Renewal, doors: Doors | None = None) -> None:
        self.renewal = renewal
        self.applied: dict[str, AnyEvent] = {}
        self.looked = 0
        self.busy = False
        self.doors = doors
        self.notes: dict[str, Note] = {}
        self.revoked_at: datetime | None = None
        self.code = "7KQ2M9XA"
        self.notices: tuple[Notice, ...] = ()

    @property
    def events(self) -> list[str]:
        return [type(event).__name__ for event in self.applied.values()]

    async def view(self, link: Link) -> PageView | None:
        self._reach()
        self.looked += 1
        return self._show() if link.renewal_id == 1 else None

    async def act(self, link: Link, action: PageAction) -> PageView:
        self._reach()
        if action.key not in self.applied:
            self.applied[action.key] = action.event
            self.happens(action.event)
        return self._show()

    async def note(self, link: Link, note: Note) -> None:
        self._reach()
        self.notes.setdefault(note.key, note)

    async def dead_before(self, link: Link) -> datetime | None:
        self._reach()
        return self.revoked_at

    async def by_code(self, code: str) -> tuple[int, datetime] | None:
        self._reach()
        return (1, NOW + timedelta(days=20)) if hmac.compare_digest(code, self.code) else None

    def happens(self, event: AnyEvent) -> None:
        self.renewal = step(Subject(1, self.renewal, Policy()), event, NOW).renewal

    def _show(self) -> PageView:
        return msgspec.structs.replace(page_view(self.renewal, NAME, TODAY, self.doors), notices=self.notices)

    def _reach(self) -> None:
        if self.busy:
            raise PageBusy("away")


class OneTenant:
    """The tenant of ``OneRenewal`` as a proof knows them: a phone, perhaps a WeChat, one passcode at a time."""

    def __init__(self) -> None:
        self.wechat = self.phone = True
        self.digits = "8812"
        self.openid = ""
        self.codes: list[str] = []
        self.tries = 0
        self.sending = Sending.SENT
        self.signature: PageSignature | None = None
        self.picture: str | None = "https://pictures.test/qr?ticket=t-1"

    def authorize_url(self, path: str, state: str) -> str:
        return f"https://wechat.test/authorize?redirect={path}&state={state}"

    async def wechat_openid(self, code: str) -> str | None:
        return code.removeprefix("code-of-") if code.startswith("code-of-") else None

    async def whose(self, link: Link, openid: str) -> Whose:
        if not self.openid:
            return Whose.NEW
        return Whose.OWNER if openid == self.openid else Whose.OTHER

    async def bind(self, link: Link, openid: str) -> None:
        self.openid = openid

    async def last_digits_match(self, link: Link, digits: str) -> bool:
        return link.renewal_id == 1 and digits == self.digits

    async def send_passcode(self, link: Link) -> Sending:
        if self.sending is Sending.SENT:
            self.codes.append(f"{len(self.codes) + 1:06d}")
            self.tries = 0
        return self.sending

    async def try_passcode(self, link: Link, code: str) -> Typed:
        if not self.codes or self.tries >= PASSCODE_TRIES:
            return Typed.WORN_OUT
        if code != self.codes[-1]:
            self.tries += 1
            return Typed.WRONG
        self.codes.clear()
        return Typed.RIGHT

    async def page_signature(self, url: str) -> PageSignature | None:
        return self.signature

    async def binding_qr(self, link: Link) -> str | None:
        return self.picture
