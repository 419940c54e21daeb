"""One test run under the tracer: which lines of the target it executes, and what its variables hold."""

import sys

# Types are read at each of the first lines, then at every so-manieth; after LINES the tracer has seen enough.
EARLY_LINES = 400
STRIDE = 97
LINES = 20000


def traced(bench, test, clock, seconds):
    """`lines` within the target's text, type names by variable, and whether a fixture of wide scope enters it."""
    tracer = Tracer(bench.site)
    with tracer:
        outcome = clock.run(bench.tests[test], seconds)
    return {
        "outcome": outcome,
        "lines": sorted(line - tracer.first + 1 for line in tracer.lines),
        "types": {name: sorted(kinds) for name, kinds in tracer.types.items()},
        "in_fixture": tracer.in_fixture,
    }


class Tracer:
    """Follows only the target's own code, and that of the functions inside it."""

    def __init__(self, site):
        self.first = site.first_line
        self._is_target = site.holds()
        self._count = 0
        self.lines = set()
        self.types = {}
        self.in_fixture = False

    def __enter__(self):
        sys.settrace(self._on_call)

    def __exit__(self, *_):
        sys.settrace(None)

    def _on_call(self, frame, _event, _argument):
        if not self._is_target(frame.f_code):
            return None
        if not self.lines and _is_in_wide_fixture(frame):
            self.in_fixture = True
        return self._on_line

    def _on_line(self, frame, event, _argument):
        if event == "line":
            self.lines.add(frame.f_lineno)
            self._count += 1
            if self._count > LINES:
                sys.settrace(None)
                return None
        if self._count < EARLY_LINES or self._count % STRIDE == 0:
            for name, value in list(frame.f_locals.items()):
                if name[:1] != ".":
                    self.types.setdefault(name, set()).add(type(value).__name__)
        return self._on_line


def _is_in_wide_fixture(frame):
    """Whether pytest is setting up a fixture that outlives the test."""
    while frame is not None:
        if frame.f_code.co_name == "pytest_fixture_setup":
            definition = frame.f_locals.get("fixturedef")
            if getattr(definition, "scope", "function") != "function":
                return True
        frame = frame.f_back
    return False
