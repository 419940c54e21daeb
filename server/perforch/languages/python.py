"""Python: indentation, docstrings, decorators."""

import ast
import inspect
import re
import warnings

from perforch.languages.python_bodies import fragment
from perforch.languages.python_examples import example_tests
from perforch.languages.spec import ARGUMENTS, Complaint, Language, Nodes, listed

_PREFIX = re.compile(r"^[A-Za-z]*")
_LINE = re.compile(r" on line \d+")
_COMMENT = re.compile(r"#[^\n]*")


def _imports(statement: str) -> tuple[str, ...]:
    """`from a import (b, c)` is `from a import b` and `from a import c`."""
    flat = re.sub(r"[()\\\s]+", " ", _COMMENT.sub("", statement)).strip()
    head, _, names = flat.partition("import ")
    return tuple(f"{head}import {name.strip()}" for name in names.split(",") if name.strip())


def _docstring(literal: str) -> str:
    bare = _PREFIX.sub("", literal)
    quote = bare[:3] if bare[:3] in {'"""', "'''"} else bare[:1]
    text = bare[len(quote) : -len(quote)]
    if "\\" in text and "r" not in literal[: len(literal) - len(bare)].lower():
        text = _unescaped(literal, otherwise=text)
    return inspect.cleandoc(text).strip()


def _unescaped(literal: str, otherwise: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in the user's docstring is none of our business
        try:
            value = ast.literal_eval(literal)
        except (SyntaxError, ValueError):
            return otherwise
    return value if isinstance(value, str) else otherwise


def _complaint(code: str) -> Complaint | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except SyntaxError as error:
            return Complaint(_LINE.sub("", error.msg), error.lineno)
        except ValueError as error:  # a null character
            return Complaint(str(error), None)
        except (RecursionError, MemoryError):  # too deeply nested for this parser, which says nothing about the code
            return None
    return None


LANGUAGE = Language(
    name="python",
    suffixes=frozenset({".py", ".pyw"}),
    nodes=Nodes(
        functions=frozenset({"function_definition"}),
        types=frozenset({"class_definition"}),
        named_by={"function_definition": ("name",), "class_definition": ("name",)},
        imports=frozenset({"import_statement", "import_from_statement", "future_import_statement"}),
        comments=frozenset({"comment"}),
        literals=frozenset({"string", "format_specifier", "type_conversion"}),
        wrappers=frozenset({"decorated_definition"}),
        omitted=frozenset({"decorator"}),
        interpolations=frozenset({"interpolation", "format_expression"}),
        docstring="string",
    ),
    enclosure=("if True:", ""),
    blank_lines=2,
    stub=re.compile(rf"(?:pass|\.\.\.|raise NotImplementedError(?:{ARGUMENTS})?)?;?"),
    means=listed(
        """
        sys gc inspect ctypes cffi atexit threading _thread builtins __builtins__ unittest doctest pytest _pytest pluggy
        hypothesis importlib runpy signal multiprocessing subprocess faulthandler tracemalloc globals global setattr
        delattr __setattr__ __setitem__ __dict__ __import__ exec eval _exit os.abort os.kill os.killpg os.fork os.system
        os.execv os._exit os.dup2 _getframe f_back f_globals f_locals f_code tb_frame __globals__ __code__ __closure__
        __subclasses__ __mro__ __bases__ settrace setprofile excepthook displayhook SystemExit KeyboardInterrupt
        BaseException breakpoint
        """
    ),
    abort='raise AssertionError("the body was replaced")',
    idioms=(
        "Follow PEP 8 and the style of the file; keep the annotations and the calling convention as they are.",
        "Prefer comprehensions, built-in functions and the standard library over index arithmetic.",
        "For membership use sets or dicts, for queues collections.deque, for counting collections.Counter.",
        "Raise exceptions that say what is wrong; do not catch what you cannot handle.",
    ),
    prototype=re.compile(r"@(?:\w+\.)?overload\b"),
    example_tests=example_tests,
    imports_of=_imports,
    documentation=_docstring,
    fragment=fragment,
    complaint=_complaint,
)
