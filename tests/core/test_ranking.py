from dataclasses import replace

import pytest

from memory_cases import PLACE, many, seen
from perforch.core.belief import RANKED_TRIALS, Knowledge, believe, believe_in_general
from perforch.core.beta import beta_cdf, beta_interval
from perforch.core.experience import experience_of
from perforch.core.observation import Observation, Place, Standing
from perforch.core.ranking import EXPLORE_EVERY, WEIGHTS, Preference, rank, rank_in_general
from perforch.core.task import Category, Stage

MATHS = replace(PLACE, category=Category.MATHS)
JAVA = replace(PLACE, language="java")
FIX = replace(PLACE, stage=Stage.FIX)


def order(
    models: str,
    observations: list[Observation],
    place: Place = PLACE,
    *,
    strengths: dict[str, float] | None = None,
    preference: Preference = Preference.QUALITY,
) -> str:
    standings = {(Stage.GENERATE, name): Standing(value, 1, ()) for name, value in (strengths or {}).items()}
    known = Knowledge(experience_of(observations), standings)
    return "".join(one.model for one in rank(models, place, known, preference))


@pytest.mark.parametrize(
    ("why", "observations", "expected"),
    [
        ("more successes", [*many("a", 2, 8), *many("b", 8, 2)], "ba"),
        ("the same share, more of it", [*many("a", 4, 1), *many("b", 40, 10)], "ba"),
        ("one lucky answer does not beat a long record", [*many("a", 1, 0), *many("b", 90, 10)], "ba"),
        ("one unlucky answer does not end a long record", [*many("a", 90, 11), *many("b", 3, 2)], "ab"),
        ("other categories count where this one is unknown", [*many("a", 2, 8, MATHS), *many("b", 8, 2, MATHS)], "ba"),
        ("other languages count where this one is unknown", [*many("a", 2, 8, JAVA), *many("b", 8, 2, JAVA)], "ba"),
        ("other stages do not", [*many("a", 9, 1, FIX), *many("b", 1, 9, FIX)], "ab"),
        (
            "much evidence here beats much elsewhere",
            [*many("a", 100, 0, MATHS), *many("a", 10, 40), *many("b", 50, 50, MATHS), *many("b", 40, 10)],
            "ba",
        ),
        (
            "thin evidence here does not beat much elsewhere",
            [*many("a", 100, 0, MATHS), *many("a", 0, 2), *many("b", 50, 50, MATHS), *many("b", 2, 0)],
            "ab",
        ),
    ],
)
def test_the_order_follows_the_evidence(why: str, observations: list[Observation], expected: str) -> None:
    assert order("ab", observations) == expected, why


@pytest.mark.parametrize("successes", range(0, 11, 2))
@pytest.mark.parametrize("place", [PLACE, MATHS, JAVA], ids=["here", "category", "language"])
def test_one_more_success_never_lowers_and_one_more_failure_never_raises_a_belief(successes: int, place: Place) -> None:
    record = many("a", successes, 10 - successes)

    def mean(more: list[Observation]) -> float:
        return believe("a", PLACE, Knowledge(experience_of([*record, *more]))).mean

    assert mean([seen("a", False, place)]) <= mean([]) <= mean([seen("a", True, place)])


@pytest.mark.parametrize("answers", [0, 1, 3, 10, 100, 1000])
def test_with_more_answers_a_belief_comes_nearer_to_what_was_seen_and_surer(answers: int) -> None:
    def belief(number: int) -> tuple[float, float]:
        known = Knowledge(experience_of(many("a", number, 0)))
        low, high = believe("a", PLACE, known).interval()
        return believe("a", PLACE, known).mean, high - low

    assert belief(answers)[0] < belief(answers + 10)[0] < 1.0
    assert belief(answers)[1] > belief(answers + 10)[1]


def test_no_outcome_is_counted_at_two_levels() -> None:
    known = Knowledge(experience_of([*many("a", 3, 1), *many("a", 5, 2, MATHS), *many("a", 7, 3, JAVA)]))
    counts = {level.name: (level.successes, level.trials) for level in believe("a", PLACE, known).levels}
    assert counts == {"category": (3, 4), "language": (5, 7), "stage": (7, 10), "family": (0, 0)}


def test_published_figures_order_models_that_were_never_asked() -> None:
    assert order("abc", [], strengths={"a": 1.0, "b": 9.0, "c": 5.0}) == "bca"


def test_what_is_published_is_outweighed_by_a_few_dozen_outcomes() -> None:
    observations = [*many("a", 25, 5), *many("b", 12, 18)]
    assert order("ab", observations, strengths={"a": 1.0, "b": 9.0}) == "ab"


def test_a_standing_in_generate_is_borrowed_by_other_stages_and_says_so() -> None:
    known = Knowledge(standings={(Stage.GENERATE, "a"): Standing(9.0, 1, ())})
    own, borrowed = believe("a", PLACE, known), believe("a", FIX, known)
    assert (own.borrowed, borrowed.borrowed) == (False, True)
    assert own.strength > borrowed.strength


