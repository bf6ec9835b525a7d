"""What stands behind the tenant's page: the row as one view, a button as one event, the partners' doors beside it."""

from __future__ import annotations

import logging

from backend.db.port import Inbound, Stored, StoreDown
from backend.esign.port import ESign, ESignError
from backend.payments.port import Order, PayError, Payments
from bot.clock import shanghai_day
from bot.effects.pay import place_order
from bot.turn import Contended, Turns, UnknownRenewal
from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.routes import PageBusy
from channels.page.standing import Doors, page_view
from channels.page.view import PageView
from dialogs.states import State

log = logging.getLogger("xuzu.page")


class TenantPage:
    """``pay_page`` shows an order outside WeChat (``{prepay}`` in it), or is empty: JSAPI only."""

    def __init__(self, turns: Turns, payments: Payments | None, esign: ESign | None, pay_page: str = "") -> None:
        self._turns = turns
        self._payments = payments
        self._esign = esign
        self._pay_page = pay_page

    async def view(self, link: Link) -> PageView | None:
        """Changes nothing. Raises PageBusy."""
        try:
            stored = await self._turns.store.load(link.renewal_id)
        except StoreDown as down:
            raise PageBusy(str(down)) from None
        return None if stored is None else await self._show(stored)

    async def act(self, link: Link, action: PageAction) -> PageView:
        """Once per ``action.key``. Raises PageBusy."""
        try:
            turned = await self._turns.deliver(link.renewal_id, action.event, inbound=Inbound(action.key))
        except (StoreDown, Contended) as fault:
            raise PageBusy(str(fault)) from None
        except UnknownRenewal:
            raise PageBusy("the renewal is gone") from None
        return await self._show(turned.stored)

    async def _show(self, stored: Stored) -> PageView:
        lease = stored.renewal.lease
        today = shanghai_day(self._turns.clock.now())
        return page_view(stored.renewal, stored.name, today, await self._doors(stored), lease.housekeeper)

    async def _doors(self, stored: Stored) -> Doors:
        """Links that a partner cannot give right now are left out: the page says to come back."""
        renewal = stored.renewal
        try:
            if renewal.state is State.AWAITING_SIGNATURE and renewal.envelope and self._esign:
                tenant = renewal.lease.tenant.id
                return Doors(sign_link=await self._esign.sign_link(renewal.envelope, tenant))
            if renewal.state is State.PAYING and renewal.payment.open and self._payments:
                return await self._pay_doors(self._payments, stored, renewal.payment.open)
        except (ESignError, PayError) as fault:
            log.warning("renewal %s: a partner gave no link: %s", stored.id, fault)
        return Doors()

    async def _pay_doors(self, payments: Payments, stored: Stored, key: str) -> Doors:
        bill = stored.renewal.bill
        payer = (await self._turns.store.addresses(stored.tenant)).get("wechat")
        if bill is None or payer is None:
            return Doors()
        prepay = await place_order(payments, stored, key, bill.amount, payer)
        if self._pay_page:
            return Doors(pay_link=self._pay_page.format(prepay=prepay))
        return Doors(pay_sheet=payments.sheet(Order(key, prepay), self._turns.clock.now()))
