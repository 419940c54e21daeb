"""The laboratory, with real processes: what it records, how versions behave in it, and what it measures."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from perforch.adapters.profiler import PROGRAM
from perforch.core.calls import Behaviour, Call, Ending, Patience, Side, Workload
from perforch.core.measurement import Sample
from perforch.core.ports import Bout
from refining import Project, bout

PATIENCE = Patience(1.0, 10.0)
SUMS = Project(
    source="""
        import math

        class Scale:
            def __init__(self, factor):
                self.factor = factor

            def total(self, values, *more, key=None):
                \"\"\"Scaled.\"\"\"
                self.last = 1
                return self.factor * sum(map(key or abs, [*values, *more]))

        def steps(n):
            print("steps", n)
            yield from range(n)
            if n > 3:
                raise ValueError(n)

        def f(values):
            values.sort()
            return values[0] / 3
    """,
    tests="""
        from m import Scale, f, steps

        def test_total():
            assert Scale(2).total([1, -2], 3) == 12
            assert Scale(2).total([1, 2], key=lambda x: x * 10) == 60

        def test_steps():
            assert list(steps(2)) == [0, 1]
            assert next(steps(5)) == 0

        def test_f():
            assert f([3, 6]) == 1
            assert f([3]) == 1
    """,
)


def about(function: str, test: str) -> Project:
    return Project(SUMS.source, SUMS.tests, function, [test])


async def old_behaviours(opened: Bout, calls: Sequence[Call]) -> Sequence[Behaviour]:
    return await opened.behaviours(Side.OLD, calls, PATIENCE)


async def test_calls_of_a_method_are_recorded_with_their_objects_and_lambdas(tmp_path: Path) -> None:
    async with bout(about("Scale.total", "test_total"), tmp_path) as opened:
        calls = opened.recording.calls
        found = await old_behaviours(opened, calls)
    assert len(calls) == 2
    assert calls[0].shown.endswith("[1, -2], 3, key=None)")
    assert [each.shown for each in found] == ["12", "60"]
    assert [each.mutates for each in found] == [True, True]  # it leaves a mark on its object


@pytest.mark.slow
async def test_a_generator_is_followed_to_its_end_with_what_it_prints_and_raises(tmp_path: Path) -> None:
    louder = 'def steps(n):\n    print("step", n)\n    yield from range(n)\n    if n > 3:\n        raise ValueError(n)'
    async with bout(about("steps", "test_steps"), tmp_path, louder) as opened:
        old = await old_behaviours(opened, opened.recording.calls)
        new = await opened.behaviours(Side.NEW, opened.recording.calls, PATIENCE)
    assert [each.ending for each in old] == [Ending.RETURNED, Ending.RAISED]
    assert [each.shown for each in old] == ["[0, 1]", "builtins.ValueError"]
    assert old[0].is_lazy
    assert [each.shape for each in old] != [each.shape for each in new]


HAZARDS = '''
def f(values):
    """Ends badly."""
    if values == [3, 6]:
        import os
        os._exit(0)
    while True:
        pass
'''


@pytest.mark.slow
async def test_a_version_that_hangs_or_ends_the_process_is_outlived(tmp_path: Path) -> None:
    async with bout(about("f", "test_f"), tmp_path, HAZARDS) as opened:
        calls = opened.recording.calls
        found = await opened.behaviours(Side.NEW, calls, Patience(0.1, 5.0))
        assert [each.ending for each in found] == [Ending.LOST, Ending.EXPIRED]
        assert [each.shown for each in await old_behaviours(opened, calls)] == ["1.0", "1.0"]
        assert await opened.sample(Side.NEW, Workload("w", calls[:1], 1)) == "the process has ended"


@pytest.mark.slow
async def test_variants_of_large_inputs_are_as_many_as_can_be_told(tmp_path: Path) -> None:
    large = Project(
        source="def f(text):\n    return len(text)",
        tests="""
            import random

            from m import f

            def test_f():
                random.seed(1)
                assert f("small") == 5
                assert f("".join(random.choices("abcdefgh", k=300_000))) == 300_000
        """,
    )
    async with bout(large, tmp_path) as opened:
        variants = await opened.varied(opened.recording.calls, 60, 1)
        assert sum(len(each.packed) for each in variants) <= 6_000_000
        assert any(len(each.packed) > 200_000 for each in variants)
        assert len(variants) >= 30


@pytest.mark.slow
async def test_inputs_are_varied_and_grown_and_never_repeated(tmp_path: Path) -> None:
    async with bout(about("f", "test_f"), tmp_path) as opened:
        calls = opened.recording.calls
        variants = await opened.varied(calls, 60, 1)
        grown = await opened.grown(calls, 1)
        again = await opened.grown(calls, 2)
    assert len({call.packed for call in (*calls, *variants)}) == len(calls) + len(variants) >= 40
    assert all(call.factor >= 64 for call in grown)
    assert len({call.packed for call in (*grown, *again)}) == 4


LOOP = Project(
    source='''
        def f(n):
            """Turns."""
            total = 0
            for k in range(n):
                total += k
            return total
    ''',
    tests="""
        from m import f

        def test_f():
            assert f(30_000) == 449985000
    """,
)


async def samples(project: Project, root: Path, code: str, repeats: int = 10) -> tuple[Sample, Sample]:
    async with bout(project, root, code) as opened:
        workload = Workload("w", opened.recording.calls, repeats, fresh=False)
        old, new = [await opened.sample(side, workload) for side in (Side.OLD, Side.NEW)]
    assert isinstance(old, Sample)
    assert isinstance(new, Sample)
    return old, new


@pytest.mark.slow
async def test_a_sample_tells_time_and_memory_of_a_fresh_process(tmp_path: Path) -> None:
    code = "def f(n):\n    hoard = bytearray(60_000_000)\n    return sum(range(n)) + len(hoard) * 0"
    old, new = await samples(LOOP, tmp_path, code)
    assert 0.0005 < old.cpu_seconds < old.process_cpu_seconds
    assert old.cpu_seconds < old.wall_seconds * 1.1
    assert old.user_seconds + old.system_seconds == pytest.approx(old.process_cpu_seconds)
    assert old.duration_seconds > old.wall_seconds
    faults = [dict(sample.counted).get("page-faults", 0) for sample in (old, new)]
    assert not any(faults) or faults[1] - faults[0] > 60_000_000 / 4096 / 20  # a kernel may refuse to count
    assert old.results == new.results
    assert new.peak_bytes - old.peak_bytes == pytest.approx(60_000_000, rel=0.2)
    assert 0 < old.mean_bytes <= old.peak_bytes * 1.1


TURNS = """
import base64, json, os, pickle, sys, time

