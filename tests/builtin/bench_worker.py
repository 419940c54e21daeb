"""The simplest evaluator: executes a small module with a changed function, and its tests, in one process.

Reads JSON lines on stdin, answers with JSON lines on stdout. The first line is the module: `before`, `after` (the text
around the function), `tests` (name and code), `function`, `start`.
"""

import copy
import itertools
import json
import os
import random
import resource
import signal
import sys
import time

FAST, SLOW, FIRST = 0.012, 1.0, 0.3


class TooSlow(BaseException):
    pass


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    module = Module(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        request = json.loads(line)
        for answer in getattr(module, request["do"])(**request.get("with", {})):
            answers.write(json.dumps({"to": request["number"], "answer": answer}) + "\n")
            answers.flush()


class Module:
    def __init__(self, given):
        self.given = given
        self.tests = {name: compile(code, f"<test {name}>", "exec") for name, code in given["tests"]}
        self.seen = set()
        self.limit = FAST
        self.order = list(self.tests)
        self.failing, self.passing, self.ends = [], [], {}
        signal.signal(signal.SIGPROF, self.ring)
        self.armed = False

    def ring(self, *_):
        if self.armed:
            raise TooSlow

    def run(self, name, space, limit):
        """None: passed. Otherwise the line of the test at which it ended, or "slow"."""
        sys.setrecursionlimit(400)
        try:
            signal.setitimer(signal.ITIMER_PROF, limit, 0.05)
            self.armed = True
            exec(self.tests[name], space)
            self.armed = False
            return None
        except TooSlow:
            return "slow"
        except BaseException as error:
            self.armed = False
            lines = [line for line in tb_lines(error.__traceback__, f"<test {name}>")]
            return lines[-1] if lines else 0
        finally:
            self.armed = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            sys.setrecursionlimit(3000)

    def load(self, code):
        program = compile(self.given["before"] + code + self.given["after"], "<module>", "exec")
        return program

    def fresh(self, program):
        space = {"__name__": "module"}
        exec(program, space)
        return space

    def profile(self):
        first = self.given["before"].count("\n")
        program = self.load(self.given["start"])
        lines, seconds, types = {}, {}, {}
        for name in self.tests:
            hit = set()
            sys.settrace(tracer(hit, types))
            end = self.run(name, self.fresh(program), FIRST)
            sys.settrace(None)
            begun = time.perf_counter()
            again = self.run(name, self.fresh(program), FIRST)
            seconds[name] = time.perf_counter() - begun
            lines[name] = sorted(line - first for line in hit)
            (self.passing if end is None and again is None else self.failing).append(name)
            self.ends[name] = again if isinstance(again, int) else 0
        slowest = max((seconds[name] for name in self.passing), default=0.0)
        self.limit = max(FAST, 10 * slowest)
        self.seen.add(key(program))
        types = {name: sorted(kinds) for name, kinds in types.items()}
        yield {"failing": self.failing, "passing": self.passing, "seconds": seconds, "lines": lines, "types": types}

    def tries(self, codes, slow):
        for code in codes:
            yield self.one(code, max(SLOW, 4 * self.limit) if slow else self.limit, again=slow)

    def one(self, code, limit, again):
        try:
            program = self.load(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return {"ran": False}
        if not again and key(program) in self.seen:
            return {"ran": False}
        self.seen.add(key(program))
        passed, reached = 0, 0
        for name in self.failing:
            try:
                end = self.run(name, self.fresh(program), limit)
            except BaseException:
                return {"ran": False}
            if end == "slow":
                return {"ran": True, "timed_out": True, "passed": passed}
            passed += end is None
            reached += max(0, end - self.ends[name]) if isinstance(end, int) else 0
        broken = False
        if passed:
            for name in self.passing:
                end = self.run(name, self.fresh(program), limit)
                if end == "slow":
                    return {"ran": True, "timed_out": True, "passed": passed}
                if end is not None:
                    broken = True
                    self.passing.remove(name)
                    self.passing.insert(0, name)
                    break
        return {"ran": True, "passed": passed, "broken": broken, "reached": reached}

    def observe(self, codes):
        inputs = self.inputs(codes[0])
        behaviours = [self.behaviour(code, inputs) for code in codes]
        yield {
            "inputs": [f"{self.given['function']}({', '.join(map(repr, i))})" for i in inputs],
            "behaviours": behaviours,
        }

    def behaviour(self, code, inputs):
        space = self.fresh(self.load(code))
        return [self.digest(space, arguments) for arguments in inputs]

    def digest(self, space, arguments):
        mine = copy.deepcopy(arguments)
        space["__mine__"] = mine
        self.tests["__call__"] = compile(
            f"__result__ = {self.given['function']}(*__mine__)\n"
            "__result__ = list(__result__) if hasattr(__result__, '__next__') else __result__",
            "<test __call__>",
            "exec",
        )
        end = self.run("__call__", space, 0.05)
        del self.tests["__call__"]
        return f"{space.get('__result__')!r} {mine!r}"[:500] if end is None else "fails"

    def inputs(self, code):
        recorded = []
        program = self.load(code)  # the start would end a test before it has used all of its inputs
        for name in self.tests:
            space = self.fresh(program)
            inner = space.get(self.given["function"])
            if not callable(inner):
                return []

            def spy(*arguments, _inner=inner, **named):
                if len(recorded) < 60 and not named:
                    recorded.append(copy.deepcopy(arguments))
                return _inner(*arguments)

            space[self.given["function"]] = spy
            self.run(name, space, 0.2)
        rng = random.Random(1)
        fuzzed = [tuple(fuzz(rng, part) for part in arguments) for arguments in recorded for _ in range(3)]
        return [*recorded, *fuzzed][:200]


def fuzz(rng, value):
    match value:
        case bool():
            return rng.random() < 0.5
        case int():
            return max(0, value + rng.randint(-3, 3)) if value >= 0 else value + rng.randint(-3, 3)
        case float():
            return value + rng.choice((-1.0, 0.5, 1.0, 0.0))
        case str() if value:
            at = rng.randrange(len(value))
            return rng.choice((value[:at] + value[at + 1 :], value[:at] + value[at] + value[at:], value[::-1], value))
        case list():
            parts = [fuzz(rng, part) for part in value if rng.random() < 0.9]
            return parts + [copy.deepcopy(rng.choice(value))] if value and rng.random() < 0.3 else parts
        case tuple():
            return tuple(fuzz(rng, part) for part in value)
        case _:
            return copy.deepcopy(value)


def tb_lines(traceback, file):
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == file:
            yield traceback.tb_lineno
        traceback = traceback.tb_next


def tracer(hit, types):
    counter = itertools.count()

    def trace(frame, event, _):
        if frame.f_code.co_filename != "<module>":
            return None
        if event == "line":
            hit.add(frame.f_lineno)
        number = next(counter)
        if number > 30000:
            raise TooSlow
        if number < 400 or number % 397 == 0:
            for name, value in frame.f_locals.items():
                if frame.f_code.co_name != "<module>" and not name.startswith("."):
                    types.setdefault(name, set()).add(type(value).__name__)
        return trace

    return trace


def key(code):
    inner = tuple(
        key(part) if hasattr(part, "co_code") else (type(part).__name__, repr(part)) for part in code.co_consts
    )
    return hash((code.co_code, code.co_names, code.co_varnames, inner, code.co_exceptiontable))


if __name__ == "__main__":
    main()