def test_a_fallback_model_is_not_blamed_for_the_tasks_that_all_fail() -> None:
    hard = [seen("b", number < 3, after=2) for number in range(10)]
    first = [seen("b", number < 3) for number in range(10)]
    assert believe("b", PLACE, Knowledge(experience_of(hard))).mean > (
        believe("b", PLACE, Knowledge(experience_of(first))).mean
    )


@pytest.mark.parametrize(
    ("preference", "expected"),
    [(Preference.QUALITY, "acb"), (Preference.COST, "bac"), (Preference.LATENCY, "cab"), (Preference.PAPER, "acb")],
)
def test_the_preference_weighs_quality_against_cost_and_time(preference: Preference, expected: str) -> None:
    def record(model: str, successes: int, cost_usd: float, seconds: float) -> list[Observation]:
        return [seen(model, n < successes, cost_usd=cost_usd, seconds=seconds) for n in range(100)]

    observations = [
        *record("a", 90, 0.05, 30.0),  # good, dear, slow
        *record("b", 70, 0.0005, 30.0),  # cheap
        *record("c", 80, 0.05, 1.0),  # swift
    ]
    assert order("abc", observations, preference=preference) == expected


def test_the_weights_of_a_preference_add_up_to_one() -> None:
    for weights in WEIGHTS.values():
        assert weights.quality + weights.cheapness + weights.swiftness == pytest.approx(1.0)


def test_an_unknown_price_is_unknown_and_neither_praised_nor_blamed() -> None:
    cheap, unknown, dear = (
        [seen(model, True, cost_usd=cost) for _ in range(20)] for model, cost in (("c", 0.0), ("b", None), ("a", 1.0))
    )
    assert believe("b", PLACE, Knowledge(experience_of(unknown))).cost_usd is None
    assert order("abc", [*cheap, *unknown, *dear], preference=Preference.COST) == "cba"


def test_the_paper_order_is_plain_successes_per_answer() -> None:
    observations = [*many("a", 1, 0), *many("b", 90, 10)]
    assert order("ab", observations, preference=Preference.PAPER) == "ab"


def test_unranked_models_are_explored_and_cost_a_bounded_share() -> None:
    observations = many("a", 60, 20)
    explored: list[str] = []
    for _ in range(200):
        first = rank("anm", PLACE, Knowledge(experience_of(observations)))[0]
        explored += [first.model] if first.explored else []
        observations.append(seen(first.model, first.model == "a"))
    assert set(explored) == {"n", "m"}
    assert len(explored) <= 2 * RANKED_TRIALS
    assert len(explored) <= 200 / EXPLORE_EVERY


def test_a_good_newcomer_is_found() -> None:
    observations = many("a", 30, 50)
    for _ in range(100):
        first = rank("an", PLACE, Knowledge(experience_of(observations)))[0].model
        observations.append(seen(first, first == "n"))
    assert order("an", observations) == "na"


def test_the_order_never_depends_on_the_order_of_the_settings() -> None:
    observations = [*many("a", 5, 5), *many("b", 5, 5)]
    assert order("abcd", observations) == order("dcba", observations)


def test_over_all_categories_every_outcome_in_the_language_counts_once() -> None:
    known = Knowledge(experience_of([*many("a", 3, 1), *many("a", 5, 2, MATHS), *many("a", 7, 3, JAVA)]))
    counts = {
        level.name: (level.successes, level.trials)
        for level in believe_in_general("a", Stage.GENERATE, "python", known).levels
    }
    assert counts == {"language": (8, 11), "stage": (7, 10), "family": (0, 0)}


def test_the_order_over_all_categories_explores_nothing() -> None:
    known = Knowledge(experience_of(many("a", EXPLORE_EVERY - 1, 0)))
    assert rank(["a", "new"], PLACE, known)[0].explored
    assert [one.model for one in rank_in_general(["new", "a"], Stage.GENERATE, "python", known)] == ["a", "new"]


@pytest.mark.parametrize(
    ("x", "a", "b", "expected"),
    [
        (0.5, 1, 1, 0.5),
        (0.3, 1, 1, 0.3),
        (0.5, 2, 2, 0.5),
        (0.25, 1, 2, 0.4375),
        (0.9, 5, 1, 0.59049),
        (0.2, 0.5, 0.5, 0.295167),
    ],
)
def test_the_beta_distribution_agrees_with_known_values(x: float, a: float, b: float, expected: float) -> None:
    assert beta_cdf(x, a, b) == pytest.approx(expected, abs=1e-6)


def test_the_credible_interval_is_that_of_the_uniform_for_no_evidence_and_narrow_for_much() -> None:
    assert beta_interval(0.5, 2.0) == pytest.approx((0.05, 0.95), abs=1e-6)
    low, high = beta_interval(0.7, 1000.0)
    assert 0.67 < low < 0.7 < high < 0.73


def test_a_new_version_of_a_model_starts_from_what_its_siblings_did() -> None:
    observations = [*many("openai/gpt-5-2025-08-07", 40, 2), *many("x/plain", 22, 20)]
    ranked = rank(["x/new", "x/plain", "azure/gpt-5-2026-01-01"], PLACE, Knowledge(experience_of(observations)))
    assert [one.model for one in ranked] == ["azure/gpt-5-2026-01-01", "x/plain", "x/new"]
    assert ranked[0].belief.strength < 10  # whatever the siblings did, a dozen outcomes of its own outweigh it
