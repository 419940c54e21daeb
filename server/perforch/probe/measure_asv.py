"""Benchmarks written for asv (airspeed velocity), found and run by its conventions without it.

https://asv.readthedocs.io/en/stable/writing_benchmarks.html
"""

import functools
import importlib
import inspect
import itertools
import os
import re
import sys

CONFIGURATIONS = ("asv.conf.json", "benchmarks/asv.conf.json", "asv_bench/asv.conf.json")
COMBINATIONS = 8  # of one benchmark's parameters
_FOLDER = re.compile(r'^\s*"benchmark_dir"\s*:\s*"([^"]+)"', re.MULTILINE)
_TIMED = re.compile(r"time_.+|Time[A-Z_].+")


def benchmarks(root, name):
    """Things to call, from files that speak of `name`: each runs one benchmark with one combination of parameters."""
    for folder in _folders(root):
        for path in _files(folder):
            with open(path, encoding="utf-8", errors="replace") as file:
                if name not in file.read():
                    continue
            module = _imported(folder, path)
            if module is not None:
                yield from _of_module(module)


def _folders(root):
    """The folder of each configuration; its text is JSON with comments."""
    for configuration in CONFIGURATIONS:
        path = os.path.join(root, configuration)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found = _FOLDER.search(file.read())
            yield os.path.normpath(os.path.join(os.path.dirname(path), found.group(1) if found else "benchmarks"))


def _files(folder):
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(place, name) for name in sorted(names) if name.endswith(".py"))


def _imported(folder, path):
    """The module, as a part of the package that the folder is; None where it cannot be imported."""
    parent = os.path.dirname(folder)
    parts = os.path.relpath(path, parent)[: -len(".py")].split(os.sep)
    sys.path.insert(0, parent)
    try:
        return importlib.import_module(".".join(part for part in parts if part != "__init__"))
    except BaseException:  # it may need what is not installed, or raise anything
        return None
    finally:
        sys.path.remove(parent)


def _of_module(module):
    for key, thing in list(vars(module).items()):
        if inspect.isclass(thing):
            names = [name for name in dir(thing) if _TIMED.fullmatch(name)]
            for name, combination in itertools.product(names, _combinations(thing)):
                yield functools.partial(_run, module, thing, name, combination)
        elif inspect.isfunction(thing) and _TIMED.fullmatch(key):
            for combination in _combinations(thing):
                yield functools.partial(_run, module, None, key, combination)


def _combinations(owner):
    """At most so many, taken evenly: the first ones are often the smallest."""
    params = list(getattr(owner, "params", ()))
    if params and not isinstance(params[0], (list, tuple)):
        params = [params]
    every = list(itertools.product(*params))
    if len(every) <= COMBINATIONS:
        return every
    return [every[index * len(every) // COMBINATIONS] for index in range(COMBINATIONS)]


def _run(module, kind, name, combination):
    act = getattr(module if kind is None else kind(), name)
    owner = act if kind is None else act.__self__
    makers = [getattr(each, "setup_cache", None) for each in (owner, module)]
    cached = next(((make(),) for make in makers if make is not None), ())
    for each in (module, owner):
        if hasattr(each, "setup"):
            each.setup(*cached, *combination)
    act(*cached, *combination)
    for each in (owner, module):
        if hasattr(each, "teardown"):
            each.teardown(*cached, *combination)
