"""Landlock: a process takes from itself, and from all that it starts, the right to touch other files and the network.

Structures and numbers are those of linux/landlock.h; what the running kernel does not know is left out.
"""

import ctypes
import os
import stat

from perforch.adapters.guard_kernel import system_call

SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, RULE_PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
FIRST_RIGHTS = (1 << 13) - 1  # the thirteen of the first version
REFER = 1 << 13
READING = EXECUTE | READ_FILE | READ_DIR
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2
REFER_ABI, TRUNCATE_ABI, NETWORK_ABI, IOCTL_ABI, SCOPE_ABI = 2, 3, 4, 5, 6


class Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version that this kernel speaks; raises OSError where there is none."""
    return system_call(SYS_CREATE_RULESET, "landlock", 0, 0, VERSION_FLAG)


def restrict_self(readable: list[str], writable: list[str]) -> None:
    """From here on only these may be read or written, no TCP is possible, and no signal leaves the sandbox.

    The caller has set no_new_privs. Landlock's network rules know ports, not addresses, so the loopback goes too;
    UDP is beyond them.
    """
    version = abi()
    rights = _file_rights(version)
    network = BIND_TCP | CONNECT_TCP if version >= NETWORK_ABI else 0
    scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS if version >= SCOPE_ABI else 0
    wanted = Ruleset(rights, network, scoped)
    size = 24 if version >= SCOPE_ABI else 16 if version >= NETWORK_ABI else 8
    ruleset = system_call(SYS_CREATE_RULESET, "landlock_create_ruleset", wanted, size, 0)
    for path in readable:
        _allow(ruleset, path, rights & READING)
    for path in writable:
        _allow(ruleset, path, rights)
    system_call(SYS_RESTRICT_SELF, "landlock_restrict_self", ruleset, 0)
    os.close(ruleset)


def _file_rights(version: int) -> int:
    rights = FIRST_RIGHTS
    for right, since in ((REFER, REFER_ABI), (TRUNCATE, TRUNCATE_ABI), (IOCTL_DEV, IOCTL_ABI)):
        if version >= since:
            rights |= right
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # what is not there needs no permission
    if not stat.S_ISDIR(os.fstat(parent).st_mode):
        rights &= FILE_RIGHTS
    system_call(SYS_ADD_RULE, "landlock_add_rule", ruleset, RULE_PATH_BENEATH, PathRule(rights, parent), 0)
    os.close(parent)
