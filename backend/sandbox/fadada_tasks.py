"""What each Fadada endpoint does once the gate has let the request in (providers sheet, section 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .fadada_book import LINK_LIFE, Book
from .fadada_gate import Refused
from .fadada_reading import Fields, Rules, fields_of, inner, listed, owner, read_task, wrong
from .fadada_records import Actor, Stored, Task
from .fadada_voiding import voiding_fields, voiding_of

Act = Callable[[str, str, datetime], Fields | None]
"""(bizContent, origin of our own addresses, now) -> data. Raises Refused."""


@dataclass
class Tasks:
    book: Book
    rules: Rules

    def acts(self) -> dict[str, Act]:
        """By path."""
        return {
            "/file/get-upload-url": self._upload_url,
            "/file/process": self._process,
            "/sign-task/create": self._create,
            "/sign-task/start": self._start,
            "/sign-task/cancel": self._cancel,
            "/sign-task/delete": self._delete,
            "/sign-task/abolish": self._abolish,
            "/sign-task/actor/get-url": self._sign_url,
            "/sign-task/app/get-detail": self._detail,
            "/sign-task/owner/get-list": self._list,
            "/sign-task/owner/get-download-url": self._download_url,
        }

    def _upload_url(self, biz: str, origin: str, now: datetime) -> Fields:
        if fields_of(biz, {"fileType"})["fileType"] not in ("doc", "attach"):
            raise wrong("fileType")
        ticket = self.book.ticket()
        self.book.uploads[ticket] = Stored(now + LINK_LIFE["upload"])
        return {"uploadUrl": f"{origin}/upload/{ticket}", "fddFileUrl": f"{origin}/stored/{ticket}"}

    def _process(self, biz: str, origin: str, now: datetime) -> Fields:
        wanted = listed(fields_of(biz, {"fddFileUrlList"}).get("fddFileUrlList"), "fddFileUrlList", 10)
        return {"fileIdList": [self._processed(one) for one in wanted]}

    def _processed(self, value: object) -> Fields:
        names = {"fileType", "fddFileUrl", "fileName"}
        wish = inner(value, names, names, "fddFileUrlList")
        stored = self.book.uploads.get(str(wish["fddFileUrl"]).rpartition("/")[2])
        if stored is None or not stored.body:
            raise Refused("211062", "签署任务文件不存在")
        name = str(wish["fileName"])
        if stored.body.startswith(b"%PDF-") != name.endswith(".pdf") or "." not in name:
            raise Refused("211157", "文件处理失败，文件后缀名与源文件不匹配")
        file_id = self.book.number()
        self.book.files[file_id] = stored.body
        return {**wish, "fileId": file_id, "fileTotalPages": 1}

    def _create(self, biz: str, origin: str, now: datetime) -> Fields:
        asked, actors, expires = read_task(biz, self.rules, now)
        docs = listed(asked.get("docs", []), "docs")
        bodies = [self._file(doc["docFileId"]) for doc in docs if isinstance(doc, dict)]
        return {"signTaskId": self.book.add(asked, actors, b"".join(bodies), expires).id}

    def _file(self, file_id: object) -> bytes:
        body = self.book.files.get(str(file_id))
        if body is None:
            raise Refused("211096", "文档fileId不存在")
        return body

    def _start(self, biz: str, origin: str, now: datetime) -> None:
        task = self._task(fields_of(biz, {"signTaskId"}))
        if not task.document or not task.actors:
            raise Refused("211056", "发起时文档列表为空")
        self.book.start(task)

    def _cancel(self, biz: str, origin: str, now: datetime) -> None:
        wish = fields_of(biz, {"signTaskId", "terminationNote"})
        note = str(wish.get("terminationNote", ""))
        if len(note) > 250:
            raise wrong("terminationNote")
        self.book.cancel(self._task(wish), note)

    def _delete(self, biz: str, origin: str, now: datetime) -> None:
        self.book.delete(self._task(fields_of(biz, {"signTaskId"})))

    def _abolish(self, biz: str, origin: str, now: datetime) -> Fields:
        wish = voiding_fields(biz, self.rules)
        original = self._task(wish)
        return {"abolishedSignTaskId": self.book.void(original, *voiding_of(original, wish, self.rules)).id}

    def _sign_url(self, biz: str, origin: str, now: datetime) -> Fields:
        wish = fields_of(biz, {"signTaskId", "actorId", "clientUserId", "redirectUrl"}, {"actorId"})
        task = self._task(wish)
        link = f"{origin}/h5/sign/{task.id}/{task.actor(str(wish['actorId'])).id}"
        return {"actorSignTaskUrl": link, "actorSignTaskEmbedUrl": f"{link}?once={self.book.ticket()}"}

    def _detail(self, biz: str, origin: str, now: datetime) -> Fields:
        return detail(self._task(fields_of(biz, {"signTaskId"})))

    def _list(self, biz: str, origin: str, now: datetime) -> Fields:
        wish = fields_of(biz, {"ownerId", "ownerRole", "listFilter", "listPageNo", "listPageSize"}, {"ownerId"})
        owner(wish["ownerId"], self.rules)
        names = {"signTaskSubject", "signTaskStatus", "businessCode", "finishTimeFrom", "finishTimeTo"}
        chosen = inner(wish.get("listFilter", {}), names, set(), "listFilter")
        number, size = _count(wish.get("listPageNo", 1)), _count(wish.get("listPageSize", 100))
        if size > 100:
            raise wrong("listPageSize")
        found = [one for one in self.book.tasks.values() if chosen.get("businessCode", one.key) == one.key]
        states = chosen.get("signTaskStatus")
        if states is not None:
            found = [one for one in found if one.state in listed(states, "signTaskStatus")]
        shown = found[(number - 1) * size : number * size]
        return {"signTasks": [_row(one) for one in shown], "totalCount": len(found), "listPageNo": number}

    def _download_url(self, biz: str, origin: str, now: datetime) -> Fields:
        wish = fields_of(biz, {"ownerId", "signTaskId", "downloadMode"}, {"ownerId"})
        owner(wish["ownerId"], self.rules)
        task = self._task(wish)
        if task.state not in ("task_finished", "abolishing"):
            raise Refused("211062", "签署任务文件不存在")
        ticket = self.book.ticket()
        self.book.downloads[ticket] = task.id, now + LINK_LIFE["download"]
        return {"downloadUrl": f"{origin}/signed/{ticket}"}

    def _task(self, wish: Fields) -> Task:
        return self.book.task(wish.get("signTaskId"))


def detail(task: Task) -> Fields:
    return {
        "signTaskId": task.id,
        "signTaskSubject": task.asked["signTaskSubject"],
        "signTaskStatus": task.state,
        "businessCode": task.key,
        "transReferenceId": task.trans_reference,
        "abolishedSignTaskId": task.voided_by or None,
        "originalSignTaskId": task.voids or None,
        "terminationNote": task.note,
        "createTime": _millis(task.created),
        "finishTime": None if task.ended is None else _millis(task.ended),
        "actors": [_actor(one) for one in task.actors],
    }


def _actor(actor: Actor) -> Fields:
    """Field names of the official Node SDK 5.4.7."""
    return {
        "actorInfo": {"actorId": actor.id, "actorName": actor.name},
        "signStatus": actor.status,
        "signTime": None if actor.at is None else _millis(actor.at),
        "actorNote": actor.note,
    }


def _row(task: Task) -> Fields:
    return {
        "signTaskId": task.id,
        "signTaskSubject": task.asked["signTaskSubject"],
        "signTaskStatus": task.state,
        "transReferenceId": task.trans_reference,
    }


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise wrong("listPageNo, listPageSize")
    return value


def _millis(instant: datetime) -> str:
    return str(round(instant.timestamp() * 1000))
