"""What this account may not do for a while: noted on the shelf all processes share, so that nobody asks in vain."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from channels.port import ChannelError, Trouble

from .tokens import TokenShelf

log = logging.getLogger("xuzu.wechat")

SHANGHAI = ZoneInfo("Asia/Shanghai")
REST = timedelta(hours=24)
DAILY, BANNED, BLOCKED = "45009", "50002", "40249"
"""The day's quota is used up; the account is limited after a breach; a template is blocked for its content."""


class Breakers:
    """``name`` is the account's; losing the shelf costs a call that is refused once more."""

    def __init__(self, name: str, shelf: TokenShelf, now: Callable[[], datetime]) -> None:
        self._name = name
        self._shelf = shelf
        self._now = now

    async def check(self, path: str, template: str = "") -> None:
        """Raises ChannelError while the account, this path's quota or this template rests."""
        for what in ("account", f"quota:{path}", *([f"template:{template}"] if template else [])):
            code = await self._open(what)
            if code:
                trouble = Trouble.QUOTA if code == DAILY else Trouble.CONFIG
                raise ChannelError(trouble, code, "not asked: it was refused, and rests")

    async def note(self, fault: ChannelError, path: str, template: str = "") -> None:
        """After a refusal: 45009 rests until midnight, 50002 the whole account, 40249 its template."""
        if fault.code == DAILY:
            await self._rest(f"quota:{path}", fault.code, self._midnight())
        elif fault.code == BANNED:
            await self._rest("account", fault.code, self._now() + REST)
        elif fault.code == BLOCKED and template:
            await self._rest(f"template:{template}", fault.code, self._now() + REST)

    async def switch_off(self, kind: str, code: str) -> None:
        """A kind of message that this account is refused: not tried again for a day."""
        await self._rest(f"kind:{kind}", code, self._now() + REST)

    async def is_off(self, kind: str) -> bool:
        return bool(await self._open(f"kind:{kind}"))

    async def _rest(self, what: str, code: str, until: datetime) -> None:
        log.error("wechat %s rests until %s: errcode %s", what, until.isoformat(timespec="minutes"), code)
        await self._shelf.put(f"{self._name}:{what}", code, until)

    async def _open(self, what: str) -> str:
        held = await self._shelf.get(f"{self._name}:{what}")
        return held[0] if held is not None and held[1] > self._now() else ""

    def _midnight(self) -> datetime:
        tomorrow = self._now().astimezone(SHANGHAI).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, SHANGHAI)
