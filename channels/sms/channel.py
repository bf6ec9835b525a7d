"""SMS as a Channel: a standard text through the first vendor that can, the other only where this one is at fault."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from channels.port import Accepted, Caps, ChannelError, Outbound, Trouble
from dialogs.rungs import Rung

from .config import SmsConfig
from .segments import segments
from .wording import Texts

log = logging.getLogger("xuzu.sms")

_VENDORS_FAULT = frozenset({Trouble.CONFIG, Trouble.QUOTA})
"""Failures of ours with this vendor: the other one may be tried. Never after an unknown outcome or a bad number."""


class Vendor(Protocol):
    name: str

    async def send(self, phone: str, text: str, values: Mapping[str, str], idem: str) -> Accepted:
        """Raises ChannelError."""
        ...


class Sms:
    name = "sms"
    rungs: tuple[Rung, ...] = (Rung.SMS,)

    def __init__(self, config: SmsConfig, vendors: Sequence[Vendor], texts: Texts) -> None:
        self.config = config
        self._vendors = tuple(vendors)
        self._texts = texts

    async def caps(self, rung: Rung, now: datetime) -> Caps:
        return Caps(link=self.config.link_mode, text_max=500)

    def shown(self, rung: Rung, message: Outbound) -> str:
        return self._texts.shown(message.sms, message.sms_values)

    async def send(self, rung: Rung, address: str, message: Outbound, idem: str) -> Accepted:
        """Raises ChannelError: of several vendors the last one's."""
        return await self._through(address, (message.sms, message.sms_values), idem)

    async def send_code(self, phone: str, code: str) -> None:
        """A passcode. Raises ChannelError."""
        await self._through(phone, ("code", {"code": code}), "passcode")

    async def _through(self, phone: str, said: tuple[str, Mapping[str, str]], idem: str) -> Accepted:
        name, values = said
        count = segments(self._texts.shown(name, values))
        fault = ChannelError(Trouble.CONFIG, "NO_VENDOR", "no SMS vendor is configured")
        for vendor in self._vendors:
            try:
                accepted = await vendor.send(phone, name, self._texts.ordered(name, values), idem)
            except ChannelError as refused:
                fault = refused
                log.warning("sms through %s: %s", vendor.name, refused.code)
                if refused.kind not in _VENDORS_FAULT:
                    break
            else:
                return msgspec.structs.replace(accepted, segments=count, price=count * self.config.price)
        raise fault
