"""The table as a Mermaid picture: one arrow for each way from one state to another, drawn from the rows themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .arrows import Arrow, spread
from .states import FINAL, State
from .table import TABLE

NAMES: dict[State, str] = {
    State.OPENED: "窗口开启",
    State.HAND_PRICING: "人工报价",
    State.REMINDED: "已提醒",
    State.OFFERED: "已看方案",
    State.HESITATING: "考虑中",
    State.NEGOTIATING: "议价审批",
    State.CONFIRMING: "待确认",
    State.CHECKING: "核对应收",
    State.GATED: "先付清",
    State.DISPUTED: "账单争议",
    State.MONEY_TROUBLE: "资金困难",
    State.AWAITING_SIGNATURE: "待签署",
    State.BILLING: "生成账单",
    State.PAYING: "待付款",
    State.EXTENDING: "门锁延期",
    State.UNREACHABLE: "联系不上",
    State.ON_HOLD: "人工暂停",
    State.MOVING_OUT: "不续待搬",
    State.LAPSED: "到期未定",
    State.HOLDOVER: "不定期",
    State.RENEWED: "已续租",
    State.MOVED_OUT: "已搬离",
}
EVENTS_SHOWN = 3
"""An arrow with more reasons says how many; the table has them all."""


def mermaid(lit: State | None) -> str:
    """A ``stateDiagram-v2`` with Chinese names; ``lit`` is filled, final states are framed."""
    return "\n".join(_lines(lit)) + "\n"


def _lines(lit: State | None) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    direction TB"
    for state in State:
        yield f'    state "{NAMES[state]} {state}" as {state}'
    yield f"    [*] --> {State.OPENED}"
    for (source, target), events in _ways().items():
        yield f"    {source} --> {target} : {_reasons(events)}"
    for state in State:
        if state in FINAL:
            yield f"    {state} --> [*]"
    yield "    classDef lit fill:#1a73c8,color:#fff"
    if lit is not None:
        yield f"    class {lit} lit"


def _ways() -> dict[tuple[State, State], list[str]]:
    """By (source, target), the events that lead there, in the table's order."""
    ways: dict[tuple[State, State], list[str]] = defaultdict(list)
    for arrow in spread(TABLE):
        if arrow.goes_to is not arrow.source and _name(arrow) not in ways[arrow.source, arrow.goes_to]:
            ways[arrow.source, arrow.goes_to].append(_name(arrow))
    return {way: events for way, events in ways.items() if events}


def _name(arrow: Arrow) -> str:
    return arrow.event.__name__


def _reasons(events: list[str]) -> str:
    shown = ", ".join(events[:EVENTS_SHOWN])
    return shown if len(events) <= EVENTS_SHOWN else f"{shown} +{len(events) - EVENTS_SHOWN}"
