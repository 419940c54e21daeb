"""C++: a name hides in its declarator, and a method may be defined outside its class."""

import re

from perforch.languages.spec import ARGUMENTS, UNFINISHED, Language, Nodes, listed

_DECLARATOR = ("declarator",)
_NAMED = ("name",)

LANGUAGE = Language(
    name="cpp",
    suffixes=frozenset({".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".h", ".ipp", ".tpp", ".inl"}),
    nodes=Nodes(
        functions=frozenset({"function_definition"}),
        types=frozenset({"class_specifier", "struct_specifier", "union_specifier"}),
        named_by={
            "function_definition": _DECLARATOR,
            "function_declarator": _DECLARATOR,
            "pointer_declarator": _DECLARATOR,
            "reference_declarator": (),
            "parenthesized_declarator": (),
            "attributed_declarator": (),
            "class_specifier": _NAMED,
            "struct_specifier": _NAMED,
            "union_specifier": _NAMED,
            "namespace_definition": _NAMED,
            "template_type": _NAMED,
            "template_function": _NAMED,
            "qualified_identifier": ("scope", "name"),
        },
        imports=frozenset({"preproc_include"}),
        comments=frozenset({"comment"}),
        literals=frozenset({"string_literal", "raw_string_literal", "char_literal", "system_lib_string"}),
        scopes=frozenset({"namespace_definition"}),
        wrappers=frozenset({"template_declaration", "friend_declaration"}),
        omitted=frozenset({"attribute_declaration", "field_initializer_list"}),
        preamble=frozenset({"preproc_call", "preproc_def"}),
        guards=frozenset({"preproc_ifdef"}),
    ),
    enclosure=("struct _ {", "};"),
    stub=re.compile(
        rf'(?:throw [\w:]+[({{]"[^"]*{UNFINISHED}[^"]*"[)}}];|(?:std::)?abort\(\);|assert{ARGUMENTS};)?', re.DOTALL
    ),
    means=listed(
        """
        exit _exit _Exit quick_exit abort atexit at_quick_exit on_exit terminate set_terminate system popen fork vfork
        execve execv execvp execl kill raise signal sigaction ptrace syscall dlopen dlsym dlclose longjmp setjmp freopen
        dup dup2 setenv putenv unsetenv environ getppid mmap mprotect pthread_create pthread_exit asm __asm__
        testing gtest GTEST_SKIP GTEST_FLAG_SET Catch doctest boost.unit_test UnitTest TestInfo
        """
    ),
    abort="{ __builtin_trap(); }",
    idioms=(
        "Write modern C++ as far as the file does; keep the signature, const and noexcept as they are.",
        "Pass by const reference, reserve before filling, move what is no longer needed; return no dangling reference.",
        "Prefer <algorithm> and <numeric>, and std::unordered_map over std::map where order is not needed.",
        "Mind signed overflow and mixed signedness: use std::size_t for sizes and long long for sums.",
    ),
)
