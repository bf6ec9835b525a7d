"""What a request to void a finished task has to look like; the fields the sheet lacks pass only where allowed."""

from __future__ import annotations

from typing import NamedTuple

from .fadada_gate import Refused
from .fadada_reading import ACTOR_FIELDS, Fields, Rules, fields_of, inner, listed, wrong
from .fadada_records import Actor, Task

_KNOWN = {"signTaskId", "abolishedInitiator", "docSource", "reason", "autoStart", "actors"}


class Voiding(NamedTuple):
    """The second task: what was asked for, who has to sign it, and the agreement the platform writes by itself."""

    asked: Fields
    actors: list[Actor]
    document: bytes


def voiding_fields(biz: str, rules: Rules) -> Fields:
    """Raises Refused. Of the two sources of a document only the platform's own is emulated."""
    wish = fields_of(biz, _KNOWN | rules.voiding_takes, {"signTaskId", "abolishedInitiator"})
    if wish.get("docSource", "platform") != "platform":
        raise wrong("docSource")
    if not wish.get("reason"):
        raise Refused("100012", "reason 不能为空")
    if not isinstance(wish["reason"], str) or len(wish["reason"]) > 200:
        raise wrong("reason")
    if type(wish.get("autoStart", False)) is not bool:
        raise wrong("autoStart")
    return wish


def voiding_of(original: Task, wish: Fields, rules: Rules) -> Voiding:
    """Signed by everybody who signed the original, whomever the request names. Raises Refused."""
    _initiator(original, wish["abolishedInitiator"], rules)
    for one in listed(wish.get("actors", []), "actors"):
        _original_signer(original, one)
    by_itself = bool(wish.get("followOriginalConfig")) and wish.get("businessId") in rules.grants
    actors = [Actor(one.id, one.name, one.phone, by_itself and one.verify_free) for one in original.actors]
    subject = f"{original.asked['signTaskSubject']}-解除协议"
    agreement = f"解除协议 {original.id}: {wish['reason']}".encode()
    return Voiding({**wish, "signTaskSubject": subject}, actors, agreement)


def _initiator(original: Task, value: object, rules: Rules) -> None:
    """The original's initiator or one of its signers; of both the former counts."""
    asked = inner(value, {"initiatorId", "actorId"}, set(), "abolishedInitiator")
    initiator, actor = asked.get("initiatorId"), asked.get("actorId")
    if not initiator and not actor:
        raise Refused("100012", "abolishedInitiator 不能为空")
    if initiator and initiator != rules.corp:
        raise wrong("abolishedInitiator")
    if not initiator:
        original.actor(str(actor))


def _original_signer(original: Task, value: object) -> None:
    entry = inner(value, {"actor", "signFields", "signConfigInfo"}, {"actor"}, "actors")
    original.actor(str(inner(entry["actor"], ACTOR_FIELDS, {"actorId"}, "actor")["actorId"]))
