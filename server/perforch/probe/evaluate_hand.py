"""The keeper's view of one worker: what it was given, what it has done, and how it ended."""

import select
import time

from evaluate_lines import Gone, Link
from evaluate_shared import BROKEN, RAN, TIMED_OUT, Result

LIFETIME = 200  # candidates after which a worker is replaced, so that little of what mutants leave behind adds up
BATCH_MOST = 64
BATCH_SECONDS = 0.03  # about how long a batch should take: results come that often
PULSE_SECONDS = 0.02

CRASHED = Result(RAN | BROKEN, 0, 0)
KILLED = Result(RAN | BROKEN | TIMED_OUT, 0, 0)


class Trial:
    """One candidate on its way. `tier` chooses the limit; `is_again`: its bytecode is known and run all the same.

    `is_proof`: it passed once and must pass in a new worker; `is_careful`: it may be the one that spoils workers.
    """

    __slots__ = ("code", "given", "is_again", "is_careful", "is_proof", "mutant", "tier")

    def __init__(self, mutant, code):
        self.mutant = mutant
        self.code = code
        self.given = 0.0  # when, on the monotonic clock
        self.tier = 0
        self.is_again = False
        self.is_proof = False
        self.is_careful = False


class Hand:
    """One slot of the crew; its worker is replaced whenever it is lost, spoiled or has done its share."""

    def __init__(self, nursery, place, slot, lifetime=LIFETIME, is_slow=False):  # noqa: FBT002 - a fact, not a choice
        self._nursery = nursery
        self._place = place
        self._slot = slot
        self._lifetime = lifetime
        self._process = None
        self._link = None
        self._taken = 0
        self.is_slow = is_slow  # it imports everything anew for each trial
        self._batch = 1 if is_slow else 4
        self._spoiled = False
        self.trials = []  # given and not taken back, oldest first
        self.given = 0

    def fileno(self):
        return self._link.fileno()

    @property
    def is_hired(self):
        return self._link is not None

    @property
    def is_new(self):
        return self.is_hired and self.given == 0

    @property
    def is_worn(self):
        return self.given >= self._lifetime and not self.trials

    @property
    def room(self):
        """How many trials it should get now; two batches are under way at most."""
        if len(self.trials) > self._batch:
            return 0
        return min(self._batch, self._lifetime - self.given)

    def hire(self, plan):
        """A new worker. Raises Gone when there can be none."""
        self._place.clear()
        self._process, end = self._nursery.spawn(self._slot)
        self._link = Link(end)
        self._taken, self.given, self._spoiled = 0, 0, False
        if plan is not None:
            self._link.send({"plan": plan})

    def give(self, trials):
        for trial in trials:
            trial.given = time.monotonic()
        self.trials += trials
        self.given += len(trials)
        self._link.send({"try": [(trial.code, trial.tier, trial.is_again) for trial in trials]})

    def listen(self):
        """Take in what the worker says. Raises Gone."""
        for message in self._link.read():
            if "spoiled" in message:
                self._spoiled = True
            elif message["seconds"] > 2 * BATCH_SECONDS:
                self._batch = max(1, self._batch // 2)
            elif message["seconds"] < BATCH_SECONDS:
                self._batch = min(BATCH_MOST, self._batch * 2)

    def harvest(self):
        """The trials that are settled, with their results."""
        return self._up_to(self._place.good)

    def _up_to(self, number):
        count = number - self._taken
        results = [self._place.get(at) for at in range(self._taken, number)]
        settled, self.trials = self.trials[:count], self.trials[count:]
        self._taken = number
        return list(zip(settled, results))  # noqa: B905 - not in Python 3.8

    @property
    def is_overdue(self):
        deadline = self._place.deadline
        return bool(deadline) and time.monotonic() > deadline

    def lose(self):
        """The worker is gone, or shall be: what is settled by it, while `trials` keeps what has to be repeated."""
        killed = self.is_overdue
        was_busy = self._place.deadline != 0.0
        if self._spoiled:
            settled = self.harvest()
            unsure = self._place.done - self._place.good
            if unsure == 1:  # then it is this one that has spoiled the worker, while its own result is sound
                settled += self._up_to(self._place.done)
            else:
                for trial in self.trials[:unsure]:
                    trial.is_careful = trial.is_again = True
        else:
            settled = self._up_to(self._place.done)
            if was_busy and self.trials:
                settled.append((self.trials.pop(0), KILLED if killed else CRASHED))
                self._taken += 1
        self.let_go()
        return settled

    def let_go(self):
        """End the worker; what it was given and is not settled stays in `trials`."""
        if self._link is not None:
            link, self._link = self._link, None
            link.close()
            self._nursery.end(self._process)
            for trial in self.trials[: self._place.done - self._taken + 1]:
                trial.is_again = True  # it may have been begun, and then its bytecode is known
            self._place.clear()

    def ask(self, request, seconds):
        """The answer of an otherwise idle worker, or None: it has gone, or was too slow and is let go."""
        try:
            self._link.send(request)
            end = time.monotonic() + seconds
            while time.monotonic() < end and not self.is_overdue:
                if select.select([self._link], [], [], PULSE_SECONDS)[0]:
                    return self._link.receive()
        except Gone:
            pass
        self.let_go()
        return None
