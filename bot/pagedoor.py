"""What stands behind the tenant's page: the row as one view, a button as one event, the partners' doors beside it."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from backend.db.port import Inbound, Stored, StoreDown, Words
from backend.esign.port import ESign, ESignError
from backend.payments.deduction import Deductions
from backend.payments.port import Order, PayError, Payments
from bot.clock import shanghai_day
from bot.effects.deduct import mandate_number
from bot.effects.pay import place_order
from bot.speaker import link_end
from bot.turn import Contended, Turns, UnknownRenewal
from channels.page.door import PageBusy
from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.notes import Note
from channels.page.standing import Doors, page_view
from channels.page.view import Notice, PageView, mask_name
from dialogs.events import PageNoted
from dialogs.states import State

log = logging.getLogger("xuzu.page")

NOTICES_MAX, TITLE_MAX = 20, 30
_GREETING = re.compile(r"^[^，。！\n]{0,20}，?您好[！。，]?\s*")
_LINKS = re.compile(r"[^\n]*https?://\S+[^\n]*\n?")


class TenantPage:
    """``pay_page`` shows an order outside WeChat (``{prepay}`` in it), or is empty: JSAPI only."""

    def __init__(
        self,
        turns: Turns,
        payments: Payments | None,
        esign: ESign | None,
        pay_page: str = "",
        deductions: Sequence[Deductions] = (),
        origin: str = "",
    ) -> None:
        self._turns = turns
        self._deductions = deductions
        self._origin = origin
        self._payments = payments
        self._esign = esign
        self._pay_page = pay_page

    async def view(self, link: Link) -> PageView | None:
        """Changes nothing. Raises PageBusy."""
        async with answering():
            stored = await self._turns.store.load(link.renewal_id)
            if stored is None:
                return None
            letters = await self._turns.store.thread(stored.id)
            bound = "wechat" in await self._turns.store.addresses(stored.tenant)
        view = await self._show(stored)
        return msgspec.structs.replace(view, notices=notices(letters, stored.name), bound=bound)

    async def act(self, link: Link, action: PageAction) -> PageView:
        """Once per ``action.key``. Raises PageBusy."""
        async with answering():
            turned = await self._turns.deliver(link.renewal_id, action.event, inbound=Inbound(action.key))
        return await self._show(turned.stored)

    async def note(self, link: Link, note: Note) -> None:
        """Into the event log, once per ``note.key``; the script's own words go to our log. Raises PageBusy."""
        if note.kind == "script_error":
            log.warning("renewal %s: the page's script broke: %s (%s)", link.renewal_id, note.detail, note.agent)
        event = PageNoted(kind=note.kind, option=note.option, agent=note.agent)
        async with answering():
            await self._turns.deliver(link.renewal_id, event, inbound=Inbound(note.key))

    async def dead_before(self, link: Link) -> datetime | None:
        """Raises PageBusy."""
        async with answering():
            return await self._turns.store.links_dead_before(link.renewal_id)

    async def by_code(self, code: str) -> tuple[int, datetime] | None:
        """Raises PageBusy."""
        async with answering():
            found = await self._turns.store.by_short_code(code, self._turns.clock.now())
            stored = await self._turns.store.load(found) if found is not None else None
        return None if stored is None else (stored.id, link_end(stored.renewal.lease))

    async def _show(self, stored: Stored) -> PageView:
        lease = stored.renewal.lease
        today = shanghai_day(self._turns.clock.now())
        return page_view(stored.renewal, stored.name, today, await self._doors(stored), lease.housekeeper)

    async def _doors(self, stored: Stored) -> Doors:
        """Links that a partner cannot give right now are left out: the page says to come back."""
        renewal, doors = stored.renewal, Doors()
        try:
            if renewal.state is State.AWAITING_SIGNATURE and renewal.envelope and self._esign:
                tenant = renewal.lease.tenant.id
                doors = Doors(sign_link=await self._esign.sign_link(renewal.envelope, tenant))
            if (
                renewal.state is State.PAYING
                and renewal.payment.open
                and self._payments
                and not renewal.payment.mandate
            ):
                doors = await self._pay_doors(self._payments, stored, renewal.payment.open)
            return msgspec.structs.replace(doors, mandate_link=await self._mandate_link(stored))
        except (ESignError, PayError) as fault:
            log.warning("renewal %s: a partner gave no link: %s", stored.id, fault)
        return doors

    async def _mandate_link(self, stored: Stored) -> str:
        """Offered between the contract and the first payment, to whom the operator deducts from and who has none."""
        renewal = stored.renewal
        wanted = renewal.state in (State.AWAITING_SIGNATURE, State.PAYING) and not renewal.standing_mandate
        if not (wanted and self._deductions and self._turns.subject(stored).policy.deduct_limit):
            return ""
        number, name = mandate_number(stored.id), mask_name(stored.name)
        return await self._deductions[0].sign_url(number, name, self._origin, self._turns.clock.now())

    async def _pay_doors(self, payments: Payments, stored: Stored, key: str) -> Doors:
        bill = stored.renewal.bill
        payer = (await self._turns.store.addresses(stored.tenant)).get("wechat")
        if bill is None or payer is None:
            return Doors()
        prepay = await place_order(payments, stored, key, bill.amount, payer)
        if self._pay_page:
            return Doors(pay_link=self._pay_page.format(prepay=prepay))
        return Doors(pay_sheet=payments.sheet(Order(key, prepay), self._turns.clock.now()))


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """A store that is away, a row fought over or gone: the page says that it is busy."""
    try:
        yield
    except (StoreDown, Contended) as fault:
        raise PageBusy(str(fault)) from None
    except UnknownRenewal:
        raise PageBusy("the renewal is gone") from None


def notices(letters: list[tuple[datetime, Words]], name: str) -> tuple[Notice, ...]:
    """The newest of our own messages, first first: without the tenant's name, the greeting and their links."""
    sent = [
        (at, words.text.replace(name, mask_name(name)) if name else words.text)
        for at, words in letters
        if words.author == "bot"
    ]
    return tuple(_notice(at, text) for at, text in reversed(sent[-NOTICES_MAX:]))


def _notice(at: datetime, text: str) -> Notice:
    plain = _LINKS.sub("", _GREETING.sub("", text)).strip()
    first = re.split(r"[。！？，：\n]", plain, maxsplit=1)[0]
    return Notice(at, first[:TITLE_MAX], plain)
