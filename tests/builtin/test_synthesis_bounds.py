"""No piece of the synthesis takes long, whatever it is given: while one computes, nothing can be cancelled."""

import subprocess
import sys

# In a process of its own, which can be ended: some computations heed no signal.
TRIED = """
import itertools, time
from perforch.builtin.synthesis.problem import components
from perforch.builtin.synthesis.scope import FAILURES

WHOLE = [0, -1, 7, 10**15, -10**40, 10**400]
REAL = [1e308, -0.5, float("nan"), 3, 10**30]  # an int may stand where floats are expected
TEXTS = ["", "x" * 2000, "9" * 2000, "a b " * 500]
SCALARS = {"int": WHOLE, "float": REAL, "num": WHOLE + REAL, "bool": [True, False], "str": TEXTS}

def split(kinds):
    depth, part = 0, ""
    for sign in kinds:
        depth += (sign in "[({") - (sign in "])}")
        if sign in ",:" and not depth:
            yield part
            part = ""
        else:
            part += sign
    yield part

def samples(kind):
    if kind in SCALARS:
        return SCALARS[kind]
    if kind == "seq":
        return [TEXTS[1], tuple(range(2000))]
    if kind[0] == "[":
        inner = samples(kind[1:-1])
        return [(), *(tuple(itertools.islice(itertools.cycle(chosen), 2000)) for chosen in (inner, inner[-1:]))]
    if kind[0] == "(":
        return list(itertools.islice(itertools.product(*map(samples, split(kind[1:-1]))), 4))
    if kind[0] == "{":
        parts = [samples(part) for part in split(kind[1:-1])]
        return [frozenset(parts[0])] if len(parts) == 1 else [dict(zip(parts[0], itertools.cycle(parts[1])))]
    return [3, 10**40, "word"]  # a variable

count = 0
for component in components():
    for arguments in itertools.product(*map(samples, component.takes)):
        began = time.process_time()
        try:
            component.function(*arguments)
        except FAILURES:
            pass
        seconds = time.process_time() - began
        assert seconds < 0.25, (component.text, [repr(each)[:40] for each in arguments], seconds)
        count += 1
print(count)
"""


def test_every_piece_gives_up_soon() -> None:
    done = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000
