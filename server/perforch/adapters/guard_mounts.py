"""A file system of the sandbox's own: what it shows is mounted, what it hides is simply not there.

The steps are those of bubblewrap (github.com/containers/bubblewrap, bubblewrap.c), for machines that lack it.
"""

# A guard starts in milliseconds because it imports little, and pathlib is not little.
# ruff: noqa: PTH102, PTH103, PTH110, PTH112, PTH120, PTH211
import ctypes
import fcntl
import os
import struct

from perforch.adapters.guard_kernel import datagram_socket, mount, system_call, unmount, unshare

TYPE_CHECKING = False  # importing `typing` would cost a third of the guard's start
if TYPE_CHECKING:
    from perforch.adapters.guard_plan import Mount, Overlay, Plan

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER = 0x00020000, 0x04000000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
EVERYTHING = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
SYS_PIVOT_ROOT = {"x86_64": 155}
SYS_PIVOT_ROOT_ELSEWHERE = 41  # on all architectures younger than that
SYS_MOUNT_SETATTR = 442  # the same on every architecture
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


class MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def own_namespaces(flags: int, uid: int, gid: int) -> None:
    """Enter a new user namespace, in which our own ids appear as `uid` and `gid`, and the others of `flags`."""
    host_uid, host_gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | flags)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {host_uid} 1")
    _write("/proc/self/gid_map", f"{gid} {host_gid} 1")
    mount(b"none", b"/", b"", MS_REC | MS_PRIVATE)


def mount_overlay(overlay: "Overlay") -> None:
    """Lay the copy's own changes over the workspace, at the workspace's own path."""
    # The folders go in as descriptors: a colon or comma in a path would be read as part of the options.
    folders = [*overlay["lower"], overlay["upper"], overlay["work"]]
    opened = [os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in folders]
    names = [f"/proc/self/fd/{number}" for number in opened]
    options = f"lowerdir={':'.join(names[:-2])},upperdir={names[-2]},workdir={names[-1]},userxattr"
    mount(b"overlay", os.fsencode(overlay["target"]), b"overlay", 0, options.encode())
    for number in opened:
        os.close(number)


def enter_new_root(plan: "Plan") -> None:
    """Assemble the new root on `plan["stage"]` and move into it."""
    root = plan["stage"]
    mount(b"tmpfs", os.fsencode(root), b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=755")
    for item in plan["mounts"]:
        _show(root, item)
    os.chdir(root)
    number = SYS_PIVOT_ROOT.get(os.uname().machine, SYS_PIVOT_ROOT_ELSEWHERE)
    system_call(number, "pivot_root", b".", b".")
    unmount(b".", MNT_DETACH)
    os.chdir("/")
    _restrict("/", MOUNT_ATTR_RDONLY, 0)


def raise_loopback() -> None:
    """A new network namespace has only the loopback, and that one is down."""
    control = datagram_socket()
    request = struct.pack("16sh22x", b"lo", 0)
    flags = struct.unpack("16sh22x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))
    os.close(control)


def _show(root: str, item: "Mount") -> None:
    kind, source, target = item
    place = root + target
    match kind:
        case "link":
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(source, place)
        case "ro" | "rw":
            _bind(source, place)
            extra = MOUNT_ATTR_RDONLY if kind == "ro" else 0
            _restrict(place, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | extra, AT_RECURSIVE)
        case "dir":
            os.makedirs(place, exist_ok=True)
        case "dev":
            _devices(place)
        case _:
            os.makedirs(place, exist_ok=True)
            mount(kind.encode(), os.fsencode(place), kind.encode(), MS_NOSUID | MS_NODEV)


def _bind(source: str, place: str) -> None:
    if os.path.isdir(source):
        os.makedirs(place, exist_ok=True)
    elif not os.path.exists(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    mount(os.fsencode(source), os.fsencode(place), b"", MS_BIND | MS_REC)


def _restrict(place: str, attributes: int, flags: int) -> None:
    wanted = MountAttributes(attributes, 0, 0, 0)
    arguments = (AT_FDCWD, os.fsencode(place), flags, wanted, ctypes.sizeof(wanted))
    system_call(SYS_MOUNT_SETATTR, f"mount_setattr {place}", *arguments)


def _devices(place: str) -> None:
    os.makedirs(place, exist_ok=True)
    mount(b"tmpfs", os.fsencode(place), b"tmpfs", MS_NOSUID, b"mode=755")
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{place}/{name}")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{place}/{name}")
    os.symlink("/proc/self/fd", f"{place}/fd")
    for folder, kind, options in (("shm", b"tmpfs", b"mode=1777"), ("pts", b"devpts", b"newinstance,ptmxmode=0666")):
        os.mkdir(f"{place}/{folder}")
        mount(kind, os.fsencode(f"{place}/{folder}"), kind, MS_NOSUID | MS_NOEXEC, options)
    os.symlink("pts/ptmx", f"{place}/ptmx")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    os.write(descriptor, text.encode())
    os.close(descriptor)
