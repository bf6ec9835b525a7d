"""Asking where a task stands, by its reference or by our own key."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from .fadada_calls import Calls
from .fadada_shapes import Detail, Page, signed_by, state_of
from .port import Envelope, EnvelopeState, ESignError

log = logging.getLogger("xuzu.esign")

TWINS_LIMIT = 20
"""Tasks under one key that we are willing to look at; more means that the list is not filtered."""
_BEST_FIRST = (
    EnvelopeState.SIGNED,
    EnvelopeState.SIGNING,
    EnvelopeState.DRAFT,
    EnvelopeState.VOIDED,
    EnvelopeState.REFUSED,
    EnvelopeState.EXPIRED,
    EnvelopeState.WITHDRAWN,
)


@dataclass(frozen=True)
class Look:
    """Reads only; every method raises ESignError."""

    calls: Calls

    @property
    def owner(self) -> dict[str, str]:
        return {"idType": "corp", "openId": self.calls.account.open_corp_id}

    async def detail(self, ref: str) -> Detail:
        return await self.calls.ask("/sign-task/app/get-detail", {"signTaskId": ref}, Detail)

    async def state(self, ref: str) -> Envelope:
        return envelope_of(ref, await self.detail(ref))

    async def find(self, key: str) -> Envelope | None:
        """The envelope under ``key``; of several (a create that was only thought lost) the one that got furthest."""
        wish: dict[str, object] = {
            "ownerId": self.owner,
            "ownerRole": "initiator",
            "listFilter": {"businessCode": key},
            "listPageNo": 1,
            "listPageSize": 100,
        }
        page = await self.calls.ask("/sign-task/owner/get-list", wish, Page)
        refs = [one.sign_task_id for one in page.sign_tasks or () if one.trans_reference_id in (None, key)]
        if len(refs) > TWINS_LIMIT or page.total_count > 100:
            raise ESignError("the task list is not filtered by our key", unknown=True, code="UNREADABLE")
        details = [(ref, await self.detail(ref)) for ref in refs]
        twins = [envelope_of(ref, detail) for ref, detail in details if detail.trans_reference_id == key]
        if len(twins) > 1:
            log.warning("fadada: %d tasks under key %s", len(twins), key)
        return min(twins, key=lambda one: (_BEST_FIRST.index(one.state), len(one.ref), one.ref), default=None)


def envelope_of(ref: str, detail: Detail) -> Envelope:
    return Envelope(ref, state_of(detail), detail.sign_task_status, signed_by(detail))
