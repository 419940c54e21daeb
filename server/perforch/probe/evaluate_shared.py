"""What the keeper and the workers see at the same time: how far each worker is, and which bytecode was tried."""

import mmap
import struct
from typing import NamedTuple

RAN = 1  # the tests were run on it
BROKEN = 2  # a test that passed before fails
TIMED_OUT = 4  # a test took too long
UNFIT = 8  # it cannot be swapped in; it has to be imported anew

RING = 256  # results that a worker may be ahead of the keeper
MOST = 0xFFFF  # that fits a field of a result
SEEN = 1 << 18  # hashes in the table; beyond three quarters of it nothing is remembered any more


class Result(NamedTuple):
    """How many failing tests pass now, and how many lines further they all get than with the present code."""

    flags: int
    passed: int
    reached: int


NOT_RUN = Result(0, 0, 0)

_HEAD = struct.Struct("=QQdI")  # done, good, deadline, front
_RESULT = struct.Struct("=BHH")
_HASH = struct.Struct("=q")
_SLOT_BYTES = 32 + RING * _RESULT.size
_DEADLINE = struct.Struct("=d")
_COUNT = struct.Struct("=Q")


class Board:
    """Anonymous shared memory, made before the first fork."""

    def __init__(self, slots):
        self._memory = mmap.mmap(-1, slots * _SLOT_BYTES)
        self._table = mmap.mmap(-1, SEEN * _HASH.size)

    def place(self, slot):
        return Place(self._memory, slot * _SLOT_BYTES)

    def is_new(self, key):
        """Whether no worker has met this hash; it is remembered. A race makes at worst one more evaluation."""
        key = key or 1
        at = key % SEEN
        for _ in range(64):
            (found,) = _HASH.unpack_from(self._table, at * _HASH.size)
            if found == key:
                return False
            if found == 0:
                _HASH.pack_into(self._table, at * _HASH.size, key)
                return True
            at = (at + 1) % SEEN
        return True


class Place:
    """One worker's part of the board.

    `done` candidates have a result; of those, `good` came before a check that the worker is still as it was. The
    keeper ends a worker that is busy after its `deadline` (on the monotonic clock; 0 while it waits).
    """

    def __init__(self, memory, at):
        self._memory = memory
        self._at = at

    def clear(self):
        _HEAD.pack_into(self._memory, self._at, 0, 0, 0.0, 0)

    def put(self, number, result):
        """The result of candidate `number`, counted from 0 over the worker's life."""
        _RESULT.pack_into(self._memory, self._at + 32 + number % RING * _RESULT.size, *result)
        _COUNT.pack_into(self._memory, self._at, number + 1)

    def get(self, number):
        return Result(*_RESULT.unpack_from(self._memory, self._at + 32 + number % RING * _RESULT.size))

    @property
    def done(self):
        return _COUNT.unpack_from(self._memory, self._at)[0]

    @property
    def good(self):
        return _COUNT.unpack_from(self._memory, self._at + 8)[0]

    def all_good(self):
        _COUNT.pack_into(self._memory, self._at + 8, self.done)

    @property
    def deadline(self):
        return _DEADLINE.unpack_from(self._memory, self._at + 16)[0]

    @deadline.setter
    def deadline(self, moment):
        _DEADLINE.pack_into(self._memory, self._at + 16, moment)
