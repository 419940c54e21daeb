"""Between fork and exec: a process becomes the sandboxed program, rung by rung."""

import os
import resource

from perforch.adapters.guard_kernel import (
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    SIGKILL,
    SIGPIPE,
    SIGXFSZ,
    default_signals,
    drop_privileges,
    prctl,
)
from perforch.adapters.guard_landlock import restrict_self
from perforch.adapters.guard_mounts import (
    CLONE_NEWNS,
    EVERYTHING,
    enter_new_root,
    mount_overlay,
    own_namespaces,
    raise_loopback,
)

TYPE_CHECKING = False  # importing `typing` would cost a third of the guard's start
if TYPE_CHECKING:
    from perforch.adapters.guard_plan import Plan

# What the pipe of notes says; a shell's own numbers for what it could not do.
STATUS_NOTE, TROUBLE_NOTE = b"S", b"T"
CANNOT_RUN = 127


def become(plan: "Plan", guard: int, output: int, notes: int) -> None:
    """Turn this process into the program; raises OSError where that cannot be done."""
    prctl(PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() != guard:
        return  # the guard died before we asked to be told
    os.setsid()  # so that a program that signals its whole group does not reach the guard
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    default_signals(SIGPIPE, SIGXFSZ)
    _offer_to_die_first()
    match plan["rung"]:
        case "bubblewrap":
            _run_bubblewrap(plan, notes)
        case "unshare":
            _run_in_namespaces(plan, notes)
        case "landlock":
            _set_limits(plan)
            drop_privileges()
            restrict_self(plan["readable"], plan["writable"])
            _execute(plan, notes)
        case _:
            _set_limits(plan)
            _drop_what_can_be_dropped()
            _execute(plan, notes)


def _run_bubblewrap(plan: "Plan", notes: int) -> None:
    if plan["overlay"] is not None:
        own_namespaces(CLONE_NEWNS, 0, 0)
        mount_overlay(plan["overlay"])
        # Only here: counted in the new user namespace, the limit is the run's own; elsewhere it would
        # count whatever else the user has running.
        _limit_processes(plan)
    _set_limits(plan)
    os.set_inheritable(notes, True)  # noqa: FBT003 - the standard library's own signature
    os.execve(plan["bubblewrap"], _bubblewrap_line(plan, notes), plan["environment"])  # noqa: S606 - what a guard is for


def _bubblewrap_line(plan: "Plan", notes: int) -> list[str]:
    line = [
        plan["bubblewrap"],
        "--unshare-all",
        "--unshare-user",
        "--new-session",
        "--die-with-parent",
        "--cap-drop",
        "ALL",
    ]
    line += ["--uid", str(plan["uid"]), "--gid", str(plan["gid"]), "--json-status-fd", str(notes)]
    flags = {"ro": "--ro-bind", "rw": "--bind", "link": "--symlink"}
    for kind, source, target in plan["mounts"]:
        line += [flags[kind], source, target] if kind in flags else [f"--{kind}", target]
    return [*line, "--remount-ro", "/", "--chdir", plan["cwd"], "--", *plan["argv"]]


def _run_in_namespaces(plan: "Plan", notes: int) -> None:
    own_namespaces(EVERYTHING, plan["uid"], plan["gid"])
    lifeline, held = os.pipe()
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        os._exit(0)
    # The first process of a process namespace: when it ends, the kernel kills all the others.
    try:
        _die_with_holder(lifeline, held)
        _lead_namespace(plan, notes)
    except (OSError, ValueError) as error:
        os.write(notes, TROUBLE_NOTE + str(error).encode())
    finally:
        os._exit(0)


def _die_with_holder(lifeline: int, held: int) -> None:
    """Die with the parent, even if it is dead already; its process id means nothing in the new namespace."""
    prctl(PR_SET_PDEATHSIG, SIGKILL)
    os.close(held)
    os.set_blocking(lifeline, False)
    try:
        os.read(lifeline, 1)
    except BlockingIOError:
        os.close(lifeline)
    else:
        os._exit(0)


def _lead_namespace(plan: "Plan", notes: int) -> None:
    if plan["overlay"] is not None:
        mount_overlay(plan["overlay"])
    enter_new_root(plan)
    raise_loopback()
    program = os.fork()
    if program == 0:
        try:
            os.setsid()
            _limit_processes(plan)
            _set_limits(plan)
            drop_privileges()
            _execute(plan, notes)
        except (OSError, ValueError) as error:
            os.write(notes, TROUBLE_NOTE + str(error).encode())
        finally:
            os._exit(CANNOT_RUN)
    for number in (0, 1, 2, *plan["keep_open"]):
        os.close(number)
    while True:
        ended, status = os.wait()
        if ended == program:
            os.write(notes, STATUS_NOTE + str(status).encode() + b"\n")
            return


def _execute(plan: "Plan", notes: int) -> None:
    os.chdir(plan["cwd"])
    program = plan["argv"][0]
    try:
        os.execvpe(program, plan["argv"], plan["environment"])  # noqa: S606 - what a guard is for
    except OSError as error:
        os.write(2, f"cannot run {program}: {error.strerror}\n".encode())
        os.close(notes)
        os._exit(CANNOT_RUN)


def _set_limits(plan: "Plan") -> None:
    for name, value in plan["limits"].items():
        # One second between soft and hard, so that a program may still say that its CPU time is over.
        _limit(getattr(resource, f"RLIMIT_{name}"), value, 1 if name == "CPU" else 0)


def _limit_processes(plan: "Plan") -> None:
    if plan["processes"] is not None:
        _limit(resource.RLIMIT_NPROC, plan["processes"], 0)


def _limit(kind: int, value: int, grace: int) -> None:
    """A stricter limit that is already there stays: it cannot be raised."""
    hard = resource.getrlimit(kind)[1]
    if hard == resource.RLIM_INFINITY:
        hard = value + grace
    resource.setrlimit(kind, (min(value, hard), min(value + grace, hard)))


def _offer_to_die_first() -> None:
    """When memory runs out, the kernel shall end the sandboxed program, not the editor."""
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    os.write(descriptor, b"1000")
    os.close(descriptor)


def _drop_what_can_be_dropped() -> None:
    """At the last rung there may be nothing to drop with; a program that gains no privileges is still better."""
    try:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
    except OSError:
        return
