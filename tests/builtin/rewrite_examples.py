"""For each rule a function that it applies to, what it makes of it, and arguments to try both with."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Example:
    """`after` is a piece of the new text; `given` are the arguments of calls."""

    rule: str
    before: str
    after: str
    given: Sequence[tuple[object, ...]]

    @property
    def text(self) -> str:
        return dedent(self.before).strip("\n")


NUMBERS = [3, -1, 4, 1, -5, 9, 2, -6, 5, 3, 5]
WORDS = ["a", "Bcd", "", "ef g", "Bcd"]

EXAMPLES = (
    Example(
        "a loop that appends is a list comprehension",
        """
        def f(xs):
            found = []
            for x in xs:
                if x > 1:
                    found.append(x + 1)
            return found
        """,
        "found = [x + 1 for x in xs if x > 1]",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a loop that adds to a set is a set comprehension",
        """
        def f(xs):
            seen = set()
            for x in xs:
                seen.add(x % 3)
            return seen
        """,
        "seen = {x % 3 for x in xs}",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "pieces of a text are joined at once",
        """
        def f(words):
            text = ''
            for word in words:
                text += word * 2
            return text
        """,
        "text = ''.join([word * 2 for word in words])",
        [(WORDS,), ([],)],
    ),
    Example(
        "independent accounts get a loop each",
        """
        def f(xs: list):
            total = 0
            count = 0
            for x in xs:
                total += x
                count += 1
            return total, count
        """,
        "total = sum(xs)",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a loop that adds up is a sum",
        """
        def f(xs):
            total = 0
            for x in xs:
                total += x * 2
            return total
        """,
        "total = sum([x * 2 for x in xs])",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a loop that multiplies is a product",
        """
        def f(xs):
            whole = 2
            for x in xs:
                whole *= x + 7
            return whole
        """,
        "whole = prod([x + 7 for x in xs], start=whole)",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a running maximum is compared without a call",
        """
        def f(xs):
            best, all_of_them = 0, []
            for x in xs:
                best = max(best, x)
                all_of_them.append(best)
            return all_of_them
        """,
        "if x > best:\n            best = x",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a flag that is set cannot change any more",
        """
        def f(xs):
            found = False
            for x in xs:
                if x > 4:
                    found = True
            return found
        """,
        "found = True\n            break",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "the last match is looked for from the end",
        """
        def f(xs):
            place = -1
            for i in range(1, len(xs)):
                if xs[i] < xs[i - 1]:
                    place = i
            return place
        """,
        "for i in reversed(range(1, len(xs))):",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "filter and map with a lambda are comprehensions",
        """
        def f(xs):
            return list(filter(lambda x: x > 2, xs))
        """,
        "return [x for x in xs if x > 2]",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "what takes all items gets a list, not a generator",
        """
        def f(xs, c):
            return sum((x - c) * 2 for x in xs)
        """,
        "return sum([(x - c) * 2 for x in xs])",
        [(NUMBERS, 2), ([], 1)],
    ),
    Example(
        "truths are counted as ones",
        """
        def f(xs, ys):
            return sum([x in ys for x in xs])
        """,
        "return sum([1 for x in xs if x in ys])",
        [(NUMBERS, [3]), ([], [])],
    ),
    Example(
        "equal items are counted by count",
        """
        def f(xs: list):
            return len([x for x in xs if x == 5])
        """,
        "return xs.count(5)",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a comprehension that only goes through is what it goes through",
        """
        def f(xs: list):
            return sum([x for x in xs])
        """,
        "return sum(xs)",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a comprehension that only calls is a map",
        """
        def f(xs):
            return sum([abs(x) for x in xs])
        """,
        "return sum(map(abs, xs))",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a comprehension over pairs is a map",
        """
        def f(xs, ys):
            return [abs(x - y) for x, y in zip(xs, ys)]
        """,
        "return list(map(abs, map(sub, xs, ys)))",
        [(NUMBERS, [1, 2, 3]), ([], [])],
    ),
    Example(
        "a key needs no lambda",
        """
        def f(xs):
            return sorted(xs, key=lambda x: x[1])
        """,
        "return sorted(xs, key=itemgetter(1))",
        [([(1, 2), (3, 0), (2, 2)],), ([],)],
    ),
    Example(
        "the smallest is found without sorting",
        """
        def f(xs):
            return sorted(xs, key=abs)[0]
        """,
        "return min(xs, key=abs) if xs else xs[0]",
        [(NUMBERS,), ([1, -1],)],
    ),
    Example(
        "no copy of what is only read",
        """
        def f(xs):
            return sorted(list(set(xs)))
        """,
        "return sorted(set(xs))",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a dict is asked itself, not its keys",
        """
        def f(d, k):
            return k in d.keys()
        """,
        "return k in d",
        [({1: 2}, 1), ({}, 1)],
    ),
    Example(
        "an index that counts up is a range",
        """
        def f(xs, m):
            found = []
            i = 0
            while i < len(xs):
                if xs[i] > m:
                    m += 1
                    found.append(xs[i])
                i += 1
            return found
        """,
        "for item in xs:",
        [(NUMBERS, 1), ([], 1)],
    ),
    Example(
        "an index that is counted along is enumerated",
        """
        def f(xs, ys):
            i = 0
            for x in xs:
                ys[i] = x
                i += 1
            return ys
        """,
        "for i, x in enumerate(xs):",
        [(NUMBERS, [0] * 20), ([], [])],
    ),
    Example(
        "two indices that meet go through both ends",
        """
        def f(xs):
            i, j = 0, len(xs) - 1
            while i < j:
                if xs[i] != xs[j]:
                    return False
                i += 1
                j -= 1
            return True
        """,
        "for one, other in zip(xs[:len(xs) // 2], reversed(xs)):",
        [([1, 2, 1],), ([1, 2, 2, 1],), ([1, 2],), ([],)],
    ),
    Example(
        "mirrored indices go through both ends",
        """
        def f(xs):
            wrong = 0
            for i in range(len(xs) // 2):
                if xs[i] != xs[len(xs) - i - 1]:
                    wrong += 1
            return wrong
        """,
        "zip(xs[:len(xs) // 2], reversed(xs))",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a text is compared with its reverse",
        """
        def f(text: str):
            for i in range(len(text)):
                if text[i] != text[len(text) - 1 - i]:
                    return False
            return True
        """,
        "if text != text[::-1]:\n        return False",
        [("abba",), ("abc",), ("",)],
    ),
    Example(
        "an index that only looks up goes through the items",
        """
        def f(xs):
            return [xs[i] + 1 for i in range(1, len(xs), 2) if xs[i] > 1]
        """,
        "return [item + 1 for item in xs[1::2] if item > 1]",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "neighbours are paired",
        """
        def f(xs):
            for i in range(len(xs) - 1):
                if xs[i] == xs[i + 1]:
                    return True
            return False
        """,
        "for one, other in zip(xs, xs[1:]):",
        [(NUMBERS,), ([1, 1],), ([],)],
    ),
    Example(
        "an index that also looks up is enumerated",
        """
        def f(xs):
            for i in range(len(xs)):
                if xs[i] == i:
                    return xs[i]
        """,
        "for i, item in enumerate(xs):",
        [(NUMBERS,), ([1, 1],), ([],)],
    ),
    Example(
        "every second item is a slice",
        """
        def f(xs):
            return [x for i, x in enumerate(xs) if i % 2 == 1 and x > 0]
        """,
        "return [x for x in xs[1::2] if x > 0]",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "divisors are looked for up to the root",
        """
        def f(n):
            for d in range(2, n):
                if n % d == 0:
                    return False
            return True
        """,
        "min(n, isqrt(max(n, 0)) + 1)",
        [(n,) for n in range(-2, 50)],
    ),
    Example(
        "after two, only odd divisors are tried",
        """
        def f(n):
            for d in range(2, int(n ** 0.5) + 1):
                if n % d == 0:
                    return False
            return True
        """,
        "for d in chain(range(2, min(end, 3)), range(3, end, 2)):",
        [(n,) for n in range(50)],
    ),
    Example(
        "the largest divisor belongs to the least one",
        """
        def f(n):
            for i in reversed(range(n)):
                if n % i == 0:
                    return i
        """,
        "return n // i",
        [(n,) for n in range(-3, 60) if n != 1],
    ),
    Example(
        "a sum of a range has a closed form",
        """
        def f(n):
            return sum(range(n + 1))
        """,
        "(numbers[0] + numbers[-1]) * len(numbers) // 2",
        [(n,) for n in range(-3, 9)],
    ),
    Example(
        "a product of a range from one is a factorial",
        """
        def f(n):
            x = 1
            for j in range(1, n + 1):
                x *= j
            return x
        """,
        "x = factorial(max(n, 0))",
        [(n,) for n in range(-3, 9)],
    ),
    Example(
        "repeated multiplication with a modulus is a power",
        """
        def f(n, p):
            r = 1
            for i in range(n):
                r = (2 * r) % p
            return r
        """,
        "r * pow(2, n, p) % p",
        [(n, p) for n in range(-1, 9) for p in (-7, 1, 2, 9, 2.5)],
    ),
    Example(
        "Euclid's algorithm is built in",
        """
        def f(a, b):
            while b:
                a, b = b, a % b
            return a
        """,
        "gcd(a, b)",
        [(a, b) for a in (-4, 0, 6, 2.5) for b in (-9, 0, 4)],
    ),
    Example(
        "evenly spaced numbers are a range",
        """
        def f(n):
            return [n + 2 * i for i in range(n)]
        """,
        "list(range(n, n + 2 * n, 2))",
        [(n,) for n in range(-2, 5)],
    ),
    Example(
        "a square is a product",
        """
        def f(x: int):
            return x ** 2
        """,
        "return x * x",
        [(3,), (-2,)],
    ),
    Example(
        "the sign of the base has no ones",
        """
        def f(x):
            return bin(x)[2:].count('1')
        """,
        "return bin(x).count('1')",
        [(x,) for x in range(-3, 9)],
    ),
    Example(
        "pieces that are joined at once need no name",
        """
        def f(xs):
            parts = [x + '!' for x in xs]
            parts = ''.join(parts)
            return parts
        """,
        "parts = ''.join([x + '!' for x in xs])",
        [(WORDS,)],
    ),
    Example(
        "a character that stands for another is replaced",
        """
        def f(text: str):
            return ''.join([' ' if c == ',' else c for c in text])
        """,
        "return text.replace(',', ' ')",
        [("a,b,,c",), ("",)],
    ),
    Example(
        "characters are translated by a table",
        """
        def f(text: str):
            return ''.join([chr(ord(c) + 1) for c in text if c.isalpha()])
        """,
        "text.translate(",
        [("a,b,,cc é",), ("",)],
    ),
    Example(
        "characters are counted by kind",
        """
        def f(text: str):
            return len([c for c in text if c.isupper()])
        """,
        "sum([text.count(c) for c in set(text) if c.isupper()])",
        [("aBBc D",), ("",)],
    ),
    Example(
        "characters are weighed by kind",
        """
        def f(text: str):
            return sum([ord(c) if c.isupper() else 0 for c in text])
        """,
        "for c in set(text)",
        [("aBBc D",), ("",)],
    ),
    Example(
        "a text is compared where it stands",
        """
        def f(text: str, other: str):
            times = 0
            for i in range(len(text) - len(other) + 1):
                if text[i:i + len(other)] == other:
                    times += 1
            return times
        """,
        "text.startswith(other, i)",
        [("aaaa", "aa"), ("abc", ""), ("", "a")],
    ),
    Example(
        "a membership test among constants is one in a set",
        """
        def f(c):
            return c in ['a', 'e', 'i']
        """,
        "return c in {'a', 'e', 'i'}",
        [("a",), ("b",)],
    ),
    Example(
        "a letter is looked for in a set",
        """
        def f(text: str):
            found = {}
            for c in text:
                if c in 'aeiou':
                    found[c] = True
            return found
        """,
        "if c in {'a', 'e', 'i', 'o', 'u'}:",
        [("hello",), ("",)],
    ),
    Example(
        "a list that is asked again and again is a set",
        """
        def f(xs, ys: list):
            return [x for x in xs if x in ys]
        """,
        "[x for x in xs if x in ys_set]",
        [(NUMBERS, [3, 5]), ([], [])],
    ),
    Example(
        "items are counted once for all",
        """
        def f(text):
            words = text.split(' ')
            return [word for word in words if words.count(word) > 1]
        """,
        "if words_counts[word] > 1",
        [("a b a",), ("",)],
    ),
    Example(
        "a tally is a Counter",
        """
        def f(xs):
            counts = dict([(x, 0) for x in xs])
            for x in xs:
                counts[x] += 1
            return counts[xs[0]]
        """,
        "counts = Counter(xs)",
        [(NUMBERS,)],
    ),
    Example(
        "a key is looked for before it is missed",
        """
        def f(xs):
            names = {1: 'one', 2: 'two', 3: 'three'}
            found = []
            for x in xs:
                try:
                    found.append(names[x])
                except KeyError:
                    pass
            return found
        """,
        "[names[x] for x in xs if x in names]",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "what a loop does not change is worked out before it",
        """
        def f(xs, ys):
            return [x for x in xs if x < max(ys)]
        """,
        "ys_max = max(ys)",
        [(NUMBERS, [4, 2])],
    ),
    Example(
        "a bound is worked out when it changes",
        """
        def f(n: int):
            found, i = [], 2
            while i <= int(n ** 0.5):
                if n % i == 0:
                    found.append(i)
                    n //= i
                else:
                    i += 1
            return found, n
        """,
        "while i <= bound:",
        [(n,) for n in range(1, 50)],
    ),
    Example(
        "the same call is made once",
        """
        def f(n):
            return str(n) == str(n)[::-1]
        """,
        "n_str = str(n)\n    return n_str == n_str[::-1]",
        [(121,), (-1,)],
    ),
    Example(
        "arithmetic that stays the same is done once",
        """
        def f(xs, a, b):
            return [x / (a - b) for x in xs]
        """,
        "known = a - b\n    return [x / known for x in xs]",
        [(NUMBERS, 5, 2)],
    ),
    Example(
        "a helper that is an expression is written out",
        """
        def f(xs, ys):
            def xor(i, j):
                if i == j:
                    return '0'
                return '1'
            return ''.join([xor(x, y) for x, y in zip(xs, ys)])
        """,
        "['0' if x == y else '1' for x, y in zip(xs, ys)]",
        [("0110", "0101")],
    ),
    Example(
        "a helper that nobody calls goes",
        """
        def f(x):
            def unused(y):
                return y
            return x + 1
        """,
        "def f(x):\n    return x + 1",
        [(1,)],
    ),
    Example(
        "a helper that is called again and again remembers",
        """
        def f(n):
            def slow(k):
                total = 0
                while k:
                    total += k % 10
                    k //= 10
                return total
            return [(i, j) for i in range(n) for j in range(n) if slow(i) == slow(j)]
        """,
        "@cache\n    def slow(k):",
        [(12,), (0,)],
    ),
    Example(
        "a function that calls itself twice remembers",
        """
        def f(n):
            if n < 2:
                return n
            return f(n - 1) + f(n - 2)
        """,
        "return f_of(n - 1) + f_of(n - 2)\n\n    return f_of(n)",
        [(n,) for n in range(12)],
    ),
    Example(
        "equal items of two loops are looked up",
        """
        def f(xs, ys):
            found = set()
            for x in xs:
                for y in ys:
                    if x == y:
                        found.add(x)
            return found
        """,
        "candidates = set(ys)",
        [(NUMBERS, [5, 1, 7]), ([], [])],
    ),
    Example(
        "a pair with a sum is looked up",
        """
        def f(xs):
            for i in range(len(xs)):
                for j in range(i + 1, len(xs)):
                    if xs[i] + xs[j] == 0:
                        return True
            return False
        """,
        "if -item in seen:",
        [(NUMBERS,), ([0],), ([0, 0],), ([],), ([1, -1],)],
    ),
    Example(
        "the nearest neighbours are next to each other in order",
        """
        def f(xs, limit):
            for i, x in enumerate(xs):
                for j, y in enumerate(xs):
                    if i != j:
                        if abs(x - y) < limit:
                            return True
            return False
        """,
        "ordered = sorted(xs)",
        [(NUMBERS, 1), ([1, 2.5], 1), ([], 1), ([1, float("nan"), 9, 1.5], 1)],
    ),
    Example(
        "each pair is met once",
        """
        def f(xs):
            best = None
            for i, x in enumerate(xs):
                for j, y in enumerate(xs):
                    if i != j:
                        if best is None or abs(x - y) < best:
                            best = abs(x - y)
            return best
        """,
        "enumerate(xs[i + 1:], i + 1)",
        [(NUMBERS,), ([1],), ([],)],
    ),
    Example(
        "what only falling can cause is asked where it falls",
        """
        def f(text):
            depth = 0
            for c in text:
                if c == '(':
                    depth += 1
                else:
                    depth -= 1
                if depth < 0:
                    return False
            return depth == 0
        """,
        "depth -= 1\n            if depth < 0:\n                return False\n    return",
        [("(())",), ("())(",), ("(",), ("",)],
    ),
    Example(
        "a question about all items is a loop with an else",
        """
        def f(words):
            found = []
            for word in words:
                if all(c in 'abc' for c in word):
                    found.append(word)
            return found
        """,
        "if c not in 'abc':\n                break\n        else:\n            found.append(word)",
        [(WORDS,), ([],)],
    ),
    Example(
        "an answer about all items is a loop that returns",
        """
        def f(xs):
            return any(x > 4 for x in xs)
        """,
        "for x in xs:\n        if x > 4:\n            return True\n    return False",
        [(NUMBERS,), ([],)],
    ),
    Example(
        "a text that is added again and again is multiplied",
        """
        def f(n: int):
            text = ''
            while n:
                text += 'ab'
                n -= 1
            return text, n
        """,
        "text += 'ab' * n\n    n = 0",
        [(0,), (3,)],
    ),
    Example(
        "a window of fixed size is a few names",
        """
        def f(n):
            last = [0, 1, 3]
            for _ in range(n):
                last.append(last[-1] + last[-3])
                last.pop(0)
            return last[-1], last
        """,
        "last_0, last_1, last_2 = last_1, last_2, last_2 + last_0",
        [(n,) for n in range(9)],
    ),
    Example(
        "an index into two sequences goes through both",
        """
        def f(xs):
            ordered = sorted(xs)
            for i in range(len(xs)):
                if xs[i] != ordered[i]:
                    return False
            return True
        """,
        "for one, other in zip(xs, ordered):",
        [(NUMBERS,), ([1, 2],), ([],)],
    ),
    Example(
        "an index into the rest goes through the rest",
        """
        def f(n):
            xs = [i * i for i in range(n)]
            found = []
            for i in range(n):
                for j in range(i + 1, n):
                    if xs[j] % 3 == 1:
                        found.append((i, xs[j]))
            return found
        """,
        "for item in xs[i + 1:n]",
        [(n,) for n in range(9)],
    ),
    Example(
        "multiples in a range are a range",
        """
        def f(a, b):
            return [i for i in range(a, b) if i % 3 == 1]
        """,
        "return list(range(a + (1 - a) % 3, b, 3))",
        [(a, b) for a in range(-5, 5) for b in (-6, 0, 9)],
    ),
    Example(
        "squares of what a function gives are products",
        """
        def f(xs):
            return [len(x) ** 2 for x in xs]
        """,
        "return [x * x for x in map(len, xs)]",
        [(WORDS,), ([],)],
    ),
    Example(
        "the reverse of an end is a beginning of the reverse",
        """
        def f(text: str):
            i = 0
            while not text[i:] == text[i:][::-1]:
                i += 1
            return i
        """,
        "while not text_reversed.startswith(text[i:]):",
        [("abba",), ("xabba",), ("abc",), ("",)],
    ),
    Example(
        "short runs are gone through at once",
        """
        def f(xs):
            return [all(x > 0 for x in xs)]
        """,
        "all([x > 0 for x in xs])",
        [(NUMBERS,), ([],)],
    ),
)

BESIDE = """
def value(xs, x):
    return sum([k * x for k in xs])


def f(xs):
    begin, end = -1.0, 1.0
    while end - begin > 0.01:
        centre = (begin + end) / 2.0
        if value(xs, centre) * value(xs, begin) > 0:
            begin = centre
        else:
            end = centre
    return begin
"""
