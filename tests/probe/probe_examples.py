"""A small project whose tests enter functions in every way that we know of, and what each of them enters."""

PROJECT = {
    "pyproject.toml": """
        [tool.pytest.ini_options]
        markers = ["quick: a marker of the project"]
        """,
    "src/shop/__init__.py": "from shop.basket import total\n",
    "src/shop/registry.py": '''
        """What is called at import only."""
        KNOWN = {}


        def register(function):
            KNOWN[function.__name__] = function
            return function
        ''',
    "src/shop/basket.py": '''
        """Prices."""
        from __future__ import annotations

        import functools
        from dataclasses import dataclass

        from shop.registry import register


        @register
        def total(prices: list[int]) -> int:
            """The sum."""
            def inner(values):
                return sum(values)

            return inner(prices)


        def doubled(function):
            @functools.wraps(function)
            def wrapper(*args):
                return 2 * function(*args)

            return wrapper


        @doubled
        @functools.lru_cache(maxsize=None)
        def cached(number):
            return number


        @dataclass
        class Basket:
            size: int = 1

            @property
            def half(self):
                return self.size / 2

            @staticmethod
            def static(): return 1

            @classmethod
            def made(cls, size):
                """Made."""
                return cls(size)

            def items(self):
                for number in range(self.size):
                    yield number

            async def fetch(self):
                return self.size

            async def stream(self):
                yield self.size

            def __add__(self, other):
                if other is None:
                    raise ValueError("nothing to add")
                return Basket(self.size + other.size)

            class Inner:
                def deep(self): ...


        def only_by_thread(found):
            found.append(1)


        def opened():
            return "opened"


        def never():
            return None
        ''',
    "src/shop/broken_encoding.py": "VALUE = 1\n",
    "tests/conftest.py": """
        import sys
        from pathlib import Path

        import pytest

        sys.path.insert(0, str(Path(__file__).parent / "support"))

        from shop.basket import opened


        @pytest.fixture(scope="session")
        def session_wide():
            return opened()
        """,
    "tests/support/hacked.py": "def support():\n    return 1\n",
    "tests/test_forms.py": """
        import asyncio
        import inspect
        import pickle
        import threading
        import unittest

        import hacked
        import pytest
        from shop import basket
        from shop.basket import Basket, total


        def test_plain():
            assert total([1, 2]) == 3


        @pytest.mark.parametrize("n", [1, 2], ids=["a b", "[x]::y"])
        def test_parametrised(n):
            assert basket.cached(n) == 2 * n


        @pytest.mark.quick
        def test_property():
            assert Basket(4).half == 2


        def test_static():
            assert Basket.static() == 1


        def test_class_method():
            assert Basket.made(3).size == 3


        def test_generator():
            assert list(Basket(2).items()) == [0, 1]


        def test_generator_not_started():
            Basket(2).items()


        def test_async():
            assert asyncio.run(Basket(2).fetch()) == 2


        def test_async_generator():
            async def read():
                return [item async for item in Basket(2).stream()]

            assert asyncio.run(read()) == [2]


        def test_operator_raises():
            Basket() + None


        def test_inner_class():
            Basket.Inner().deep()


        def test_thread():
            found = []
            thread = threading.Thread(target=basket.only_by_thread, args=(found,))
            thread.start()
            thread.join()
            assert found


        def test_wide_1(session_wide):
            assert session_wide


        def test_wide_2(session_wide):
            assert session_wide


        @pytest.fixture
        def narrow():
            yield Basket.static()


        def test_narrow(narrow):
            assert narrow


        def test_nothing_is_different():
            assert total.__doc__ == "The sum."
            assert "return inner(prices)" in inspect.getsource(total)
            assert pickle.loads(pickle.dumps(total)) is total
            assert total.__code__.co_firstlineno == inspect.getsourcelines(total)[1]
            assert not [name for name in vars(basket) if "perforch" in name]


        @pytest.mark.skip
        def test_skipped(): ...


        @pytest.mark.xfail
        def test_expected(): assert False


        @pytest.mark.xfail
        def test_unexpected(): ...


        @pytest.fixture
        def bad():
            raise RuntimeError("no")


        def test_bad_fixture(bad): ...


        @pytest.fixture
        def bad_end():
            yield
            raise RuntimeError("no")


        def test_bad_end(bad_end): ...


        class TestGroup:
            @classmethod
            def setup_class(cls):
                cls.basket = Basket.made(5)

            def test_in_class(self):
                assert self.basket.size == 5

            def test_in_class_too(self):
                assert self.basket.size == 5


        class Old(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.basket = Basket.made(6)

            def test_old(self):
                for size in (5, 6):
                    with self.subTest(size=size):
                        self.assertEqual(self.basket.size, size)
        """,
    "tests/test_module_level.py": """
        import pytest
        from shop.basket import Basket, opened


        def setup_module():
            Basket.static()


        @pytest.mark.parametrize("size", list(Basket(1).items()))
        def test_at_collection(size): ...


        def test_other(): ...
        """,
    "tests/test_unrelated.py": "def test_unrelated(): ...\n",
}

# test -> headers of the functions that it enters itself, beyond what every test of its file enters by importing
ENTERS: dict[str, tuple[str, ...]] = {
    "test_plain": ("def total", "def inner"),
    "test_parametrised[a b]": ("def wrapper", "def cached"),
    "test_parametrised[[x]::y]": ("def wrapper", "def cached"),
    "test_property": ("def half",),
    "test_static": ("def static",),
    "test_class_method": ("def made",),
    "test_generator": ("def items",),
    "test_generator_not_started": (),
    "test_async": ("def fetch",),
    "test_async_generator": ("def stream",),
    "test_operator_raises": ("def __add__",),
    "test_inner_class": ("def deep",),
    "test_thread": ("def only_by_thread",),
    "test_wide_1": ("def opened",),
    "test_wide_2": ("def opened",),
    "test_narrow": ("def static",),
    "test_nothing_is_different": (),
    "TestGroup::test_in_class": ("def made",),
    "TestGroup::test_in_class_too": ("def made",),
    "Old::test_old": ("def made",),
}

OUTCOMES = {
    "test_plain": "passed",
    "test_operator_raises": "failed",
    "test_nothing_is_different": "passed",
    "test_skipped": "skipped",
    "test_expected": "xfailed",
    "test_unexpected": "xpassed",
    "test_bad_fixture": "error",
    "test_bad_end": "error",
    "Old::test_old": "failed",
}
