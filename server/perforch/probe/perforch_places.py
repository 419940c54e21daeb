"""Which files belong to the workspace, and where its modules really came from."""

import os
import re
import sys

FOREIGN = ("site-packages", "dist-packages", ".venv", "venv", "node_modules", ".tox", ".nox", ".eggs", "__pypackages__")


class Places:
    """The copy's root as the running interpreter sees it; `origin` is the user's own folder."""

    def __init__(self, root, origin, test_files):
        self.root = os.path.realpath(root)
        self.origin = os.path.realpath(origin)
        self._prefix = self.root + os.sep
        self._environments = _environments(self._prefix)
        self._tests = [re.compile(pattern) for pattern in test_files]
        self._known = {}

    def relative(self, path):
        """The path below the root with forward slashes, or None for whatever is not the workspace's own."""
        if path not in self._known:
            self._known[path] = self._relative(path)
        return self._known[path]

    def _relative(self, path):
        if not isinstance(path, str) or path.startswith("<"):
            return None
        real = os.path.realpath(path)
        if not real.startswith(self._prefix) or real.startswith(self._environments):
            return None
        parts = real[len(self._prefix) :].split(os.sep)
        return None if any(part in FOREIGN for part in parts) else "/".join(parts)

    def path(self, relative):
        return os.path.join(self.root, *relative.split("/"))

    def is_test(self, relative):
        return any(pattern.search(relative) for pattern in self._tests)

    def module_file(self, name):
        """The workspace file of an imported module, or None."""
        file = getattr(sys.modules.get(name), "__file__", None)
        return self.relative(file) if file else None

    def loaded(self):
        """Workspace files that modules were loaded from."""
        return sorted({file for file in map(self.module_file, list(sys.modules)) if file is not None})

    def strays(self):
        """Modules of the workspace that were loaded from somewhere else, with that file."""
        found = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and self.relative(file) is None and self._is_stray(name, os.path.realpath(file)):
                found[name] = file
        return found

    def _is_stray(self, name, real):
        if self.origin != self.root and real.startswith(self.origin + os.sep):
            return not real.startswith(_environments(self.origin + os.sep)) and not _is_foreign(real, self.origin)
        return "." not in name and _is_foreign(real, "") and self._has_package(name)

    def _has_package(self, name):
        """Whether the workspace has a package of this name, which an installed one then hides."""
        homes = (self.root, os.path.join(self.root, "src"))
        return any(os.path.isfile(os.path.join(home, name, "__init__.py")) for home in homes)


def moved(path, origin, root):
    """A path of the user's folder as it is in the copy; virtual environments stay where they are."""
    if not isinstance(path, str) or not path.startswith(os.path.join(origin, "")) or _is_foreign(path, origin):
        return path
    return os.path.join(root, path[len(os.path.join(origin, "")) :])


def _is_foreign(real, root):
    return any(part in FOREIGN for part in real[len(root) :].split(os.sep))


def _environments(prefix):
    """The interpreter's own folders, where they lie inside the workspace."""
    folders = {os.path.realpath(folder) + os.sep for folder in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    return tuple(folder for folder in folders if folder.startswith(prefix) and folder != prefix)
