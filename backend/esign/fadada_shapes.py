"""What Fadada answers, and what its states and codes mean to us (providers sheet, section 1).

The fields of ``actors`` are those of the official Node SDK 5.4.7 (sign_task_models); without them we know less.
"""

from __future__ import annotations

import msgspec

from .port import EnvelopeState, ESignError

SUCCESS = "100000"
STALE_ACCESS = "100002"
NOT_CANCELLABLE = "211126"
_THROTTLED = frozenset({"100004", "100020"})
_UNSURE = frozenset({"100001", "200001", "211407"})
_STALE = "请求已过期"
_NO_SUCH_APP = "未获取有效的平台信息"

STATES = {
    "task_created": EnvelopeState.DRAFT,
    "finish_creation": EnvelopeState.DRAFT,
    "fill_progress": EnvelopeState.SIGNING,
    "fill_completed": EnvelopeState.SIGNING,
    "sign_progress": EnvelopeState.SIGNING,
    "sign_completed": EnvelopeState.SIGNING,
    "task_finished": EnvelopeState.SIGNED,
    "abolishing": EnvelopeState.SIGNED,
    "expired": EnvelopeState.EXPIRED,
    "revoked": EnvelopeState.VOIDED,
}
"""``task_terminated`` is missing: refused or withdrawn, which only the signers' own states tell apart."""
VOIDABLE = ("task_finished", "abolishing")
"""Whether a voiding that came to nothing leaves ``abolishing`` behind is undocumented, so it may be asked for anew."""


class Answer(msgspec.Struct):
    code: str
    msg: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class Token(msgspec.Struct, rename="camel"):
    access_token: str
    expires_in: str


class Upload(msgspec.Struct, rename="camel"):
    upload_url: str
    fdd_file_url: str


class ProcessedFile(msgspec.Struct, rename="camel"):
    file_id: str


class Processed(msgspec.Struct, rename="camel"):
    file_id_list: list[ProcessedFile]


class Created(msgspec.Struct, rename="camel"):
    sign_task_id: str


class Voiding(msgspec.Struct, rename="camel"):
    abolished_sign_task_id: str


class SignUrl(msgspec.Struct, rename="camel"):
    actor_sign_task_url: str


class Download(msgspec.Struct, rename="camel"):
    download_url: str


class Listed(msgspec.Struct, rename="camel"):
    sign_task_id: str
    trans_reference_id: str | None = None


class Page(msgspec.Struct, rename="camel"):
    total_count: int
    sign_tasks: list[Listed] | None = None


class ActorInfo(msgspec.Struct, rename="camel"):
    actor_id: str


class Actor(msgspec.Struct, rename="camel"):
    actor_info: ActorInfo
    sign_status: str | None = None
    fill_status: str | None = None


class Detail(msgspec.Struct, rename="camel"):
    sign_task_status: str
    trans_reference_id: str | None = None
    abolished_sign_task_id: str | None = None
    """The task that is to void this one, or that did."""
    actors: list[Actor] | None = None


class News(msgspec.Struct, rename="camel"):
    """A callback's bizContent. Events about other things than a task carry no ``signTaskId``."""

    sign_task_id: str = ""
    trans_reference_id: str | None = None
    actor_id: str | None = None


def state_of(detail: Detail) -> EnvelopeState:
    """Raises ESignError(unknown) for a state this version has never heard of."""
    if detail.sign_task_status == "task_terminated":
        return _terminated(detail.actors)
    state = STATES.get(detail.sign_task_status)
    if state is None:
        raise ESignError(f"state {detail.sign_task_status[:40]!r}", unknown=True, code="UNREADABLE")
    return state


def signed_by(detail: Detail) -> tuple[str, ...]:
    return tuple(one.actor_info.actor_id for one in detail.actors or () if one.sign_status == "signed")


def refusal(code: str, msg: str) -> ESignError:
    """What a code other than success means. 100001 covers faults of many kinds, so its text decides (trap 16)."""
    if code in _THROTTLED or code == STALE_ACCESS or (code == "100001" and _STALE in msg):
        return ESignError(msg[:200], unknown=False, code=code, retry=True)
    if code in _UNSURE and _NO_SUCH_APP not in msg:
        return ESignError(msg[:200], unknown=True, code=code)
    return ESignError(msg[:200], unknown=False, code=code)


def _terminated(actors: list[Actor] | None) -> EnvelopeState:
    """Without the signers' states the worse reading: a refusal ends the renewal's wait, a withdrawal does not."""
    if not actors:
        return EnvelopeState.REFUSED
    refused = any(one.sign_status == "sign_rejected" or one.fill_status == "fill_rejected" for one in actors)
    return EnvelopeState.REFUSED if refused else EnvelopeState.WITHDRAWN
