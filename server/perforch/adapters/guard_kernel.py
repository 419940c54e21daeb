"""The kernel's calls that Python does not offer, through the C library."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

AF_INET, SOCK_DGRAM, SOCK_CLOEXEC = 2, 2, 0o2000000
SIGKILL, SIGPIPE, SIGSTOP, SIGXFSZ = 9, 13, 19, 25
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAPBSET_DROP = 24
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63  # the kernel refuses those that it does not know, which ends the loop


def prctl(option: int, value: int, more: int = 0) -> None:
    check(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), 0, 0), f"prctl {option}")


def default_signals(*numbers: int) -> None:
    """What Python ignores, exec would pass on; `signal` itself is slow to import."""
    for number in numbers:
        _libc.signal(number, None)


def datagram_socket() -> int:
    """A descriptor to ask the kernel about networks with."""
    return check(_libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")


def unshare(flags: int) -> None:
    check(_libc.unshare(flags), "unshare")


def mount(source: bytes, target: bytes, kind: bytes, flags: int, options: bytes = b"") -> None:
    check(_libc.mount(source, target, kind, ctypes.c_ulong(flags), options), f"mount {os.fsdecode(target)}")


def unmount(target: bytes, flags: int) -> None:
    check(_libc.umount2(target, flags), f"unmount {os.fsdecode(target)}")


def system_call(number: int, name: str, *arguments: int | bytes | ctypes.Structure) -> int:
    """Any call by its number; structures go by reference, whole numbers as longs."""
    return check(_libc.syscall(ctypes.c_long(number), *map(_converted, arguments)), name)


def drop_privileges() -> None:
    """Give up every capability for good: also for programs that would grant some, and for user id 0."""
    for capability in range(LAST_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    check(_libc.capset(header, nothing), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def check(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _converted(argument: int | bytes | ctypes.Structure) -> object:
    match argument:
        case int():
            return ctypes.c_long(argument)
        case bytes():
            return ctypes.c_char_p(argument)
        case _:
            return ctypes.byref(argument)
