"""The keeper: takes candidates from the host, shares them out among workers, and sends back what became of them."""

import contextlib
import heapq
import select
import time
from collections import deque

from evaluate_hand import PULSE_SECONDS, Trial
from evaluate_lines import Gone
from evaluate_shared import BROKEN, NOT_RUN, RAN, TIMED_OUT, UNFIT, Result

WANTED = 128  # candidates per worker that may wait here
UNFIT_MOST = 300  # candidates that wait for the slow way; they take a hundred times as long
LATE_SHARE = 0.15  # of the time for candidates that were too slow at first, while nothing passes
LATE_MOST = 300  # of them at the end
OBSERVE_SECONDS = 60.0


class Keeper:
    """One evaluation after another. Candidates that take too long are tried once more, with the longer limit.

    That happens only while nothing is plausible, the ones that came farthest first, and their second result is a
    second report for the same candidate. What passes everything is reported only after it has done so in a new worker.
    """

    def __init__(self, channel, crew):
        self._channel = channel
        self._crew = crew
        self._failing = len(crew.plan["failing"])
        self._late_limit = crew.plan["limits"][1]
        self._begin(0)

    def _begin(self, run):
        self._run = run
        self._started = time.monotonic()
        self._waiting = deque()
        self._again = deque()
        self._proofs = deque()
        self._unfit = deque()
        self._late = []
        self._late_spent = 0.0
        self._late_given = 0
        self._wanted = 0
        self._found = 0
        self._reports = []
        self._is_open = False  # the host has more
        self._is_over = True

    def serve(self):
        """Until the host closes the channel (raises Gone)."""
        while True:
            hands = [hand for hand in self._crew.all_hands if hand.is_hired]
            pulse = PULSE_SECONDS if any(hand.trials for hand in hands) or not self._is_over else 1.0
            ready, _, _ = select.select([self._channel, *hands], [], [], pulse)
            if self._channel in ready:
                for message in self._channel.receive():
                    self._obey(message)
            for hand in hands:
                self._attend(hand, hand in ready)
            if not self._is_over:
                self._share_out()
                self._report()

    def _obey(self, message):
        if "begin" in message:
            self._stop()
            self._begin(message["begin"])
            self._is_open, self._is_over = True, False
        elif "try" in message and message["run"] == self._run:
            self._waiting.extend(Trial(mutant, code) for mutant, code in message["try"])
            self._wanted -= len(message["try"])
        elif "end" in message and message["end"] == self._run:
            self._is_open = False
        elif "stop" in message and message["stop"] == self._run:
            self._stop()
        elif "observe" in message:
            self._channel.send({"observed": self._crew.observed(message["observe"])})

    def _stop(self):
        self._is_over = True
        for hand in self._crew.all_hands:
            if hand.trials:
                hand.trials = []
                hand.let_go()

    def _attend(self, hand, has_spoken):
        if not hand.is_hired:
            return
        try:
            if has_spoken:
                hand.listen()
            settled = hand.harvest()
            is_lost = hand.is_overdue
        except Gone:
            settled, is_lost = [], True
        if is_lost:
            settled += hand.lose()
        for trial, result in settled:
            self._take(trial, result, hand)
        if is_lost or any(trial.is_proof for trial in self._proofs):
            self._take_back(hand)

    def _take_back(self, hand):
        """What a worker had not come to goes to the next one."""
        hand.let_go()
        self._again.extendleft(reversed(hand.trials))
        hand.trials = []

    def _take(self, trial, result, hand):
        if result.flags & UNFIT:
            if self._crew.spare is not None and len(self._unfit) < UNFIT_MOST:
                self._unfit.append(trial)
                return
            result = NOT_RUN
        if trial.tier:  # on a busy machine it takes far longer than its limit of CPU time
            self._late_spent += max(0.0, time.monotonic() - trial.given - self._late_limit)
        if hand.is_slow:
            trial.is_proof = True  # it was in a new process already
        if self._is_plausible(result) and not trial.is_proof:
            trial.is_proof = trial.is_again = True
            self._proofs.append(trial)
            return
        if trial.is_proof:
            if not self._is_plausible(result) and not hand.is_slow:
                result = Result(RAN | BROKEN, 0, 0)
            self._found += self._is_plausible(result)
        if result.flags & TIMED_OUT and trial.tier == 0 and not result.flags & BROKEN:
            heapq.heappush(self._late, (-result.passed, -result.reached, trial.mutant, trial.code))
        if trial.tier == 0 or not result.flags & TIMED_OUT:
            self._reports.append((trial.mutant, *result))

    def _is_plausible(self, result):
        return result.flags == RAN and result.passed == self._failing

    def _share_out(self):
        for hand in self._crew.hands:
            if self._proofs and not hand.trials and not hand.is_new:
                hand.let_go()
            self._give(hand, self._next)
        if self._unfit and not self._crew.spare.trials:
            self._give(self._crew.spare, lambda _: [self._unfit.popleft()])
        if not self._is_open and not self._is_busy():
            self._is_over = True

    def _give(self, hand, choose):
        if hand.is_worn:
            hand.let_go()
        if not hand.is_hired:
            hand.hire(self._crew.plan)
        trials = choose(hand)
        if trials:
            with contextlib.suppress(Gone):  # its end is noticed when we listen to it
                hand.give(trials)

    def _is_busy(self):
        queued = self._waiting or self._again or self._proofs or self._unfit or self._has_late()
        return bool(queued) or any(hand.trials for hand in self._crew.all_hands)

    def _next(self, hand):
        if self._proofs:
            return [self._proofs.popleft()] if hand.is_new else []
        if hand.room <= 0:
            return []
        if self._again and self._again[0].is_careful:
            return [] if hand.trials else [self._again.popleft()]
        if self._is_time_for_late():
            return [self._late_trial()]
        queue = self._again or self._waiting
        return [queue.popleft() for _ in range(min(hand.room, len(queue)))]

    def _has_late(self):
        return bool(self._late) and not self._found and self._late_given < LATE_MOST

    def _is_time_for_late(self):
        if not self._has_late():
            return False
        available = (time.monotonic() - self._started) * len(self._crew.hands)
        is_rest = not self._is_open and not self._waiting and not self._again
        return is_rest or self._late_spent < LATE_SHARE * available

    def _late_trial(self):
        *_, mutant, code = heapq.heappop(self._late)
        trial = Trial(mutant, code)
        trial.tier, trial.is_again = 1, True
        self._late_given += 1
        self._late_spent += self._late_limit
        return trial

    def _report(self):
        want = WANTED * len(self._crew.hands) - len(self._waiting) - self._wanted
        message = {"run": self._run}
        if self._reports:
            message["tried"], self._reports = self._reports, []
        if self._is_open and want >= WANTED // 2:
            message["want"] = want
            self._wanted += want
        if self._is_over:
            message["ended"] = True
        if len(message) > 1:
            self._channel.send(message)


class Crew:
    """The hands, and the plan that each new worker gets.

    `spare` takes, slowly, what the others cannot swap; None where all of them are slow, or nobody observes either.
    """

    def __init__(self, hands, spare, plan, observer):
        self.hands = hands
        self.spare = spare
        self.all_hands = hands if spare is None else [*hands, spare]
        self.plan = plan
        self._observer = observer

    def observed(self, codes):
        """What an observer has to say; nothing where it fails."""
        if self._observer is None:
            return {"digests": [[] for _ in codes], "inputs": []}
        limits = self.plan["limits"]
        self._observer.hire(self.plan)
        answer = self._observer.ask({"observe": codes, "limit": limits[0], "seconds": limits[1]}, OBSERVE_SECONDS)
        self._observer.let_go()
        return answer or {"digests": [[] for _ in codes], "inputs": []}
