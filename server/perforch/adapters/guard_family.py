"""All that a run has started, however it detached itself: counted, and ended without exception."""

# A guard starts in milliseconds because it imports little, and pathlib is not little.
# ruff: noqa: PTH123, PTH208
import os
import time

from perforch.adapters.guard_kernel import SIGKILL, SIGSTOP

_PAUSE_SECONDS = 0.001


def descendants() -> list[int]:
    """Every living process below this one, which has adopted the orphans among them."""
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = _children(waiting.pop())
        found += below
        waiting += below
    return found


def end_all() -> None:
    """Stop them first, so that none can start another meanwhile, then kill and reap them."""
    while True:
        _freeze()
        for process in descendants():
            _signal(process, SIGKILL)
        if not _reap():
            return
        time.sleep(_PAUSE_SECONDS)


def _freeze() -> None:
    frozen: set[int] = set()
    while fresh := set(descendants()) - frozen:
        for process in fresh:
            _signal(process, SIGSTOP)
        frozen |= fresh


def _reap() -> bool:
    """Collect the dead; whether anything is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _signal(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except (ProcessLookupError, PermissionError):
        return


def _children(process: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has just ended
    return found
