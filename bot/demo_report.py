"""The season in figures: for the terminal as pictures, for programs as JSON; the same seed gives the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from backend.console.report import Report, report
from backend.db.port import Store
from bot.demo_truth import Truth
from bot.rendering import Phrases

BAR = 36


async def figures(store: Store, operator: str, truth: Truth, seed: int) -> dict[str, Any]:
    """Everything that depends on the seed alone: no clock time, no random key."""
    rows = report(await store.funnel(operator))
    tasks = Counter(task.kind for task in await store.tasks(operator, open_only=False))
    return {
        "operator": operator,
        "seed": seed,
        "funnel": [
            {"step": one.key, "reached": one.reached, "lost": dict(sorted(one.lost.items())), "open": one.open}
            for one in rows.steps
        ],
        "reasons": rows.reasons,
        "renewed": rows.done,
        "lost": rows.lost,
        "still_open": rows.open,
        "ties_out": rows.unexplained == 0 and rows.done + rows.lost + rows.open == rows.total,
        "states": dict(sorted((await store.count_by_state(operator)).items())),
        "tasks": dict(sorted(tasks.items())),
        "truth": {**truth.counts, "violations": truth.violations},
    }


def show(console: Console, rows: Report, truth: Truth, phrases: Phrases) -> None:
    console.print(_funnel(rows, phrases))
    console.print(_reasons(rows, phrases))
    console.print(_truth(truth))


def _funnel(rows: Report, phrases: Phrases) -> Table:
    table = Table(title="续租漏斗 · Funnel", title_justify="left")
    for name in ("步骤 Step", ""):
        table.add_column(name)
    for name in ("户 Units", "%", "流失 Lost"):
        table.add_column(name, justify="right")
    for step in rows.steps:
        bar = "█" * round(BAR * step.reached / rows.total) if rows.total else ""
        name = phrases.say(step.key, "milestone")
        lost = sum(step.lost.values())
        share = f"{step.of_first or 0:.0f}"
        table.add_row(name, f"[green]{bar}[/]", str(step.reached), share, str(lost) if lost else "")
    return table


def _reasons(rows: Report, phrases: Phrases) -> Table:
    table = Table(title="流失原因 · Why they left", title_justify="left")
    table.add_column("原因 Reason")
    table.add_column("户 Units", justify="right")
    for reason, count in rows.reasons.items():
        table.add_row(phrases.say(reason, "loss"), str(count))
    table.add_section()
    table.add_row("合计 Lost", str(rows.lost))
    table.add_row("已续租 Renewed", str(rows.done))
    table.add_row("窗口内租约 Leases in the window", str(rows.total))
    return table


def _truth(truth: Truth) -> Table:
    table = Table(title="合作方所见 · What the partners saw", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    for name, count in truth.counts.items():
        value = f"¥{count / 100:,.2f}" if name.endswith("_fen") else str(count)
        table.add_row(name.removesuffix("_fen").replace("_", " "), value)
    table.add_section()
    broken = len(truth.violations)
    table.add_row("违反承诺 Broken promises", f"[green]{broken}[/]" if not broken else f"[red]{broken}[/]")
    return table
