"""Options of the project's configuration that would change what one run of ours means.

Coverage and distribution over processes are switched off, random order is fixed, and a run does not end at its first
failure. Where the configuration names options of such a plugin that is not installed, they are accepted and ignored.
"""

# What each option is set to, where it exists; its name is argparse's.
NEUTRAL = {
    "cov_source": None,
    "no_cov": False,
    "cov_fail_under": None,
    "numprocesses": 0,
    "dist": "no",
    "distload": False,
    "tx": [],
    "looponfail": False,
    "randomly_seed": 0,
    "randomly_reorganize": False,
    "random_order_enabled": False,
    "random_order_bucket": "none",
    "random_order_seed": "0",
    "maxfail": 0,
    "stepwise": False,
    "stepwise_skip": False,
    "continue_on_collection_errors": True,
    "usepdb": False,
    "trace": False,
}
# These choose tests by what happened earlier or by name; a run of named tests has been chosen already.
CHOOSING = {
    "lf": False,
    "last_failed": False,
    "failedfirst": False,
    "newfirst": False,
    "keyword": "",
    "markexpr": "",
    "deselect": None,
}
# Options of plugins that need not be there: name, and how many values ("?" none or one).
ARITY = {0: {"action": "store_true"}, 1: {"action": "append"}, "?": {"action": "append", "nargs": "?"}}
OPTIONAL = (
    ("--cov", "?"),
    ("--cov-report", 1),
    ("--cov-config", 1),
    ("--cov-fail-under", 1),
    ("--cov-context", 1),
    ("--cov-precision", 1),
    ("--cov-append", 0),
    ("--cov-branch", 0),
    ("--cov-reset", 0),
    ("--no-cov", 0),
    ("--no-cov-on-fail", 0),
    ("-n", 1),
    ("--numprocesses", 1),
    ("--maxprocesses", 1),
    ("--dist", 1),
    ("--tx", 1),
    ("--max-worker-restart", 1),
    ("--maxschedchunk", 1),
    ("--loadscope-reorder", 0),
    ("--randomly-seed", 1),
    ("--randomly-dont-reorganize", 0),
    ("--randomly-dont-reset-seed", 0),
    ("--random-order", 0),
    ("--random-order-bucket", 1),
    ("--random-order-seed", 1),
)


def neutralise(options, chosen):
    """Set every option of `options` that would change the run; `chosen`: the tests are named one by one."""
    wanted = {**NEUTRAL, **CHOOSING} if chosen else NEUTRAL
    for name, value in wanted.items():
        if hasattr(options, name):
            setattr(options, name, list(value) if isinstance(value, list) else value)


def accept_missing(parser):
    """Let pytest accept the options of plugins that are not installed."""
    group = parser.getgroup("perforch", "options of plugins that are not installed")
    known = _known(parser)
    for name, values in OPTIONAL:
        if name not in known:
            group._addoption(name, dest="perforch_ignored", default=None, help="ignored", **ARITY[values])


def without_values(paths, arguments, parser):
    """`paths` without what pytest takes for one because it does not know the option whose value it is."""
    known = _known(parser)
    missing = {name for name, values in OPTIONAL if values and name not in known}
    values = {arguments[at + 1] for at, name in enumerate(arguments[:-1]) if name in missing}
    return [path for path in paths if path not in values]


def _known(parser):
    groups = [*parser._groups, parser._anonymous]
    return {name for group in groups for option in group.options for name in option.names()}
