"""A routing report for people: what each order solves within so many tries, and what it asks for that."""

from collections.abc import Iterator
from math import isfinite

from perforch.evaluation.routing import TRIES, Order
from perforch.evaluation.routing_report import Measured, OrderReport, RoutingReport

_HEADER = f"{'order':<12}" + "".join(f"{f'after {tries}':>9}" for tries in range(1, TRIES + 1))
_COLUMNS = f"{_HEADER}  of the oracle      calls a task  calls a solution"


def as_table(report: RoutingReport) -> str:
    """Shares of tasks in per cent; brackets hold bootstrap intervals of 90 % over tasks."""
    return "\n".join(_lines(report))


def _lines(report: RoutingReport) -> Iterator[str]:
    yield f"{report.suite}, pool {report.pool}: {report.total} tasks, learnt from {report.learnt_from}"
    yield f"best single model: {report.best_model} {report.pass_at_1[report.best_model]:.1%} (chosen in hindsight)"
    yield f"oracle: {report.oracle:.1%}"
    yield ""
    yield _COLUMNS
    for order in Order:
        yield _order_line(order, report.orders[order])
    yield ""
    for order in (Order.STATIC, Order.CONDITIONAL):
        yield f"{order}: first try {_points(report.orders[order].first_try_above_best)} against the best single model"
    yield f"conditional: {_points(report.conditional_above_static)} against static after {TRIES} tries"
    yield "An interval that holds 0 means that chance alone makes such differences."


def _order_line(order: Order, report: OrderReport) -> str:
    after = "".join(f"{one.mean:>9.1%}" for one in report.after)
    low, high = report.of_oracle.interval
    share = f"{report.of_oracle.mean:.1%} [{low:.0%}, {high:.0%}]"
    solution = f"{report.calls_per_solved:.2f}" if isfinite(report.calls_per_solved) else "none"
    return f"{order:<12}{after}  {share:<19}{report.calls_per_task.mean:>11.2f}{solution:>18}"


def _points(measured: Measured) -> str:
    low, high = (100.0 * end for end in measured.interval)
    return f"{100.0 * measured.mean:+.1f} points [{low:+.1f}, {high:+.1f}]"
