"""Functions and methods that are taken for one another."""

_FAMILIES = (
    "any all", "min max sum len", "int float round str abs bool", "sorted list set tuple reversed", "sum prod",
    "append extend insert add", "keys values items", "lower upper swapcase capitalize title casefold",
    "islower isupper isalpha isdigit isalnum isspace isnumeric isdecimal isidentifier istitle", "startswith endswith",
    "find rfind index rindex count", "strip lstrip rstrip", "removeprefix removesuffix",
    "issubset issuperset isdisjoint", "union intersection difference symmetric_difference update",
    "ceil floor trunc round", "pop popleft remove popitem", "heappush heappop heappushpop heapreplace",
    "nlargest nsmallest", "append appendleft", "extend extendleft", "split rsplit splitlines partition rpartition",
    "range enumerate reversed", "zip zip_longest", "ord chr str int", "add discard remove update", "bin hex oct",
    "deepcopy copy", "isinstance issubclass type", "str repr ascii", "match search fullmatch findall finditer",
    "sub subn", "group groups groupdict", "start end span", "encode decode", "ljust rjust center zfill",
    "get pop setdefault", "read readline readlines", "write writelines", "exists isfile isdir is_file is_dir",
    "dirname basename abspath realpath", "stem name suffix parent", "log log2 log10 log1p exp", "sin cos tan",
    "asin acos atan", "sqrt pow hypot", "mean median mode", "stdev pstdev variance",
    "combinations permutations product combinations_with_replacement", "bisect bisect_left bisect_right",
    "insort insort_left insort_right", "chain from_iterable", "takewhile dropwhile filterfalse filter",
    "accumulate reduce", "seconds total_seconds days", "now utcnow today", "date time", "weekday isoweekday",
    "strftime strptime isoformat", "hasattr getattr setattr", "getattr setattr delattr", "dumps dump loads load",
    "hexdigest digest", "lru_cache cache", "maketrans translate", "clear copy", "sort reverse",
    "debug info warning error", "isnan isinf isfinite", "most_common elements", "rjust ljust",
    "replace translate strip", "format format_map", "real imag", "quote unquote", "quote quote_plus",
    "unquote unquote_plus", "parse parse_qs parse_qsl", "min median_low", "append push", "set frozenset",
    "list tuple dict set", "divmod pow", "iter next reversed", "map filter", "and_ or_ xor", "lt le gt ge eq ne",
)  # fmt: skip


def relatives(name: str) -> tuple[str, ...]:
    """What may have been meant instead of this name, in a fixed order."""
    families = [family.split() for family in _FAMILIES]
    return tuple(dict.fromkeys(other for family in families if name in family for other in family if other != name))
