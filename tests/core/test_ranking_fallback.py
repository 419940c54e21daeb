from memory_cases import PLACE, seen
from perforch.core.belief import Knowledge
from perforch.core.experience import Experience, experience_of
from perforch.core.fallback import Fallback, Ordering, asked_in_turn, conditional_order, worth_asking
from perforch.core.ranking import Preference, rank


def outcomes(table: dict[str, str]) -> Experience:
    """One string per model, a character per task: 1 solved, 0 failed, ? unknown."""
    return experience_of(
        seen(model, mark == "1", task=f"t{task}")
        for model, marks in table.items()
        for task, mark in enumerate(marks)
        if mark != "?"
    )


def orders(table: dict[str, str]) -> list[str]:
    """Static, conditional, and what of the static one is worth asking."""
    experience = outcomes(table)
    joint = experience.joint(PLACE.stage, PLACE.language)
    static = rank(table, PLACE, Knowledge(experience))
    conditional = conditional_order(static, joint, Preference.QUALITY)
    return ["".join(one.model for one in order) for order in (static, conditional, worth_asking(static, joint))]


def test_after_a_failure_the_model_that_solves_what_the_first_cannot_goes_next() -> None:
    static, conditional, _ = orders({"a": "1" * 14 + "0" * 6, "b": "1" * 13 + "0" * 7, "c": "0" * 10 + "1" * 10})
    assert (static, conditional) == ("abc", "acb")


def test_what_the_user_wants_of_the_order_is_done() -> None:
    experience = outcomes({"a": "1" * 14 + "0" * 6, "b": "1" * 13 + "0" * 7, "c": "0" * 10 + "1" * 10})

    def asked(ordering: Ordering) -> str:
        return "".join(one.model for one in asked_in_turn("abc", PLACE, Knowledge(experience), ordering))

    assert asked(Ordering()) == "abc"
    assert asked(Ordering(fallback=Fallback.CONDITIONAL)) == "acb"
    assert asked(Ordering(Preference.PAPER, Fallback.CONDITIONAL)) == "abc"


def test_without_joint_outcomes_the_conditional_order_is_the_static_one() -> None:
    static, conditional, worth = orders(
        {"a": "1" * 9 + "0" + "?" * 20, "b": "?" * 10 + "1" * 7 + "000", "c": "?" * 20 + "1100"}
    )
    assert static == conditional == worth == "abc"


def test_one_shared_task_does_not_overturn_the_order() -> None:
    static, conditional, _ = orders({"a": "1" * 19 + "0", "b": "1" * 18 + "00", "c": "1" * 9 + "0" * 10 + "1"})
    assert (static, conditional) == ("abc", "abc")


def test_asking_stops_where_many_tasks_say_that_nobody_else_solves_them() -> None:
    _, _, worth = orders({"a": "1" * 30 + "0" * 100, "b": "1" * 29 + "0" * 101, "c": "1" * 28 + "0" * 102})
    assert worth == "a"


def test_what_each_pair_shows_counts_where_no_task_shows_all_together() -> None:
    _, conditional, _ = orders(
        {
            "a": "1" * 18 + "0" * 12 + "?" * 12,
            "b": "?" * 18 + "0" * 12 + "1" * 12 + "?" * 12,
            "c": "?" * 18 + "1" * 8 + "0" * 4 + "0" * 10 + "?" * 12,
        }
    )
    assert conditional == "acb"


def test_what_is_too_hard_for_strong_models_is_not_tried_on_far_weaker_ones() -> None:
    alone = {model: "?" * 40 * place + "1" * 36 + "0" * 4 for place, model in enumerate("abc")}
    assert orders({**alone, "d": "?" * 120 + "1" * 4 + "0" * 36})[2] == "abc"
    assert orders({"a": alone["a"], "d": "?" * 120 + "1" * 4 + "0" * 36})[2] == "a"
    assert orders({"a": alone["a"], "d": "?" * 120 + "1" * 30 + "0" * 10})[2] == "ad"


def test_a_model_without_a_chance_is_passed_over_for_a_later_one_that_has_one() -> None:
    hopeless = "1" * 30 + "0" * 100
    static, _, worth = orders({"a": "1" * 31 + "0" * 99, "b": hopeless, "c": "0" * 102 + "1" * 28})
    assert (static, worth) == ("abc", "ac")


def test_asking_goes_on_where_few_tasks_say_so() -> None:
    _, _, worth = orders({"a": "1" * 30 + "0" * 5, "b": "1" * 29 + "0" * 6, "c": "1" * 28 + "0" * 7})
    assert worth == "abc"


def test_the_latest_outcome_of_a_task_counts() -> None:
    experience = experience_of([seen("a", False, task="t"), seen("a", True, task="t"), seen("b", True, task="t")])
    joint = experience.joint(PLACE.stage, PLACE.language)
    assert joint.failed_by(["a"]) == 0
    assert sorted(joint.outcomes()) == [("t", "a", True), ("t", "b", True)]
