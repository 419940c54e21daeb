"""What a call does beyond its process, as the interpreter tells: files written, programs started, connections made."""

import os
import sys

# Events of sys.addaudithook whose occurrence is part of what a function does.
LOUD = frozenset(
    """
    os.remove os.rename os.mkdir os.rmdir os.link os.symlink os.truncate os.chmod os.chown os.utime os.putenv
    os.unsetenv os.chdir os.system os.exec os.fork os.forkpty os.spawn os.posix_spawn os.startfile os.kill os.killpg
    pty.spawn subprocess.Popen shutil.copyfile shutil.move shutil.rmtree shutil.make_archive sqlite3.connect
    socket.connect socket.bind socket.sendto socket.getaddrinfo urllib.Request http.client.connect smtplib.connect
    ftplib.connect mmap.__new__ shelve.open dbm.open ctypes.dlopen ctypes.dlsym gc.get_objects gc.get_referrers
    gc.get_referents sys.settrace sys.setprofile sys.addaudithook signal.pthread_kill _thread.start_new_thread
    """.split()  # noqa: SIM905 - a list to read
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
BYTECODE = ("__pycache__", ".pyc")


class Effects:
    """Listens from its making on: a hook cannot be taken away. `kinds` are the events since the last `begin`."""

    def __init__(self):
        self.kinds = set()
        self._is_on = False
        sys.addaudithook(self._hear)

    def begin(self):
        self.kinds = set()
        self._is_on = True

    def stop(self):
        """Sorted names of what was heard."""
        self._is_on = False
        return sorted(self.kinds)

    def _hear(self, event, arguments):
        if not self._is_on:
            return
        if event == "open":
            if _is_write(arguments) and not _is_bytecode(arguments):
                self.kinds.add("a file opened to write")
        elif event in LOUD and not _is_bytecode(arguments):
            self.kinds.add(event)


def _is_write(arguments):
    _, mode, flags = arguments
    return any(letter in str(mode or "") for letter in "wax+") or bool((flags or 0) & WRITING)


def _is_bytecode(arguments):
    """What the import of a module leaves is not the function's doing."""
    path = arguments[0] if arguments else None
    return isinstance(path, (str, bytes)) and any(part in os.fsdecode(path) for part in BYTECODE)
