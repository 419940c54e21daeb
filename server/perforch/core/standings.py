"""Who is better, from many tables that each list some models on a scale of their own.

Only the order within a table is used, so figures of different metrics never meet on one scale; tables that share models
link those that share none. The model is Bradley and Terry's (Biometrika 39, 1952): P(a beats b) = a / (a + b).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

# Of a draw with its anchor that every model is given: enough to keep a model that never loses finite. With 50 times
# as much, models known from one table of equals all end up in the middle (rank correlation with recorded outcomes of 56
# models: 0.0 instead of 0.8).
RIDGE = 0.02
_ROUNDS = 5000
_CLOSE = 1e-4

Table = Sequence[tuple[str, float]]  # model and figure, higher is better


def strengths(tables: Iterable[Table], anchors: Mapping[str, float]) -> dict[str, float]:
    """The logarithm of each model's strength; a model's comparisons within one table weigh 1 together.

    `anchors` are strengths known from elsewhere (another stage). They fix the scale, 0 being the average where there
    are none, and they hold tables together that share no model.
    """
    met, won = _comparisons(tables)
    anchor = {model: math.exp(anchors.get(model, 0.0)) for model in met}
    strength = dict(anchor)
    for _ in range(_ROUNDS):  # Hunter's minorise-maximise step (Annals of Statistics 32, 2004), model by model
        moved = 0.0
        for model, rivals in met.items():
            old = strength[model]
            risk = sum(weight / (old + strength[rival]) for rival, weight in rivals.items())
            risk += RIDGE / (old + anchor[model])
            strength[model] = (won[model] + RIDGE / 2.0) / risk
            moved = max(moved, abs(math.log(strength[model] / old)))
        if moved < _CLOSE:
            break
    return {model: math.log(value) for model, value in strength.items()}


def _comparisons(tables: Iterable[Table]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """How much each pair met, and how much each model won; a tie is half a win for both."""
    met: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    won: dict[str, float] = defaultdict(float)
    for table in tables:
        for place, (model, figure) in enumerate(table):
            for rival, other in table[:place]:
                if model == rival:
                    continue
                weight = 1.0 / (len(table) - 1)
                share = 0.5 if figure == other else float(figure > other)
                met[model][rival] += weight
                met[rival][model] += weight
                won[model] += weight * share
                won[rival] += weight * (1.0 - share)
    return met, won
