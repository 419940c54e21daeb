"""Which functions, and which lines of one function, ran since we last asked.

Instrumented code does `__perforch__[n] = True`; `n` is the number of a function or of a statement.
What runs while a module is imported is kept per module, because an import happens only once in a process:
it is attributed to every test whose module imports that module, directly or through others.
"""

from itertools import compress

from perforch_imports import names_imported_by


class Marks:
    """The store behind `__perforch__`. Sets of numbers come out; `functions` and `lines` say what they stand for."""

    def __init__(self):
        self.store = []
        self.functions = {}  # number -> "file.py:12"
        self.lines = {}  # number -> lines that a statement stands for
        self.imported = {}  # file -> numbers marked while it was imported
        self.imports = {}  # file -> dotted names that it imports
        self._blank = []
        self._importing = []

    def allot_function(self, key):
        number = self._allot()
        self.functions[number] = key
        return number

    def allot_lines(self, lines):
        number = self._allot()
        self.lines[number] = tuple(lines)
        return number

    def _allot(self):
        self.store.append(False)
        self._blank.append(False)
        return len(self.store) - 1

    def take(self):
        """The numbers marked since the last call."""
        found = set(compress(range(len(self.store)), self.store))
        if found:
            self.store[:] = self._blank
        return found

    def put(self, numbers):
        for number in numbers:
            self.store[number] = True

    def importing(self, file, begins):
        """Called by an instrumented module as its first and its last statement."""
        if begins:
            self._importing.append((file, self.take()))
        else:
            self._imported(file)

    def _imported(self, file):
        while self._importing:
            begun, before = self._importing.pop()
            during = self.take()
            self.imported.setdefault(begun, set()).update(during)
            self.put(before | during)
            if begun == file:
                return

    def settle(self):
        """Between tests: whatever import has not ended by now has failed."""
        while self._importing:
            self._imported(self._importing[-1][0])

    def import_time(self, files, places):
        """What ran while the modules were imported that these files import, directly or through others."""
        found = set()
        seen = set()
        todo = list(files) if any(self.imported.values()) else []
        while todo:
            file = todo.pop()
            if file is not None and file not in seen:
                seen.add(file)
                found |= self.imported.get(file, set())
                todo += map(places.module_file, self._names(file, places))
        return found

    def _names(self, file, places):
        if file not in self.imports:  # a test file: nobody has rewritten it
            self.imports[file] = names_imported_by(places.path(file))
        return self.imports[file]
