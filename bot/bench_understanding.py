"""Part five: what understanding costs in a process of its own, as shares of what it may cost."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from bot.bench_figures import Aim, Plan, Verdict, judge
from bot.bench_servers import BenchFailed

SECONDS, P99, MEGABYTES = 1.0, 0.003, 120.0
"""What starting, one message and the process's growth may cost."""
STARTS = Aim("understanding: start, as a share of one second", 1.0, at_least=False)
MESSAGES = Aim("understanding: a message's p99, as a share of 3 ms", 1.0, at_least=False)
WALLS = Aim("understanding: hostile messages' p99, as a share of 3 ms", 1.0, at_least=False)
GROWS = Aim("understanding: memory, as a share of 120 MB", 1.0, at_least=False)
PLAIN = (
    "选2", "第三个吧谢谢", "好的", "太贵了能不能便宜点", "老公说选三但我想再看看", "下周三晚上再联系我", "押金怎么退",
    "链接打不开", "空调坏了什么时候来修", "我们买房了不续了", "叫管家给我打电话", "TD", "你好在吗", "🙏",
    "那个你好我这边看完了就定第一个吧麻烦你帮我登记一下谢谢",
    "我跟我室友商量了一下她可能要回老家所以我想问下能不能改成我一个人租然后租金能不能按三千一算行的话我今天就签",
)  # fmt: skip
HOSTILE = (
    "选二" * 5000, "好" * 10_000, "\u202e\u200f" * 5000 + "2", "😀" * 10_000, "1不要" * 3000, "(((((" * 2000,
    "9" * 10_000, "\x00" * 10_000, "下周三" * 3000, "不是不想" * 2500, "Ⅲ" * 10_000, "續" * 10_000,
)  # fmt: skip


class Cost(NamedTuple):
    """Seconds and megabytes of one fresh process."""

    start: float
    grown: float
    p50: float
    p99: float
    hostile_p99: float


def measure_understanding(plan: Plan) -> tuple[list[str], list[Verdict]]:
    """Lines to print and what they come to. Raises BenchFailed."""
    costs = [_in_a_process(plan.messages) for _ in range(plan.rounds)]
    lines = [
        f"  start {one.start * 1e3:5.0f} ms   {one.grown:5.1f} MB   p50 {one.p50 * 1e3:.2f} ms"
        f"   p99 {one.p99 * 1e3:.2f} ms   hostile p99 {one.hostile_p99 * 1e3:.2f} ms"
        for one in costs
    ]
    ones = [1.0] * len(costs)
    return lines, [
        judge(STARTS, [one.start / SECONDS for one in costs], ones),
        judge(MESSAGES, [one.p99 / P99 for one in costs], ones),
        judge(WALLS, [one.hostile_p99 / P99 for one in costs], ones),
        judge(GROWS, [one.grown / MEGABYTES for one in costs], ones),
    ]


def _in_a_process(messages: int) -> Cost:
    command = [sys.executable, "-m", "bot.bench_understanding", str(messages)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 our own module
    if ran.returncode:
        raise BenchFailed(f"understanding could not be measured: {ran.stderr[-300:]}")
    return Cost(*json.loads(ran.stdout))


def cost(messages: int) -> Cost:
    """Measures this very process, which must not have understood anything before."""
    before, started = _megabytes(), time.perf_counter()
    from bot.understanding import GUIDE
    from dialogs.understanding.port import Context
    from dialogs.understanding.recognise import understand

    understand("选2", Context.OFFERED, GUIDE)
    start = time.perf_counter() - started
    contexts = list(Context)

    def seconds(text: str, number: int) -> float:
        began = time.perf_counter()
        understand(text, contexts[number % len(contexts)], GUIDE)
        return time.perf_counter() - began

    plain = sorted(seconds(PLAIN[number % len(PLAIN)], number) for number in range(messages))
    hostile = sorted(seconds(HOSTILE[number % len(HOSTILE)], number) for number in range(messages // 4 + 12))
    return Cost(start, _megabytes() - before, _at(plain, 0.5), _at(plain, 0.99), _at(hostile, 0.99))


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _megabytes() -> float:
    """Resident now. The highest ever (``ru_maxrss``) is inherited from whoever started us."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    print(msgspec.json.encode(cost(int(sys.argv[1]))).decode())
