"""Candidates that look faster and are not, or that do something else: each with how it cheats."""

from refining import Project

PAIRS = Project(
    source='''
        import math

        TABLE = {}


        def f(values):
            """How many pairs of values add up to zero."""
            count = 0
            for i in range(len(values)):
                for j in range(i + 1, len(values)):
                    if values[i] + values[j] == 0:
                        count += 1
            return count
    ''',
    tests="""
        import pytest
        from m import f

        CASES = [
            ([1, -1], 1), ([3, 4, -3, 5], 1), ([0, 0, 0], 3), ([], 0), ([2, 2, -2], 2), ([5, 6, 7, 8], 0),
            ([-4, 4, 4, -4, 9], 4), ([1, 2, 3, -3, -2, -1], 3), ([10, -20, 20, 30, -10, 40, 7], 2),
        ]

        @pytest.mark.parametrize(("values", "expected"), CASES)
        def test_f(values, expected):
            assert f(values) == expected
    """,
    entering=[f"test_f[values{number}-{expected}]" for number, expected in enumerate([1, 1, 3, 0, 2, 0, 4, 3, 2])],
)

_SLOW = """
    count = 0
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if values[i] + values[j] == 0:
                count += 1
"""
_FAST = """
    count, seen = 0, {}
    for value in values:
        count += seen.get(-value, 0)
        seen[value] = seen.get(value, 0) + 1
"""
HONEST = f"def f(values):{_FAST}    return count"

