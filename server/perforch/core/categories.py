"""What kind of problem a function is, told from its name, its documentation, its parameters and its code.

A weighted vote of words: each names the categories that it speaks for. No model and no network is asked, so that the
same function always has the same category, and rankings by category can be compared.
"""

import re
from collections import Counter
from collections.abc import Iterator

from perforch.core.task import Category, Target

# Words of names and documentation, by the category that they speak for and by how strongly. A word may end in s, es,
# ed or ing. The weights are small whole numbers: 4 is nearly a definition, 1 a mere hint.
_VOCABULARY: dict[Category, dict[int, str]] = {
    Category.STRINGS: {
        4: "palindrome anagram vowel consonant substring uppercase lowercase concatenate alphabet",
        3: "character letter string prefix suffix sentence ascii cipher encrypt decrypt encode decode",
        2: "word text capital case char str strlen",
        1: "space message replace",
    },
    Category.SEQUENCES: {
        4: "intersperse duplicate monotonic",
        3: "element subarray sublist rolling",
        2: "list array consecutive filter unique common lst arr positive negative items intersection",
        1: "indices index sequence sum remove every numbers values flatten zip window",
    },
    Category.MATHS: {
        4: "prime divisor factorial factorize gcd lcm modulo coprime divisible derivative combinatorics",
        3: "factor digit arithmetic multiply multiplication power cube fibonacci polynomial collatz",
        2: "integer multiple base even odd add divide product square root fraction probability equation",
        1: "number decimal count total range",
    },
    Category.SORTING_SEARCHING: {
        4: "sort bisect ascending descending quicksort mergesort",
        3: "smallest search closest rank rearrange nearest",
        2: "order largest sorted find kth",
        1: "maximum minimum compare",
    },
    Category.DATA_STRUCTURES: {
        4: "dictionary heap deque hashmap lru trie",
        3: "dict stack queue linked cache keys",
        2: "push pop enqueue insert delete map bucket",
        1: "key lookup size",
    },
    Category.GRAPHS_TREES: {
        4: "graph vertex vertices bfs dfs dijkstra topological subtree ancestor",
        3: "tree edge neighbor neighbour node leaf maze island reachable",
        2: "root child children parent grid component cycle depth",
        1: "path visit traverse",
    },
    Category.DYNAMIC_PROGRAMMING: {
        5: "knapsack subsequence memoize recurrence levenshtein tribonacci lcs lis fib",
        3: "fibonacci coin stairs dp",
        1: "optimal ways longest",
    },
    Category.BIT_MANIPULATION: {
        5: "xor bitwise popcount bitmask bitcount",
        3: "bit mask parity",
        1: "binary shift",
    },
    Category.GEOMETRY: {
        5: "triangle polygon perimeter circle rectangle convex hypotenuse",
        3: "area angle radius distance geometry centroid euclidean",
        2: "point volume coordinate side vector",
        1: "intersect overlap",
    },
    Category.PARSING_FORMATTING: {
        5: "parse parser bracket parenthesis parentheses paren tokenize unparse",
        4: "format json csv xml yaml regex delimited roman serialize deserialize escape markdown",
        2: "convert notation represent nested date timestamp split delimiter separate token valid email url header",
        1: "comma line",
    },
    Category.IO_SYSTEM: {
        4: "file directory socket http subprocess stdin stdout filesystem download upload",
        3: "read write open folder stream network filename environment shell",
        2: "process thread command buffer close send receive connection path",
        1: "load save",
    },
    Category.NUMERIC: {
        4: "mean average deviation variance median rescale interpolate regression histogram softmax normalize gradient",
        3: "truncate floor ceil round float decimal numeric percentile matrix integral precision approximate",
        2: "threshold linear transform scale tolerance coefficients unit",
        1: "ratio weight",
    },
    Category.GLUE: {
        4: "handler callback middleware config settings plugin dispatch registry logger factory adapter",
        3: "register request response user session grade student login notify render",
        2: "init setup wrapper option default handle main status event",
        1: "get set update create build",
    },
}

# What the parameters' types, names and the documentation's examples say about the values that are worked on.
_TYPES: tuple[tuple[re.Pattern[str], Category, int], ...] = tuple(
    (re.compile(pattern), category, weight)
    for pattern, category, weight in (
        (r"(?i)\b(?:list|vector|vec|iterable|tuple)\s*[\[<]\s*&?(?:std::)?(?:str|string)\b", Category.STRINGS, 2),
        (r"\[\]string\b|\bString\[\]", Category.STRINGS, 2),
        (r"(?i)[:(,]\s*(?:const\s+)?&?(?:std::)?(?:str|string)\b|\b\w+ string\b|\bString \w+", Category.STRINGS, 3),
        (r"(?i)\b(?:list|vector|vec|sequence|iterable|slice|array)\b|\[\]|\[\w+\]", Category.SEQUENCES, 2),
        (r"\b(?:lst|arr|array|nums|numbers|xs|l1|l2)\b", Category.SEQUENCES, 2),
        (r"(?i)[:(,]\s*(?:int|long|i32|i64|u32|u64|usize|integer)\b|\b(?:int|long) \w", Category.MATHS, 1),
        (r"(?i)\b(?:dict|map|hashmap|set|unordered_map|mapping)\b", Category.DATA_STRUCTURES, 2),
        (r"(?i)\b(?:float|double|f64|f32|float64|float32|decimal|ndarray)\b", Category.NUMERIC, 2),
        (r"(?i)\b(?:path|purepath|file|reader|writer|socket|inputstream|outputstream)\b", Category.IO_SYSTEM, 3),
        (r"(?i)\b(?:node|treenode|graph|listnode)\b", Category.GRAPHS_TREES, 3),
    )
)  # fmt: skip

