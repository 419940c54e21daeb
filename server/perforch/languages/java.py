"""Java: methods live in types, and types in types."""

import re

from perforch.languages.spec import ARGUMENTS, UNFINISHED, Language, Nodes, listed

_NAMED = ("name",)

LANGUAGE = Language(
    name="java",
    suffixes=frozenset({".java"}),
    nodes=Nodes(
        functions=frozenset({"method_declaration", "constructor_declaration", "compact_constructor_declaration"}),
        types=frozenset(
            {
                "class_declaration",
                "interface_declaration",
                "enum_declaration",
                "record_declaration",
                "annotation_type_declaration",
                "enum_constant",  # may have a body of its own
                "object_creation_expression",  # an anonymous class; harmless where there is no body
            }
        ),
        named_by={
            "method_declaration": _NAMED,
            "constructor_declaration": _NAMED,
            "compact_constructor_declaration": _NAMED,
            "class_declaration": _NAMED,
            "interface_declaration": _NAMED,
            "enum_declaration": _NAMED,
            "record_declaration": _NAMED,
            "annotation_type_declaration": _NAMED,
            "enum_constant": _NAMED,
            "object_creation_expression": ("type",),
            "generic_type": (),
        },
        imports=frozenset({"import_declaration"}),
        comments=frozenset({"line_comment", "block_comment"}),
        literals=frozenset({"string_literal", "character_literal"}),
        omitted=frozenset({"marker_annotation", "annotation"}),
        interpolations=frozenset({"string_interpolation"}),
        preamble=frozenset({"package_declaration"}),
    ),
    enclosure=("class _ {", "}"),
    stub=re.compile(
        rf"(?:throw new [\w.]*(?:UnsupportedOperation|NotImplemented)\w*{ARGUMENTS};"
        rf'|throw new [\w.]+\("[^"]*{UNFINISHED}[^"]*"\);)?'
    ),
    means=listed(
        """
        System.exit System.setOut System.setErr System.setIn System.setProperty System.setSecurityManager
        System.clearProperty System.load System.loadLibrary Runtime ProcessBuilder ProcessHandle Unsafe MethodHandles
        java.lang.reflect setAccessible getDeclaredField getDeclaredMethod getDeclaredConstructor Class.forName
        ClassLoader Thread ThreadGroup setDefaultUncaughtExceptionHandler StackWalker Instrumentation
        org.junit junit org.testng org.mockito org.opentest4j surefire halt addShutdownHook
        """
    ),
    abort='{ throw new AssertionError("the body was replaced"); }',
    idioms=(
        "Keep modifiers, generics, the throws clause and annotations as they are.",
        "Build strings in loops with StringBuilder; prefer ArrayDeque over Stack and LinkedList.",
        "Prefer primitive arrays and int over boxed types on hot paths; mind overflow: use long or Math.addExact.",
        "Name types that need an import by their import, not by their full path.",
    ),
)
