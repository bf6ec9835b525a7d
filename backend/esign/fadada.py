"""Fadada FASC OpenAPI 5.1: an envelope is one sign task, found again by our own key (providers sheet, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from .fadada_calls import FILE_LIMIT, Calls
from .fadada_look import Look
from .fadada_shapes import Created, Download, News, Processed, SignUrl, Upload
from .fadada_task import Paper, check, file_name, task_fields
from .fadada_undo import Undo
from .fadada_wire import Untrusted, verified_callback
from .port import Envelope, EnvelopeState, ESignError, Notice, Signer


class Fadada:
    """The port's ESign over one application. ``callback_url`` empty: the address set at the provider is used."""

    name = "fadada"
    ack = b"success"

    def __init__(self, calls: Calls, callback_url: str = "") -> None:
        self._calls = calls
        self._callback_url = callback_url
        self._look = Look(calls)
        self._undo = Undo(self._look, callback_url)

    async def open(
        self, key: str, subject: str, document: bytes, signers: tuple[Signer, ...], expires_at: datetime
    ) -> Envelope:
        """Safe to repeat. ``key`` ≤ 128 characters, ``document`` ≤ 50 MB; ``signers`` without the landlord."""
        check(key, document, signers, FILE_LIMIT)
        adopted = await self.find(key)
        if adopted is not None:
            return await self._undo.started(adopted)
        file_id = await self._upload(file_name(key, document), document)
        fields = task_fields(self._calls.account, Paper(key, subject, file_id), signers, expires_at)
        if self._callback_url:
            fields["callbackUrl"] = self._callback_url
        created = await self._calls.ask("/sign-task/create", fields, Created)
        return Envelope(created.sign_task_id, EnvelopeState.SIGNING, "created")

    async def find(self, key: str) -> Envelope | None:
        """Raises ESignError."""
        return await self._look.find(key)

    async def state(self, ref: str) -> Envelope:
        """Raises ESignError."""
        return await self._look.state(ref)

    async def sign_link(self, ref: str, party: str) -> str:
        """Good for a year, asks the signer to log in; the embedded link would be spent by a chat's link preview."""
        link = await self._calls.ask("/sign-task/actor/get-url", {"signTaskId": ref, "actorId": party}, SignUrl)
        return link.actor_sign_task_url

    async def withdraw(self, ref: str, reason: str) -> Envelope:
        """What it came to: WITHDRAWN, or the final state it had reached before. A signed one stays signed."""
        return await self._undo.withdraw(ref, reason)

    async def delete(self, ref: str) -> None:
        """Only a task that was made and never started. A second time it is gone, which is refused, too."""
        await self._undo.delete(ref)

    async def abolish(self, ref: str, key: str, reason: str) -> Envelope:
        """The provider writes the agreement and notifies nobody: send the links. ``reason`` ≤ 200 characters."""
        return await self._undo.abolish(ref, key, reason)

    async def fetch_signed(self, ref: str) -> bytes:
        """The signed file as the provider keeps it; only a finished task has one."""
        wish: dict[str, object] = {"ownerId": self._look.owner, "signTaskId": ref, "downloadMode": "download"}
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
