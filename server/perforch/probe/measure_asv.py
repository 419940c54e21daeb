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
    """Things to call, one after the other: each loads a file, if that speaks of `name`, or runs one of its benchmarks.

    Both may raise anything and take any time, so both are to be called with care; what was loaded follows.
    """
    for folder in _folders(root):
        for path in _files(folder):
            loaded = []
            yield functools.partial(_load, folder, path, name, loaded)
            for module in loaded:
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


def _load(folder, path, name, loaded):
    """Add the module to `loaded`, imported as a part of the package that the folder is."""
    with open(path, encoding="utf-8", errors="replace") as file:
        if name not in file.read():
            return
    parent = os.path.dirname(folder)
    parts = os.path.relpath(path, parent)[: -len(".py")].split(os.sep)
    sys.path.insert(0, parent)
    try:
        loaded.append(importlib.import_module(".".join(part for part in parts if part != "__init__")))
    finally:
        sys.path.remove(parent)


def _of_module(module):
    for key, thing in list(vars(module).items()):
        if inspect.isclass(thing):
            for name in filter(_TIMED.fullmatch, dir(thing)):
                for combination in _combinations(thing):
                    yield functools.partial(_run, module, thing, name, combination)
        elif inspect.isfunction(thing) and _TIMED.fullmatch(key):
            for combination in _combinations(thing):
                yield functools.partial(_run, module, None, key, combination)


def _combinations(owner):
    """At most so many, taken evenly: the first ones are often the smallest."""
    params = getattr(owner, "params", ())
    params = list(params.values()) if isinstance(params, dict) else params
    if not isinstance(params, (list, tuple)):
        return []
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
