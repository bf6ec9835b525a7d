"""Fadada FASC OpenAPI 5.1: an envelope is one sign task, found again by our own key (providers sheet, section 1)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

import msgspec

from .fadada_calls import FILE_LIMIT, Calls
from .fadada_shapes import (
    NOT_CANCELLABLE,
    Created,
    Detail,
    Download,
    News,
    Page,
    Processed,
    SignUrl,
    Upload,
    signed_by,
    state_of,
)
from .fadada_task import Paper, check, file_name, task_fields
from .fadada_wire import Untrusted, verified_callback
from .port import Envelope, EnvelopeState, ESignError, Notice, Signer

log = logging.getLogger("xuzu.esign")

TWINS_LIMIT = 20
"""Tasks under one key that we are willing to look at; more means that the list is not filtered."""
_OPEN = (EnvelopeState.DRAFT, EnvelopeState.SIGNING)
_BEST_FIRST = (
    EnvelopeState.SIGNED,
    EnvelopeState.SIGNING,
    EnvelopeState.DRAFT,
    EnvelopeState.VOIDED,
    EnvelopeState.REFUSED,
    EnvelopeState.EXPIRED,
    EnvelopeState.WITHDRAWN,
)


class Fadada:
    """The port's ESign over one application. ``callback_url`` empty: the address set at the provider is used."""

    name = "fadada"
    ack = b"success"

    def __init__(self, calls: Calls, callback_url: str = "") -> None:
        self._calls = calls
        self._callback_url = callback_url
        self._owner = {"idType": "corp", "openId": calls.account.open_corp_id}

    async def open(
        self, key: str, subject: str, document: bytes, signers: tuple[Signer, ...], expires_at: datetime
    ) -> Envelope:
        """Safe to repeat. ``key`` ≤ 128 characters, ``document`` ≤ 50 MB; ``signers`` without the landlord."""
        check(key, document, signers, FILE_LIMIT)
        adopted = await self.find(key)
        if adopted is not None:
            return await self._started(adopted)
        file_id = await self._upload(file_name(key, document), document)
        fields = task_fields(self._calls.account, Paper(key, subject, file_id), signers, expires_at)
        if self._callback_url:
            fields["callbackUrl"] = self._callback_url
        created = await self._calls.ask("/sign-task/create", fields, Created)
        return Envelope(created.sign_task_id, EnvelopeState.SIGNING, "created")

    async def find(self, key: str) -> Envelope | None:
        """The envelope under ``key``; of several (a create that was only thought lost) the one that got furthest."""
        wish: dict[str, object] = {
            "ownerId": self._owner,
            "ownerRole": "initiator",
            "listFilter": {"businessCode": key},
            "listPageNo": 1,
            "listPageSize": 100,
        }
        page = await self._calls.ask("/sign-task/owner/get-list", wish, Page)
        refs = [one.sign_task_id for one in page.sign_tasks or () if one.trans_reference_id in (None, key)]
        if len(refs) > TWINS_LIMIT or page.total_count > 100:
            raise ESignError("the task list is not filtered by our key", unknown=True, code="UNREADABLE")
        details = [(ref, await self._detail(ref)) for ref in refs]
        twins = [_envelope(ref, detail) for ref, detail in details if detail.trans_reference_id == key]
        if len(twins) > 1:
            log.warning("fadada: %d tasks under key %s", len(twins), key)
        return min(twins, key=lambda one: (_BEST_FIRST.index(one.state), len(one.ref), one.ref), default=None)

    async def state(self, ref: str) -> Envelope:
        """Raises ESignError."""
        return _envelope(ref, await self._detail(ref))

    async def sign_link(self, ref: str, party: str) -> str:
        """Good for a year, asks the signer to log in; the embedded link would be spent by a chat's link preview."""
        link = await self._calls.ask("/sign-task/actor/get-url", {"signTaskId": ref, "actorId": party}, SignUrl)
        return link.actor_sign_task_url

    async def withdraw(self, ref: str, reason: str) -> Envelope:
        """What it came to: WITHDRAWN, or the final state it had reached before. A signed one stays signed."""
        envelope = await self.state(ref)
        if envelope.raw == "task_created":
            await self._calls.tell("/sign-task/delete", {"signTaskId": ref})
            return Envelope(ref, EnvelopeState.WITHDRAWN, "deleted")
        if envelope.state not in _OPEN:
            return envelope
        try:
            await self._calls.tell("/sign-task/cancel", {"signTaskId": ref, "terminationNote": reason[:250]})
        except ESignError as fault:
            if fault.code != NOT_CANCELLABLE:
                raise
        after = await self.state(ref)
        if after.state in _OPEN:
            raise ESignError(f"still {after.raw}", unknown=False, code=NOT_CANCELLABLE, retry=True)
        return after

    async def fetch_signed(self, ref: str) -> bytes:
        """The signed file as the provider keeps it; only a finished task has one."""
        wish: dict[str, object] = {"ownerId": self._owner, "signTaskId": ref, "downloadMode": "download"}
        download = await self._calls.ask("/sign-task/owner/get-download-url", wish, Download)
        return await self._calls.get(download.download_url)

    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """``ref`` is empty when the callback is about something else than a task. Raises ESignError(final)."""
        try:
            event, biz = verified_callback(self._calls.account, headers, raw)
            news = msgspec.json.decode(biz, type=News)
        except (Untrusted, msgspec.DecodeError) as doubt:
            raise ESignError(str(doubt), unknown=False, code="CALLBACK") from None
        return Notice(news.sign_task_id, news.trans_reference_id or "", event, news.actor_id or "")

    async def _started(self, envelope: Envelope) -> Envelope:
        if envelope.raw != "task_created":
            return envelope
        await self._calls.tell("/sign-task/start", {"signTaskId": envelope.ref})
        return await self.state(envelope.ref)

    async def _upload(self, name: str, document: bytes) -> str:
        """The processed file id: the address of the upload is not one (trap 15)."""
        place = await self._calls.ask("/file/get-upload-url", {"fileType": "doc"}, Upload)
        await self._calls.put(place.upload_url, document)
        wish: dict[str, object] = {
            "fddFileUrlList": [{"fileType": "doc", "fddFileUrl": place.fdd_file_url, "fileName": name}]
        }
        processed = await self._calls.ask("/file/process", wish, Processed)
        if len(processed.file_id_list) != 1:
            raise ESignError("one file in, one id out", unknown=False, code="UNREADABLE", retry=True)
        return processed.file_id_list[0].file_id

    async def _detail(self, ref: str) -> Detail:
        return await self._calls.ask("/sign-task/app/get-detail", {"signTaskId": ref}, Detail)


def _envelope(ref: str, detail: Detail) -> Envelope:
    return Envelope(ref, state_of(detail), detail.sign_task_status, signed_by(detail))