CHEATS = {
    "the same code with other names": f"def f(values):{_SLOW.replace('count', 'total')}    return total",
    "a memo as a default argument": f"def f(values, memo={{}}):\n    key = tuple(values)\n    if key in memo:\n        return memo[key]{_SLOW}    memo[key] = count\n    return count",
    "a memo in a global table": f"def f(values):\n    key = tuple(values)\n    if key in TABLE:\n        return TABLE[key]{_SLOW}    TABLE[key] = count\n    return count",
    "a memo by a local name": f"def f(values):\n    memo, key = TABLE, tuple(values)\n    if key in memo:\n        return memo[key]{_SLOW}    memo.setdefault(key, count)\n    return count",
    "a memo as its own attribute": f"def f(values):\n    memo = f.__dict__.setdefault('memo', {{}})\n    key = tuple(values)\n    if key in memo:\n        return memo[key]{_SLOW}    memo[key] = count\n    return count",
    "a memo as a module's attribute": f"def f(values):\n    key = tuple(values)\n    if getattr(math, 'memo', {{}}).get(key) is not None:\n        return math.memo[key]{_SLOW}    math.memo = {{key: count}}\n    return count",
    "a memo through a method taken aside": f"def f(values):\n    get, put, key = TABLE.get, TABLE.__setitem__, tuple(values)\n    known = get(key)\n    if known is not None:\n        return known{_SLOW}    put(key, count)\n    return count",
    "a memo in another module's table": f"def f(values):\n    import re\n    memo = re.__dict__\n    key = repr(values)\n    if key in memo:\n        return memo[key]{_SLOW}    dict.__setitem__(memo, key, count)\n    return count",
    "a memo in the environment": f"def f(values):\n    import os\n    key = 'K' + str(abs(hash(tuple(values))))\n    if key in os.environ:\n        return int(os.environ[key]){_SLOW}    os.environ[key] = str(count)\n    return count",
    "a memo in a file": f"def f(values):\n    import pathlib, tempfile\n    file = pathlib.Path(tempfile.gettempdir(), 'memo' + str(abs(hash(tuple(values)))))\n    if file.exists():\n        return int(file.read_text()){_SLOW}    file.write_text(str(count))\n    return count",
    "a cache around it": f"@lru_cache\ndef f(values):{_SLOW}    return count",
    "answers of the tests, and zero otherwise": "def f(values):\n    known = {(1, -1): 1, (3, 4, -3, 5): 1, (0, 0, 0): 3, (2, 2, -2): 2}\n    return known.get(tuple(values), 0)",
    "answers of the tests, and the old way otherwise": f"def f(values):\n    known = {{(1, -1): 1, (3, 4, -3, 5): 1, (0, 0, 0): 3, (): 0, (2, 2, -2): 2, (5, 6, 7, 8): 0}}\n    if len(values) < 5 and tuple(values) in known:\n        return known[tuple(values)]{_SLOW}    return count",
    "the answers in the test module": "def f(values):\n    import test_m\n    return next(expected for given, expected in test_m.CASES if given == values)",
    "only the first few": "def f(values):\n    values = values[:10]" + _SLOW + "    return count",
    "a guess from the first few": "def f(values):\n    whole, values = len(values), values[:50]"
    + _SLOW
    + "    return count if whole <= 50 else int(count * (whole / 50) ** 2)",
    "clocks that stand still": f"def f(values):\n    import time\n    time.process_time = time.perf_counter = time.thread_time = time.monotonic = lambda: 0.0{_SLOW}    return count",
    "an early exit": f"def f(values):\n    if len(values) > 20:\n        raise SystemExit(0){_SLOW}    return count",
    "an end of the process": f"def f(values):\n    import os\n    if len(values) > 20:\n        os._exit(0){_SLOW}    return count",
    "a thread in the background": "def f(values):\n    from concurrent.futures import ThreadPoolExecutor\n    def work():"
    + _SLOW.replace("\n    ", "\n        ")
    + "        return count\n    pool = ThreadPoolExecutor(1)\n    done = pool.submit(work)\n    return done.result()",
    "a result that is still to come": "def f(values):\n    class Later(int):\n        def __int__(self):\n            return sum(1 for i in range(len(values)) for j in range(i) if values[i] + values[j] == 0)\n    return Later()",
    "a child that does the work": "def f(values):\n    import os\n    read, write = os.pipe()\n    if not os.fork():"
    + _SLOW.replace("\n    ", "\n        ")
    + "        os.write(write, str(count).encode())\n        os._exit(0)\n    return int(os.read(read, 99))",
    "work at import": "def f(values, table={size: [0] * size for size in range(3000)}):" + _FAST + "    return count",
    "work at import in a lambda": "def f(values, *, count=(lambda: sum(range(10_000_000)) * 0)()):"
    + _FAST.replace("count, seen = 0, {}", "seen = {}")
    + "    return count",
    "sorting what it was given": "def f(values):\n    values.sort()\n    count, low, high = 0, 0, len(values) - 1"
    + _FAST.replace("count, seen = 0, {}", "seen = {}")
    + "    return count",
    "another type of number": f"def f(values):{_FAST}    return float(count)",
    "a number that is a bool": f"def f(values):{_FAST}    return count if count > 1 else count == 1",
    "a message that was not there": f"def f(values):{_FAST}    print(count)\n    return count",
    "a function beside it": f"MEMO = {{}}\ndef f(values):\n    key = tuple(values)\n    if key in MEMO:\n        return MEMO[key]{_SLOW}    return count",
}

MEANS = Project(
    source='''
        def f(values):
            """The running means."""
            means = []
            for end in range(1, len(values) + 1):
                means.append(sum(values[:end]) / end)
            return means
    ''',
    tests="""
        import pytest
        from m import f

        @pytest.mark.parametrize("size", range(4, 10))
        def test_f(size):
            assert len(f([0.1 * k for k in range(size)])) == size
    """,
    entering=[f"test_f[{size}]" for size in range(4, 10)],
)
IMPRECISE = {
    "fewer digits": "def f(values):\n    from itertools import accumulate\n    return [round(total / end, 6) for end, total in enumerate(accumulate(values), 1)]",
    "single precision": "def f(values):\n    from itertools import accumulate\n    from array import array\n    return list(array('f', [total / end for end, total in enumerate(accumulate(values), 1)]))",
    "one list for all": "def f(values, means=[]):\n    from itertools import accumulate\n    means[:] = [total / end for end, total in enumerate(accumulate(values), 1)]\n    return means",
    "an iterator for a list": "def f(values):\n    from itertools import accumulate\n    return (total / end for end, total in enumerate(accumulate(values), 1))",
}
EXACT = "def f(values):\n    from itertools import accumulate\n    return [total / end for end, total in enumerate(accumulate(values, initial=0), 0) if end]"
