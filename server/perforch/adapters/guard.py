"""Watches over one sandboxed run, and ends it when it is done, too long, or when nobody waits for it any more.

Started by `processes.py` as a program of its own, with nothing but the standard library. Its standard input is the
lifeline: the plan comes first, then a word to stop, or the end of file, which means that the owner is dead.
"""

import marshal
import os
import resource
import select
import time

from perforch.adapters.guard_child import CANNOT_RUN, STATUS_NOTE, TROUBLE_NOTE, become
from perforch.adapters.guard_family import descendants, end_all
from perforch.adapters.guard_kernel import PR_SET_CHILD_SUBREAPER, prctl

TYPE_CHECKING = False  # importing `typing` would cost a third of the guard's start
if TYPE_CHECKING:
    from perforch.adapters.guard_plan import Ending, Plan, Report

LIFELINE, REPORT = 0, 1
TICK_SECONDS = 0.1  # a fork bomb makes some hundreds of processes in that time, which one sweep can still end
LEAST_FREE_BYTES = 512 << 20  # a run that fills the disk is ended before others notice
CHUNK_BYTES = 1 << 18
SETUP_FAILED = 125


def main() -> None:
    plan = receive()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    run = Run(plan)
    try:
        ending = run.follow()
    finally:
        end_all()
    report = run.report(ending)
    if ending == "abandoned":
        remove(plan["remove"])
    try:
        send(report)
    except BrokenPipeError:
        remove(plan["remove"])


def receive() -> "Plan":
    """The plan: its length in eight bytes, then itself."""
    plan: Plan = marshal.loads(_read(int.from_bytes(_read(8), "little")))  # noqa: S302 - from our own parent alone
    return plan


def send(report: "Report") -> None:
    content = memoryview(marshal.dumps(report))  # type: ignore[arg-type]  # a TypedDict is a dict; typeshed knows only the latter
    while content:
        content = content[os.write(REPORT, content) :]


def remove(folder: str) -> None:
    """The owner's own way of removing; imported here, since hardly any run needs it."""
    from perforch.adapters.copies_folders import remove_tree  # noqa: PLC0415

    remove_tree(folder)


class Output:
    """What the program prints: the beginning and the end are kept, so that no flood fills the memory."""

    def __init__(self, limit: int) -> None:
        self.read_end, self.write_end = os.pipe()
        self._half = limit // 2
        self._head = b""
        self._tail = b""
        self._total = 0

    def take(self) -> bool:
        """Read once; False at the end."""
        chunk = os.read(self.read_end, CHUNK_BYTES)
        self._total += len(chunk)
        room = self._half - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._tail = (self._tail + chunk[max(room, 0) :])[-self._half :]
        return bool(chunk)

    def drain(self) -> None:
        """Everything that the dead have left in the pipe."""
        while self.take():
            pass

    @property
    def dropped(self) -> int:
        return self._total - len(self._head) - len(self._tail)

    @property
    def kept(self) -> bytes:
        gap = f"\n[... {self.dropped} bytes left out ...]\n".encode() if self.dropped else b""
        return self._head + gap + self._tail


