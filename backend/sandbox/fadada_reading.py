"""What a create request has to look like; unknown fields are refused, so none get invented."""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from datetime import UTC, datetime
from typing import NamedTuple

from .fadada_gate import Refused
from .fadada_records import Actor

Fields = dict[str, object]

_TASK = {
    "initiator", "signTaskSubject", "autoStart", "autoFinish", "autoFillFinalize", "signInOrder", "expiresTime",
    "businessId", "businessCode", "transReferenceId", "callbackUrl", "docs", "actors",
}  # fmt: skip
ACTOR_FIELDS = {
    "actorId", "actorType", "actorName", "permissions", "actorOpenId", "accountName", "identNameForMatch",
    "certNoForMatch", "sendNotification", "notifyType",
}  # fmt: skip
_DOC = {"docId", "docName", "docFileId", "docTemplateId", "docFields"}
_CONFIG = {"orderNo", "verifyMethods", "requestVerifyFree", "freeLogin", "blockHere"}


class Rules(NamedTuple):
    """``corp``: the only company authorised; ``grants``: scene codes of its 免验证签; ``strict``: outsiders' ID numbers
    are refused (211132); ``voiding_takes``: fields beyond the sheet's that a request to void may carry."""

    corp: str
    grants: Set[str]
    strict: bool
    voiding_takes: Set[str] = frozenset()


def fields_of(biz: str, allowed: Iterable[str], needed: Iterable[str] = ()) -> Fields:
    """Raises Refused."""
    try:
        fields = json.loads(biz)
    except ValueError:
        raise wrong("bizContent") from None
    return inner(fields, set(allowed), set(needed), "bizContent")


def inner(value: object, allowed: Set[str], needed: Set[str], name: str) -> Fields:
    """Raises Refused."""
    if not isinstance(value, dict) or set(value) - allowed:
        raise wrong(name if not isinstance(value, dict) else f"{name}: {sorted(set(value) - allowed)}")
    for one in sorted(needed - {key for key, held in value.items() if held not in ("", None)}):
        raise Refused("100012", f"{one} 不能为空")
    return value


def listed(value: object, name: str, longest: int = 50) -> list[object]:
    """Raises Refused."""
    if not isinstance(value, list) or len(value) > longest:
        raise wrong(name)
    return value


def wrong(what: str) -> Refused:
    return Refused("100011", f"请求参数非法: {what}")


def owner(value: object, rules: Rules) -> None:
    """Raises Refused."""
    fields = inner(value, {"idType", "openId"}, {"idType", "openId"}, "OpenId")
    if fields["idType"] != "corp" or fields["openId"] != rules.corp:
        raise Refused("213002", "用户未授权应用查询【签署任务创建及发起】权限", 401)


def read_task(biz: str, rules: Rules, now: datetime) -> tuple[Fields, list[Actor], datetime | None]:
    """The request, its signers and its expiry. Raises Refused."""
    asked = fields_of(biz, _TASK, {"initiator", "signTaskSubject"})
    owner(asked["initiator"], rules)
    _short(asked, "signTaskSubject", 200)
    _short(asked, "transReferenceId", 128)
    for flag in ("autoStart", "autoFinish", "autoFillFinalize", "signInOrder"):
        if type(asked.get(flag, False)) is not bool:
            raise wrong(flag)
    docs = [_doc(one) for one in listed(asked.get("docs", []), "docs")]
    actors = [_actor(one, asked, rules) for one in listed(asked.get("actors", []), "actors")]
    if len({one.id for one in actors}) != len(actors):
        raise Refused("211050", "参与方标识不允许重复")
    if asked.get("autoStart"):
        _startable(docs, actors)
    return asked, actors, _expiry(asked.get("expiresTime"), now)


def _startable(docs: list[Fields], actors: list[Actor]) -> None:
    if not docs:
        raise Refused("211145", "自动提交时文档不能为空")
    if not actors:
        raise Refused("211146", "自动提交时参与方不能为空")


def _doc(value: object) -> Fields:
    doc = inner(value, _DOC, {"docId", "docName"}, "docs")
    _short(doc, "docId", 64)
    if not doc.get("docFileId"):
        raise Refused("211099", "文档fileId与文档模板ID不能同时为空")
    return doc


def _actor(value: object, asked: Fields, rules: Rules) -> Actor:
    entry = inner(value, {"actor", "fillFields", "signFields", "signConfigInfo"}, {"actor"}, "actors")
    actor = inner(entry["actor"], ACTOR_FIELDS, {"actorId", "actorType", "actorName", "permissions"}, "actor")
    _short(actor, "actorId", 32)
    if actor["actorType"] not in ("corp", "person") or actor["permissions"] != ["sign"]:
        raise wrong("actorType, permissions")
    if rules.strict and actor.get("certNoForMatch") and not actor.get("actorOpenId"):
        raise Refused("211132", "签署任务应用外的个人参与方不能指定相对方个人隐私相关的身份匹配信息")
    config = inner(entry.get("signConfigInfo", {}), _CONFIG, set(), "signConfigInfo")
    free = bool(config.get("requestVerifyFree")) and _free(actor, entry, asked, rules)
    return Actor(str(actor["actorId"]), str(actor["actorName"]), str(actor.get("accountName", "")), free)


def _free(actor: Fields, entry: Fields, asked: Fields, rules: Rules) -> bool:
    """Whether the seal is set without a hand; without the grant it silently becomes a manual one. Raises Refused."""
    if actor["actorType"] != "corp":
        raise Refused("211026", "个人签署方不允许免验证签")
    if not asked.get("businessId"):
        raise Refused("211118", "未指定业务场景标识，无法请求免验证签")
    if not entry.get("signFields"):
        raise Refused("211112", "免验证签必须指定签章控件")
    return asked["businessId"] in rules.grants and actor.get("actorOpenId") == rules.corp


def _short(fields: Fields, name: str, longest: int) -> None:
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise wrong(name)


def _expiry(value: object, now: datetime) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isdecimal():
        raise wrong("expiresTime")
    expires = datetime.fromtimestamp(int(value) / 1000, UTC)
    if expires <= now:
        raise wrong("expiresTime")
    return expires
