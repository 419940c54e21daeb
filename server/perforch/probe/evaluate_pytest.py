"""A pytest plugin that lets pytest collect, and then takes the tests and never gives control back."""

import copy
import os

import perforch_options
import pytest
from evaluate_collect import Collected, ImportWatch
from evaluate_tests import ItemTest, Stage, quick_test

FIRST = pytest.hookimpl(hookwrapper=True, tryfirst=True)


class Guest:
    """`take_over` gets what was collected; `complaint` says why there is nothing, where pytest ends before."""

    def __init__(self, job, take_over):
        self._job = job
        self._take_over = take_over
        self._watch = ImportWatch(job)
        self._stage = Stage(pytest.CallInfo.from_call)
        self.complaint = ""

    @FIRST
    def pytest_load_initial_conftests(self, early_config, parser, args):
        known = early_config.known_args_namespace
        if perforch_options.accept_missing(parser):
            again = parser.parse_known_args(args, namespace=copy.copy(early_config.option))
            known.file_or_dir = again.file_or_dir
        perforch_options.neutralise(known, chosen=True)
        self._watch.start()
        yield

    @FIRST
    def pytest_cmdline_main(self, config):
        perforch_options.neutralise(config.option, chosen=True)
        config.option.tbstyle = "no"  # a report is made of each failure, and nobody reads it
        config.option.fulltrace = config.option.showlocals = False
        config.args = [os.path.join(str(config.rootpath), *file.split("/")) for file in self._job.files]
        yield

    def pytest_collectreport(self, report):
        if report.failed:
            self.complaint += str(report.longrepr)

    def pytest_runtest_logreport(self, report):
        self._stage.has_failed_report = self._stage.has_failed_report or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self._watch.stop()
        wanted = frozenset(self._job.tests)
        stage = self._stage
        items = {
            item.nodeid: item
            for item in session.items
            if item.nodeid in wanted or item.nodeid.partition("::")[0] in self._job.uncollected
        }
        self._take_over(
            Collected(
                {name: quick_test(item, stage) for name, item in items.items()},
                {name: ItemTest(item, stage) for name, item in items.items()},
                stage,
                self._watch.entered,
            )
        )
        os._exit(0)