class Run:
    """The program from its start to the death of its last descendant."""

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan
        self._started = time.monotonic()
        self._free_at_start = self._free_bytes()
        self._status: int | None = None
        self._output = Output(plan["output_bytes"])
        self._notes, notes = os.pipe()
        guard = os.getpid()
        self._program = os.fork()
        if self._program == 0:
            _become_or_say_why(plan, guard, self._output.write_end, notes)
        for number in (notes, self._output.write_end, *plan["keep_open"]):
            os.close(number)
        self._poll = select.poll()
        self._end = _end_of(self._program)
        for watched in (LIFELINE, self._output.read_end, self._end):
            if watched is not None:
                self._poll.register(watched, select.POLLIN)

    def follow(self) -> "Ending":
        """Wait for whatever ends the run."""
        deadline = self._started + self._plan["wall_seconds"]
        next_look = self._started + TICK_SECONDS
        while True:
            now = time.monotonic()
            if now >= deadline:
                return "timeout"
            if now >= next_look:
                next_look = now + TICK_SECONDS
                if ending := self._reap() or self._excess():
                    return ending
            events = self._poll.poll(max(1.0, 1000 * (min(deadline, next_look) - now)))
            if ending := self._answer({number for number, _ in events}):
                return ending

    def report(self, ending: "Ending") -> "Report":
        self._output.drain()
        notes = _read_all(self._notes)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        status, trouble = _outcome(self._plan["rung"], self._status, notes, self._output.kept)
        return {
            "ending": ending,
            "status": status,
            "trouble": trouble,
            "output": self._output.kept,
            "dropped": self._output.dropped,
            "seconds": time.monotonic() - self._started,
            "cpu_seconds": used.ru_utime + used.ru_stime,
        }

    def _answer(self, ready: set[int]) -> "Ending | None":
        if LIFELINE in ready:
            return "stopped" if os.read(LIFELINE, 64) else "abandoned"
        if self._output.read_end in ready and not self._output.take():
            self._poll.unregister(self._output.read_end)
        return self._reap() if self._end in ready else None

    def _reap(self) -> "Ending | None":
        """Orphans are adopted by us; the end of the program itself is the end of the run."""
        while True:
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return "exited"
            if ended == 0:
                return None
            if ended == self._program:
                self._status = status
                return "exited"

    def _excess(self) -> "Ending | None":
        """Limits that the kernel does not keep for us: it lets root start any number of processes."""
        allowed = self._plan["processes"]
        if allowed is not None and len(descendants()) > allowed:
            return "processes"
        # Where the disk was nearly full before, the run may use half of what was left.
        return "disk" if self._free_bytes() < min(LEAST_FREE_BYTES, self._free_at_start // 2) else None

    def _free_bytes(self) -> int:
        disk = os.statvfs(self._plan["remove"])
        return disk.f_bavail * disk.f_frsize


def _become_or_say_why(plan: "Plan", guard: int, output: int, notes: int) -> None:
    try:
        become(plan, guard, output, notes)
    except (OSError, ValueError) as error:
        os.write(notes, TROUBLE_NOTE + str(error).encode())
    finally:
        os._exit(SETUP_FAILED)


def _outcome(rung: str, status: int | None, notes: bytes, output: bytes) -> tuple[int | None, str]:
    """The program's own status, or why it never ran; each rung lets us know in its own way."""
    if notes.startswith(TROUBLE_NOTE):
        return None, notes[1:].decode(errors="replace")
    if status is None:
        return None, ""  # it was still running when we ended it
    match rung:
        case "bubblewrap":
            code = os.waitstatus_to_exitcode(status)
            if b'"exit-code"' not in notes:
                # The program never ran, so that bubblewrap alone has spoken.
                is_missing = b"bwrap: execvp" in output
                return (CANNOT_RUN, "") if is_missing else (None, "bubblewrap could not set up the sandbox")
            return (code if code <= 128 or code > 192 else 128 - code), ""
        case "unshare":
            line = notes.removeprefix(STATUS_NOTE).partition(b"\n")[0]
            return (os.waitstatus_to_exitcode(int(line)), "") if line else (None, "the namespace ended early")
        case _:
            return os.waitstatus_to_exitcode(status), ""


def _end_of(process: int) -> int | None:
    """A descriptor that becomes readable when the process ends; older kernels have none, and we look now and then."""
    try:
        return os.pidfd_open(process)
    except OSError:
        return None


def _read(count: int) -> bytes:
    content = b""
    while len(content) < count:
        chunk = os.read(LIFELINE, count - len(content))
        if not chunk:
            raise SystemExit(0)  # the owner died before it could say what to run
        content += chunk
    return content


def _read_all(descriptor: int) -> bytes:
    content = b""
    while chunk := os.read(descriptor, 4096):
        content += chunk
    return content


if __name__ == "__main__":
    main()