# What the code does, in the spelling of any of the languages.
_CODE: tuple[tuple[re.Pattern[str], Category, int], ...] = tuple(
    (re.compile(pattern), category, weight)
    for pattern, category, weight in (
        (r"\bsort(?:ed|\b|\.|_)|\.sort", Category.SORTING_SEARCHING, 2),
        (r"\bbisect|binary_search|binarySearch|sort\.Search", Category.SORTING_SEARCHING, 3),
        (r"(?i)\.(?:upper|lower|swapcase|isalpha|join|to_?(?:upp|low)ercase|charat|chars)\b", Category.STRINGS, 2),
        (r"StringBuilder|strings\.|\bord\(|\bchr\(", Category.STRINGS, 2),
        (r"[^\w]%\s*(?:\d|\w)", Category.MATHS, 1),
        (r"\bmath\.|\bMath\.|\bgcd\b|\bsqrt\b|\bpow\b", Category.MATHS, 1),
        (r"<<|>>>|\s\^\s|\s&\s\d", Category.BIT_MANIPULATION, 1),
        (r"\b(?:heapq|\w*deque|\w*HashMap|PriorityQueue|unordered_map|BTreeMap)\b", Category.DATA_STRUCTURES, 2),
        (r"\bdp\b|\bmemo|lru_cache|\w\[i ?- ?1\] ?\+ ?\w+\[i ?- ?2\]", Category.DYNAMIC_PROGRAMMING, 3),
        (r"(?i)\b(?:neighbou?rs|visited|adjacency|\.left|\.right|children)\b", Category.GRAPHS_TREES, 2),
        (r"\bopen\(|\bos\.|\bPath\(|\bsubprocess\b|Files\.|ifstream|ofstream|ioutil|std::fs", Category.IO_SYSTEM, 3),
        (r"(?i)\bre\.|\bregex|Pattern\.compile|json\.|str[pf]time|sscanf|\.split\(", Category.PARSING_FORMATTING, 2),
        (r"\bround\(|\bmean\b|\bnp\.|\bnumpy\b|\babs\([^)]*\)\s*<", Category.NUMERIC, 1),
    )
)  # fmt: skip

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_DOCUMENTED_WORDS = 60  # what comes later are examples and side conditions
_NAME_WEIGHT = 2  # a word in the name counts as much as this many in the documentation
_EXAMPLE_WEIGHT = 3
_LEAST = 2  # with less than this said for any category, the function only holds others together


def category(target: Target) -> Category:
    """The category of a target."""
    body = target.source[target.body.start - target.span.start : target.body.end - target.span.start]
    return classify(target.function.rpartition(".")[2], target.docstring, target.signature, body)


def classify(name: str, docstring: str, signature: str, code: str) -> Category:
    """The category that most speaks for; `code` is the body, which may be empty or a stub."""
    votes: Counter[Category] = Counter()
    for word in set(_words(name)):
        _vote(votes, word, _NAME_WEIGHT)
    for word in set(_words(docstring)[:_DOCUMENTED_WORDS]):
        _vote(votes, word, 1)
    for pattern, favoured, weight in _TYPES:
        votes[favoured] += weight * bool(pattern.search(signature))
    for pattern, favoured, weight in _CODE:
        votes[favoured] += weight * bool(pattern.search(code))
    for favoured in _exemplified(name, docstring):
        votes[favoured] += _EXAMPLE_WEIGHT
    # The order of the vocabulary decides between equals.
    best = max(Category, key=lambda candidate: votes[candidate])
    return best if votes[best] >= _LEAST else Category.GLUE


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _vote(votes: Counter[Category], word: str, times: int) -> None:
    for stem in _stems(word):
        if stem in _MEANINGS:
            for favoured, weight in _MEANINGS[stem]:
                votes[favoured] += weight * times
            return


def _stems(word: str) -> Iterator[str]:
    """The word itself, then without the endings that plurals and verbs have."""
    yield word
    for ending in ("s", "es", "ed", "d", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word.removesuffix(ending)
    if word.endswith("ing"):
        yield word.removesuffix("ing") + "e"
    if word.endswith("ies"):
        yield word.removesuffix("ies") + "y"


def _exemplified(name: str, docstring: str) -> Iterator[Category]:
    """What the first example passes: a text, a list, a number."""
    found = re.search(rf"\b{re.escape(name)}\(\s*(?P<argument>.)", docstring)
    match found["argument"] if found else "":
        case "'" | '"':
            yield Category.STRINGS
        case "[" | "(":
            yield Category.SEQUENCES
        case "{":
            yield Category.DATA_STRUCTURES
        case digit if digit.isdigit() or digit == "-":
            yield Category.MATHS
        case _:
            pass


def _meanings() -> dict[str, tuple[tuple[Category, int], ...]]:
    found: dict[str, list[tuple[Category, int]]] = {}
    for favoured, weights in _VOCABULARY.items():
        for weight, words in weights.items():
            for word in words.split():
                found.setdefault(word, []).append((favoured, weight))
    return {word: tuple(meanings) for word, meanings in found.items()}


_MEANINGS = _meanings()