sys.path.insert(0, sys.argv[1])
from measure_child import cpu_seconds
from measure_region import sample

used = []

def next_turn():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        [child] = map(int, file.read().split())
    time.sleep(0.005)  # the kernel adds up what a process has used when it leaves the processor
    before = cpu_seconds(child)
    time.sleep(0.01)
    used.append(cpu_seconds(child) - before)

call = base64.b64encode(pickle.dumps(([3_000_000], {}))).decode()
place = ["m", os.path.abspath("m.py"), ["f"], [os.getcwd(), *filter(None, sys.path)]]
work = {"calls": [call], "repeats": 1, "fresh": False, "batch": 1, "lazy": False, "longest": 30.0}
print(json.dumps({"used": used, "sample": sample(place, work, next_turn, 5)}))
"""


@pytest.mark.slow
def test_whoever_hands_over_its_turn_stands_still_within_a_call(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(n):\n    for k in range(n):\n        pass\n", encoding="utf-8")
    command = [sys.executable, "-c", TURNS, str(PROGRAM.parent)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    told = json.loads(done.stdout)
    assert len(told["used"]) >= 10
    # A virtual processor that its host takes away for a while cannot be told to stop, and its time counts as used.
    assert sum(seconds < 0.002 for seconds in told["used"]) >= 0.8 * len(told["used"])
    assert 0.02 < told["sample"]["cpu"] < told["sample"]["wall"] * 1.3


@pytest.mark.slow
async def test_two_versions_side_by_side_never_run_at_once(tmp_path: Path) -> None:
    async with bout(LOOP, tmp_path) as opened:
        workload = Workload("w", opened.recording.calls, 40, fresh=False)
        began = time.monotonic()
        pair = await opened.pair(workload, Side.NEW)
        elapsed = time.monotonic() - began
    old, new = pair[Side.OLD], pair[Side.NEW]
    assert isinstance(old, Sample)
    assert isinstance(new, Sample)
    assert old.results == new.results
    assert old.duration_seconds + new.duration_seconds <= elapsed
    assert 0 < old.wall_seconds < old.duration_seconds


@pytest.mark.slow
async def test_a_version_that_fails_beside_the_other_takes_nothing_from_it(tmp_path: Path) -> None:
    code = "def f(n):\n    import os\n    os._exit(0)"
    async with bout(LOOP, tmp_path, code) as opened:
        workload = Workload("w", opened.recording.calls, 10, fresh=False)
        pairs = [await opened.pair(workload, first) for first in Side]
    assert [pair[Side.NEW] for pair in pairs] == ["the process has ended"] * 2
    assert all(isinstance(pair[Side.OLD], Sample) for pair in pairs)


@pytest.mark.slow
async def test_work_that_is_done_while_it_is_the_others_turn_counts(tmp_path: Path) -> None:
    """A thread is stopped with its process; a process in a session of its own goes on, and is found at the end."""
    code = "def f(n):\n    import os\n    if not os.fork():\n        os.setsid()\n        for k in range(n * 200):\n            pass\n"
    code += "        os._exit(0)\n    return sum(range(n))"
    async with bout(LOOP, tmp_path, code) as opened:
        pair = await opened.pair(Workload("w", opened.recording.calls, 1, fresh=False), Side.OLD)
    old, new = pair[Side.OLD], pair[Side.NEW]
    assert isinstance(old, Sample)
    assert isinstance(new, Sample)
    assert new.process_cpu_seconds > old.process_cpu_seconds + 0.03


CHEATS = {
    "a clock that stands still": "def f(n):\n    import time\n    time.process_time = time.perf_counter = time.thread_time = lambda: 0.0\n"
    "    total = 0\n    for k in range(n):\n        total += k\n    return total",
    "a child that does the work": "def f(n):\n    import os\n    read, write = os.pipe()\n    child = os.fork()\n    if not child:\n"
    "        total = 0\n        for k in range(n * 20):\n            total += k\n"
    "        os.write(write, str(n * (n - 1) // 2).encode())\n        os._exit(0)\n"
    "    os.waitpid(child, 0)\n    return int(os.read(read, 99))",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", CHEATS.values(), ids=CHEATS.keys())
async def test_the_clock_cannot_be_fooled(code: str, tmp_path: Path) -> None:
    old, new = await samples(LOOP, tmp_path, code)
    assert new.cpu_seconds > 0.5 * old.cpu_seconds


@pytest.mark.slow
async def test_work_at_import_and_work_left_behind_show_in_the_whole_process(tmp_path: Path) -> None:
    loop = "\n        for k in range(2_000_000):\n            pass"
    code = f"def f(n, table=[k * (k - 1) // 2 for k in range(2_000_000)]):\n    import os\n    if not os.fork():{loop}\n        os._exit(0)\n    return table[n]"
    old, new = await samples(LOOP, tmp_path, code, repeats=1)
    assert new.import_cpu_seconds > old.import_cpu_seconds + 0.05
    assert new.process_cpu_seconds > new.cpu_seconds + new.import_cpu_seconds + 0.02


@pytest.mark.slow
async def test_a_function_that_no_test_calls_is_a_complaint(tmp_path: Path) -> None:
    project = Project("def f(n):\n    return n\n", "def test_f():\n    pass\n")
    async with bout(project, tmp_path) as opened:
        assert opened.recording.calls == ()
        assert opened.recording.complaint


@pytest.mark.slow
async def test_arguments_that_cannot_be_copied_are_counted(tmp_path: Path) -> None:
    project = Project(
        "def f(xs):\n    return sum(xs)\n", "from m import f\n\ndef test_f():\n    assert f(x for x in [1, 2]) == 3\n"
    )
    async with bout(project, tmp_path) as opened:
        assert (opened.recording.calls, opened.recording.uncopyable) == ((), 1)


@pytest.mark.slow
async def test_calls_are_recorded_with_unittest_too(tmp_path: Path) -> None:
    tests = """
        import unittest
        from m import f

        class TestF(unittest.TestCase):
            def test_f(self):
                self.assertEqual(f(3), 3)
    """
    project = Project(LOOP.source, tests, "f", ["TestF.test_f"], runner="unittest")
    async with bout(project, tmp_path) as opened:
        assert [call.shown for call in opened.recording.calls] == ["f(3)"]


@pytest.mark.slow
async def test_calls_from_a_projects_benchmarks_are_known(tmp_path: Path) -> None:
    plugin = "import pytest\n\n@pytest.fixture\ndef benchmark():\n    return lambda act, *args: act(*args)\n"
    tests = "from m import f\n\ndef test_f(benchmark):\n    assert benchmark(f, 3) == 3\n"
    project = Project(LOOP.source, tests, more={"conftest.py": plugin})
    async with bout(project, tmp_path) as opened:
        assert [(call.shown, call.is_benchmark) for call in opened.recording.calls] == [("f(3)", True)]


ASV = {
    "asv.conf.json": '{\n    // "benchmark_dir": "elsewhere",\n    "benchmark_dir": "speed/suite",\n}\n',
    "speed/suite/__init__.py": "",
    "speed/suite/common.py": "SIZE = 7\n",
    "speed/suite/broken.py": "import no_such_module\nfrom m import f\n",
    "speed/suite/endless.py": "from m import f\nwhile True:\n    pass\n",
    "speed/suite/bench_f.py": """
        from m import f

        from .common import SIZE

        def time_plain():
            f(SIZE)

        def time_each(n):
            f(n)

        time_each.params = [11, 12]

        def helper():
            f(-1)

        class Suite:
            params = {"n": [20, 21], "more": [100]}

            def setup(self, n, more):
                self.n = n + more

            def time_sum(self, n, more):
                f(self.n)

            def time_broken(self, n, more):
                raise NotImplementedError

            def mem_other(self, n, more):
                f(-2)

        class Odd:
            params = property(list)

            def time_odd(self):
                f(-3)

        class Cached:
            def setup_cache(self):
                return [30]

            def time_first(self, cache):
                f(cache[0])
    """,
}


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["pytest", "unittest"])
async def test_calls_from_a_projects_asv_suite_are_known(runner: str, tmp_path: Path) -> None:
    tests = "import unittest\nfrom m import f\n\nclass TestF(unittest.TestCase):\n"
    tests += "    def test_f(self):\n        f(7)\n        self.assertEqual(f(3), 3)\n"
    entering = ["TestF::test_f" if runner == "pytest" else "TestF.test_f"]
    async with bout(Project(LOOP.source, tests, "f", entering, runner, ASV), tmp_path) as opened:
        told = {call.shown: call.is_benchmark for call in opened.recording.calls}
    suites = {f"f({n})": True for n in (7, 11, 12, 120, 121, 30)}
    assert told == {**suites, "f(3)": False}


FILES = Project(
    source="""
        def f(path, text):
            with open(path, "w") as file:
                file.write(text)
            return len(text)
    """,
    tests="""
        from m import f

        def test_f(tmp_path):
            assert f(str(tmp_path / "x"), "abc") == 3
    """,
)


@pytest.mark.slow
async def test_what_a_call_does_outside_its_process_is_part_of_what_it_does(tmp_path: Path) -> None:
    async with bout(FILES, tmp_path, "def f(path, text):\n    return len(text)") as opened:
        calls = opened.recording.calls
        old = await old_behaviours(opened, calls)
        new = await opened.behaviours(Side.NEW, calls, PATIENCE)
    assert [each.shown for each in old] == [each.shown for each in new]
    assert [each.shape for each in old] != [each.shape for each in new]


HOT = Project(
    source="""
        def wait(n):
            return sum(range(n))

        def f(n):
            total = 0
            for k in range(3):
                total += wait(n)
            return total + max(x for x in range(9))
    """,
    tests="""
        from m import f

        def test_f():
            assert f(20_000) == 599970008
    """,
)


@pytest.mark.slow
async def test_the_line_that_takes_the_time_is_found_with_what_it_calls(tmp_path: Path) -> None:
    async with bout(HOT, tmp_path) as opened:
        workload = Workload("w", opened.recording.calls, 5)
        found = {each.line: each for each in await opened.lines(workload, range(4, 9))}
        hangs = await opened.lines(Workload("w", (Call("bm9uc2Vuc2U=", "?"),), 1), range(4, 9))
    total = sum(each.seconds for each in found.values())
    assert found[7].seconds > 0.8 * total
    assert found[7].hits == 3 * found[5].hits > 0
    assert set(found) <= set(range(4, 9))
    assert hangs == ()
