"""Which lines are shown as hot."""

from perforch.core.hot_lines import HotLine, LineCount, hottest

SOURCE = "def f(n):\n    total = 0\n    for k in range(n):\n        total += g(k)\n    return total"


def test_the_hottest_lines_come_first_with_their_text_and_share() -> None:
    counts = [LineCount(12, 2.0, 100), LineCount(13, 6.0, 99), LineCount(11, 0.1, 1)]
    assert hottest(counts, SOURCE, 10) == (
        HotLine(13, 6.0 / 8.1, 99, "total += g(k)"),
        HotLine(12, 2.0 / 8.1, 100, "for k in range(n):"),
    )


def test_lines_beyond_the_function_do_not_count() -> None:
    assert hottest([LineCount(99, 5.0, 1), LineCount(9, 5.0, 1), LineCount(11, 1.0, 1)], SOURCE, 10) == (
        HotLine(11, 1.0, 1, "total = 0"),
    )


def test_no_more_than_a_few_lines_are_shown() -> None:
    source = "\n".join(f"line {number}" for number in range(10))
    assert len(hottest([LineCount(at, 1.0, 1) for at in range(10)], source, 0)) == 5


def test_without_counts_there_is_nothing_to_show() -> None:
    assert hottest([], SOURCE, 1) == hottest([LineCount(1, 0.0, 1)], SOURCE, 1) == ()
