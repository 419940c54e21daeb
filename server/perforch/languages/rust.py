"""Rust: attributes stand before a function, methods in impl blocks and traits."""

import re

from perforch.languages.spec import ARGUMENTS, UNFINISHED, Language, Nodes, listed

_USE = re.compile(r"^((?:pub(?:\([^)]*\))?\s+)?use\s+)(.*?);?$", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def _imports(statement: str) -> tuple[str, ...]:
    """`use a::{b, c::{d, e}};` as single ones: importing a name twice is an error in Rust."""
    flat = " ".join(_COMMENT.sub("", statement).split())
    found = _USE.match(flat)
    return tuple(f"{found[1]}{path};" for path in _paths(found[2])) if found else (flat,)


def _paths(tree: str) -> list[str]:
    """Every path of a use tree."""
    prefix, brace, rest = tree.partition("{")
    if not brace:
        path = tree.strip()
        return [re.sub(r"::self\b", "", path)]
    inner = rest.rpartition("}")[0]
    return [path for branch in _branches(inner) for path in _paths(prefix.strip() + branch)]


def _branches(trees: str) -> list[str]:
    """The parts between commas that are in no braces."""
    parts, depth = [""], 0
    for character in trees:
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


LANGUAGE = Language(
    name="rust",
    suffixes=frozenset({".rs"}),
    nodes=Nodes(
        functions=frozenset({"function_item"}),
        types=frozenset({"impl_item", "trait_item"}),
        named_by={
            "function_item": ("name",),
            "impl_item": ("type",),
            "trait_item": ("name",),
            "mod_item": ("name",),
            "generic_type": ("type",),
            "reference_type": ("type",),
            "scoped_type_identifier": ("name",),
        },
        imports=frozenset({"use_declaration", "extern_crate_declaration"}),
        comments=frozenset({"line_comment", "block_comment"}),
        literals=frozenset({"string_literal", "raw_string_literal", "char_literal"}),
        scopes=frozenset({"mod_item"}),
        attributes=frozenset({"attribute_item"}),
        omitted=frozenset({"attribute_item"}),
        preamble=frozenset({"inner_attribute_item", "shebang"}),
    ),
    enclosure=("impl _ {", "}"),
    stub=re.compile(rf'(?:(?:todo|unimplemented)!{ARGUMENTS};?|panic!\("[^"]*{UNFINISHED}[^"]*"[^;]*\);?)?', re.DOTALL),
    means=listed(
        """
        process.exit process.abort process.Command std.process abort_unwind panic.set_hook panic.take_hook
        panic.catch_unwind panic.resume_unwind std.panic env.set_var env.remove_var thread.park thread.spawn libc nix
        unsafe asm global_asm no_mangle transmute extern ctor
        """
    ),
    abort='{ panic!("the body was replaced") }',
    idioms=(
        "Write what rustfmt and clippy would leave alone; keep the signature, lifetimes and bounds as they are.",
        "Prefer iterators and slices over indexing; borrow instead of cloning.",
        "Return Result or Option where the signature has them; do not unwrap what a caller can cause.",
        "Mind overflow: use checked_, wrapping_ or wider types; no unsafe code.",
    ),
    imports_of=_imports,
)
