"""The slow way, for what cannot be swapped: every candidate has its modules imported anew, in a process of its own."""

import contextlib
import importlib.machinery
import json
import os
import time

from evaluate_clock import FAILED
from evaluate_collect import Bench, collect
from evaluate_nursery import die_with_parent, serve
from evaluate_shared import BROKEN, NOT_RUN, RAN, UNFIT, Result
from evaluate_source import code_key
from evaluate_worker import Worker, run

MEMORY_BYTES = 2 << 30  # the project itself has still to be loaded
COLLECT_SECONDS = 20.0  # for the import of the tests, which a candidate may also bring into a loop
CRASHED = Result(RAN | BROKEN, 0, 0)


class Missing:
    """A test that is not there, because its module cannot be imported."""

    file = None
    last_line = 0

    def __call__(self):
        raise LookupError("this test was not collected")


class Together:
    """All tests of a module as one: for a module that cannot be collected with the present code."""

    file = None
    last_line = 0

    def __init__(self, tests):
        self._tests = tests

    def __call__(self):
        for test in self._tests:
            test()


class Unswappable:
    """Stands where a surgeon stands; what is imported is what is run."""

    function = None

    def restore(self):
        """There is nothing to restore."""


class Reloader(Worker):
    """A worker that collects all tests again, in a fork, for every candidate; the fork has nothing loaded yet."""

    def __init__(self, job, place, board, end):
        self._job = job
        super().__init__(Bench([], [], Unswappable(), job.root, None, job.site), place, board, end)

    def _follow(self, plan):
        self._plan = plan

    def _answer(self, message):
        if "observe" in message:
            return {"digests": [[] for _ in message["observe"]], "inputs": []}
        site = self._job.site
        present = site.text[site.start : site.end]
        kind = "time" if "time" in message else "trace"
        answers = self._in_fork(present, lambda worker: [worker.ask(kind, test, message) for test in message[kind]])
        self._place.deadline = 0.0
        return {"answers": answers or [None for _ in message[kind]]}

    def _check(self):
        """Every candidate has had a process of its own."""
        self._place.all_good()

    def _judged(self, code, limit, again):
        site = self._job.site
        try:
            whole = compile(
                site.text[: site.start] + code + site.text[site.end :], site.path, "exec", dont_inherit=True
            )
        except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
            return NOT_RUN
        if not self._board.is_new(hash((UNFIT, code_key(whole)))) and not again:
            return NOT_RUN
        found = self._in_fork(code, lambda worker: worker.tested(limit))
        return CRASHED if found is None else Result(*found)

    def _in_fork(self, code, work):
        """What `work` says there, or None where the fork is lost; one that takes too long is the keeper's to end."""
        self._place.deadline = time.monotonic() + COLLECT_SECONDS
        read_end, write_end = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                die_with_parent()
                self._collect(code, work, write_end)
            finally:
                os._exit(0)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as answers:
            data = answers.read()
        os.waitpid(process, 0)
        with contextlib.suppress(ValueError):
            return json.loads(data.decode("utf-8"))
        return None

    def _collect(self, code, work, write_end):
        site = self._job.site
        _serve_text(site.path, site.text[: site.start] + code + site.text[site.end :])

        def take_over(collected):
            quick, thorough = (
                [_test(tests, name) for name in self._job.tests] for tests in (collected.quick, collected.thorough)
            )
            self._bench = Bench(quick, thorough, Unswappable(), self._job.root, collected.stage, site)
            for test in self._plan.thorough if self._plan else ():
                quick[test] = thorough[test]
            os.write(write_end, json.dumps(work(self)).encode("utf-8"))

        collect(self._job, take_over)

    def ask(self, kind, test, message):
        """The profile's answer for one test, within the fork."""
        if isinstance(self._bench.tests[test], Missing):
            return {
                "outcome": FAILED,
                "seconds": 0.0,
                "stop": [],
                "end": [],
                "lines": [],
                "types": {},
                "in_fixture": False,
            }
        return super()._answer({kind: test, "seconds": message["seconds"]})

    def tested(self, limit):
        """The result of the candidate that this fork has imported."""
        return self._tested(limit)


def _test(tests, name):
    """The test of that id; where it is the id of a module, all of its tests."""
    if name in tests:
        return tests[name]
    inside = [test for other, test in tests.items() if other.startswith((name + "::", name + "."))]
    return Together(inside) if inside else Missing()


def _serve_text(path, text):
    """Let the import system find `text` where it would have read `path`."""
    original = importlib.machinery.SourceFileLoader.get_code

    def get_code(loader, fullname):
        if os.path.realpath(loader.path) == path:
            return compile(text, loader.path, "exec", dont_inherit=True)
        return original(loader, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code


def grow(job, board, link):
    """A nursery that has loaded the framework, and nothing of the project."""
    if job.runner == "pytest":
        import evaluate_pytest  # noqa: F401, PLC0415 - a project without pytest has its tests run by unittest
    else:
        import perforch_unittest  # noqa: F401, PLC0415 - as above
    serve(link, lambda slot, end: run(lambda: Reloader(job, board.place(slot), board, end), MEMORY_BYTES))
