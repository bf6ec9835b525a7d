"""What a refused message teaches us about a tenant's ways: written down, so that the next one goes another way."""

from __future__ import annotations

import logging
from datetime import datetime

import msgspec

from backend.db.reach_port import Attempt, NumberWord, ReachStore, Ways
from channels.port import ChannelError, Trouble
from dialogs.rungs import Rung

log = logging.getLogger("xuzu.chat")

NOT_A_FOLLOWER = "43004"
NOT_OURS = "40003"
NO_CONSENT = "43101"
IN_OUR_BLACKLIST = "43019"


async def note_refusal(store: ReachStore, fault: ChannelError, attempt: Attempt, ways: Ways, template: str) -> None:
    """The provider says this way is closed (channels, section 1.9 and 4)."""
    now = attempt.begun_at
    failed = msgspec.structs.replace(
        attempt, status="failed", failure=fault.kind.value, code=fault.code, settled_at=now
    )
    await store.note_attempt(failed)
    log.info("%s over %s: %s", attempt.key, attempt.rung, fault)
    if attempt.rung == Rung.SMS:
        await _note_sms(store, fault, attempt, ways.phone)
    else:
        await _note_wechat(store, fault, (ways.openid, template), attempt.tenant, now)


async def _note_sms(store: ReachStore, fault: ChannelError, attempt: Attempt, phone: str) -> None:
    if fault.kind is Trouble.OPTED_OUT:
        await store.suppress(attempt.tenant, "sms", fault.code, attempt.begun_at)
    else:
        word = NumberWord.HARD if fault.kind is Trouble.BAD_NUMBER else NumberWord.SOFT
        await store.note_number(phone, word, fault.code, attempt.begun_at)


async def _note_wechat(store: ReachStore, fault: ChannelError, to: tuple[str, str], tenant: str, now: datetime) -> None:
    """``to``: openid and the subscription template."""
    openid, template = to
    if fault.code == NO_CONSENT:
        await store.note_consent(openid, template, 0, now)
    elif fault.kind is Trouble.OPTED_OUT or fault.code == IN_OUR_BLACKLIST:
        await store.suppress(tenant, "wechat", fault.code, now)
    elif fault.code in (NOT_A_FOLLOWER, NOT_OURS):
        await store.note_follow(openid, False, now)
