"""What a model's attempt costs beside its judgement: prompt, call through the warm gateway, and reading the answer.

    python benchmarks/attempt_cost.py [--rounds N]

A server on the loopback answers at once with the right repair of the demo's bug. The bar: at most 1.15 times what
judging that repair takes alone. Both are measured in turn.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath

from perforch.app import PerfOrch, opened
from perforch.config import ModelOptions, Settings
from perforch.core.events import Event
from perforch.core.ports import Model, Question
from perforch.core.task import Request, Stage, Task, Workspace
from perforch.core.verdict import Passed

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from model_server import ModelServer, Says, serving

BAR = 1.15
DEMO = Path(__file__).resolve().parent.parent / "examples" / "demo"
REPAIR = ("quantity > threshold", "quantity >= threshold")
MODEL = "instant"


class Silent:
    """Nobody watches."""

    def on(self, event: Event) -> None:
        """Not shown."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="perforch-bench-") as home, serving(Says("")) as server:
        asking, judging = asyncio.run(measured(server, settings(server, Path(home)), rounds))
    ratio = (asking + judging) / judging
    print(f"asking {asking * 1000:.0f} ms, judging {judging * 1000:.0f} ms (medians of {rounds}): ratio {ratio:.3f}")
    return int(ratio > BAR)


async def measured(server: ModelServer, chosen: Settings, rounds: int) -> tuple[float, float]:
    """Median seconds of an answer and of its judgement."""
    async with opened(chosen, dict(os.environ), Silent()) as perforch:
        request = Request(Workspace(DEMO), Stage.FIX, PurePosixPath("till/discounts.py"))
        examined = await perforch.judge.examine(request)
        assert isinstance(examined, tuple), examined
        task = examined[0]
        server.script(Says(f"```python\n{task.target.source.replace(*REPAIR)}\n```"))
        (model,) = perforch.models.ranked(task, Stage.FIX)
        await once(perforch, model, task)  # starts the gateway
        times = [await once(perforch, model, task) for _ in range(rounds)]
    asking, judging = (statistics.median(each) for each in zip(*times, strict=True))
    return asking, judging


def settings(server: ModelServer, home: Path) -> Settings:
    """The one model, free of charge, and everything that is kept in a folder of its own."""
    options = {MODEL: ModelOptions(model=f"openai/{MODEL}", base_url=server.url)}
    folders = {"data_folder": home / "data", "cache_folder": home / "cache"}
    return Settings(use=(MODEL,), options=options, interpreter=sys.executable, **folders)


async def once(perforch: PerfOrch, model: Model, task: Task) -> tuple[float, float]:
    began = time.perf_counter()
    answer = await model.answer(Question(task, Stage.FIX, task.target.source, task.tests.failing))
    assert isinstance(answer, tuple), answer
    answered = time.perf_counter()
    verdict = await perforch.judge.judge(task, answer[0])
    assert isinstance(verdict, Passed), verdict
    return answered - began, time.perf_counter() - answered


if __name__ == "__main__":
    sys.exit(main())
