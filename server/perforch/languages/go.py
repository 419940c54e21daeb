"""Go: a method names its type in the receiver."""

import re

from perforch.languages.spec import UNFINISHED, Language, Nodes, listed

_SPEC = re.compile(r'(?:([\w.]+)[ \t]+)?("[^"\n]*"|`[^`]*`)')
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def _imports(statement: str) -> tuple[str, ...]:
    """A group of imports as single ones: importing a package twice is an error in Go."""
    specs = _SPEC.finditer(_COMMENT.sub("", statement.removeprefix("import")))
    return tuple(f"import {spec[1]} {spec[2]}" if spec[1] else f"import {spec[2]}" for spec in specs)


LANGUAGE = Language(
    name="go",
    suffixes=frozenset({".go"}),
    nodes=Nodes(
        functions=frozenset({"function_declaration", "method_declaration"}),
        types=frozenset(),
        named_by={
            "function_declaration": ("name",),
            "method_declaration": ("name",),
            "parameter_list": (),
            "parameter_declaration": ("type",),
            "pointer_type": (),
            "parenthesized_type": (),
            "generic_type": ("type",),
        },
        imports=frozenset({"import_declaration"}),
        comments=frozenset({"comment"}),
        literals=frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal"}),
        preamble=frozenset({"package_clause"}),
        qualifier="receiver",
    ),
    enclosure=("", ""),
    stub=re.compile(rf'(?:panic\((?:[\w.]+\()?"[^"]*{UNFINISHED}[^"]*"\)?\);?)?', re.DOTALL),
    means=listed(
        """
        os.Exit os.Stdout os.Stderr os.Args os.Setenv os.Unsetenv os.StartProcess os.FindProcess os.exec exec.Command
        log.Fatal log.Fatalf log.Fatalln syscall unsafe plugin runtime debug.SetGCPercent debug.FreeOSMemory
        signal.Notify signal.Ignore testing flag.Parse flag.Set reflect go.linkname
        """
    ),
    abort='{ panic("the body was replaced") }',
    idioms=(
        "Write what gofmt would leave alone; keep the signature and the receiver as they are.",
        "Return errors as values, wrapped with %w; do not panic for what a caller can cause.",
        "Make slices and maps with their capacity where it is known; build strings with strings.Builder.",
        "Beware of shadowed variables and of slices that share an array.",
    ),
    imports_of=_imports,
)
