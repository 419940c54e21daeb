"""Importing the project's tests once, by its own framework, up to the point where they would run."""

import os
import sys
from typing import NamedTuple

from evaluate_nursery import serve
from evaluate_source import Site, Unfit
from evaluate_swap import Surgeon
from evaluate_tests import CaseTest, Stage
from evaluate_worker import Worker, run
from perforch_run import search_path

COMPLAINT_CHARACTERS = 1000


class Bench(NamedTuple):
    """What workers work on.

    `tests` are in the order of the job's ids, None where the framework did not find one; `thorough` are the same, by
    the framework's own protocol.
    """

    tests: list
    thorough: list
    surgeon: Surgeon
    root: str
    stage: Stage
    site: Site


class Collected(NamedTuple):
    """What a framework has found, by test id."""

    quick: dict
    thorough: dict
    stage: Stage
    entered_at_import: bool


class Job:
    """What the host asks for."""

    def __init__(self, message):
        self.file = message["file"]
        self.root = os.getcwd()
        path = os.path.realpath(os.path.join(self.root, *self.file.split("/")))
        self.site = Site(message["text"], message["start"], message["end"], path)
        self.runner = message["runner"]
        self.arguments = message["arguments"]
        self.files = message["files"]  # that hold the tests; the only ones that are collected
        self.folders = message["folders"]  # where unittest discovers
        self.tests = message["tests"]
        self.failing = frozenset(message["failing"])
        self.uncollected = frozenset(message["uncollected"])  # those of `tests` that are modules, not tests
        self.workers = message["workers"]
        self.seconds = message["seconds"]


def grow(job, board, link):
    """Collect, say so, and then fork workers; the caller's process is never the same again."""
    link.send({"failed": collect(job, lambda collected: _take_over(job, board, link, collected))})


def collect(job, take_over):
    """Give what the framework has found to `take_over`, which need not return; else: why it has found nothing."""
    return _collect_by_unittest(job, take_over) if job.runner == "unittest" else _collect_by_pytest(job, take_over)


def _collect_by_pytest(job, take_over):
    # Here, because a project without pytest has its tests run by unittest.
    import evaluate_pytest  # noqa: PLC0415
    import pytest  # noqa: PLC0415

    _find_project(job)
    guest = evaluate_pytest.Guest(job, take_over)
    sys.argv[:] = ["pytest", *job.arguments]  # plugins look here for what the user typed
    status = pytest.main([*job.arguments, "--rootdir=.", "--capture=no"], plugins=[guest])
    complaint = guest.complaint.strip()[-COMPLAINT_CHARACTERS:]
    return "pytest ended with status %d before any test ran. %s" % (status, complaint)


def _collect_by_unittest(job, take_over):
    import perforch_marks  # noqa: PLC0415 - as above
    import perforch_unittest  # noqa: PLC0415 - as above

    _find_project(job)
    watch = ImportWatch(job)
    watch.start()
    chosen = None if job.uncollected else job.tests
    cases, _ = perforch_unittest.Loader(chosen, job.folders, perforch_marks.Marks()).find()
    watch.stop()
    tests = {case.id(): CaseTest.of(case) for case in cases}
    take_over(Collected(tests, tests, Stage(), watch.entered))
    return "unittest found no test."


def _find_project(job):
    sys.path[:] = search_path(sys.path, os.path.dirname(os.path.abspath(__file__)), job.root)


def _take_over(job, board, link, collected):
    try:
        surgeon = Surgeon(job.site, collected.entered_at_import)
    except (Unfit, SyntaxError) as error:
        link.send({"failed": "The function cannot be swapped: %s." % error})
        return
    if not surgeon.is_alive:
        link.send({"failed": "No test imports the function at %s:%d." % (job.file, job.site.first_line)})
        return
    quick, thorough = ([tests.get(name) for name in job.tests] for tests in (collected.quick, collected.thorough))
    bench = Bench(quick, thorough, surgeon, job.root, collected.stage, job.site)
    board.is_new(surgeon.present_key)
    sys.stdout.flush()
    sys.stderr.flush()
    link.send({"ready": [test is not None for test in bench.tests]})
    serve(link, lambda slot, end: run(lambda: Worker(bench, board.place(slot), board, end)))


class ImportWatch:
    """Notices whether the target's code runs while modules are imported: then a swap comes too late."""

    def __init__(self, job):
        self._is_target = job.site.holds()
        self.entered = False

    def start(self):
        sys.settrace(self._on_call)

    def stop(self):
        sys.settrace(None)

    def _on_call(self, frame, _event, _argument):
        if self._is_target(frame.f_code):
            self.entered = True
            sys.settrace(None)
