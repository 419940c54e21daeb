"""generate, fix and optimize with a model behind the gateway: a scripted server on the loopback answers."""

import json
import re
from pathlib import Path

import pytest
from command_line import BUGGY, Ended, digest, perforch, write

from model_server import Asked, ModelServer, Says, serving

pytestmark = pytest.mark.slow

STUB = '''def initials(name):
    """The first letter of each word, in capitals."""
    raise NotImplementedError
'''
STUB_TESTS = """\
from names import initials


def test_two_words():
    assert initials("ada lovelace") == "AL"


def test_nothing():
    assert initials("") == ""
"""
BODY = 'def initials(name):\n    """The first letter of each word, in capitals."""\n    return "".join(word[0].upper() for word in name.split())'
SLOW = '''def common(a, b):
    """Sorted, each once."""
    out = []
    for x in a:
        for y in b:
            if x == y:
                out.append(x)
    return sorted(set(out))
'''
SLOW_TESTS = """\
from slow import common


def test_small():
    assert common([1, 2, 3, 4], [2, 4, 6]) == [2, 4]


def test_large():
    assert common(list(range(200)), list(range(0, 400, 3))) == list(range(0, 200, 3))


def test_none():
    assert common([], [1]) == []
"""
FAST = 'def common(a, b):\n    """Sorted, each once."""\n    return sorted(set(a) & set(b))'
WRONG = BODY.replace(".upper()", ".lower()")


def fenced(code: str) -> Says:
    return Says(f"Here it is:\n```python\n{code}\n```\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "workspace"
    place.mkdir()
    return place


def settings(folder: Path, server: ModelServer, *names: str) -> None:
    """The user's own file: the given models, all on the scripted server."""
    home = folder.parent / f"{folder.name}-home"
    home.mkdir(exist_ok=True)
    lines = [f"[models]\nuse = {json.dumps(list(names))}\n"]
    lines += [f'[models.options."{name}"]\nmodel = "openai/{name}"\nbase_url = "{server.url}"\n' for name in names]
    (home / "perforch.toml").write_text("".join(lines), encoding="utf-8")


def trail(ended: Ended) -> list[tuple[str, str, str | None]]:
    attempts = ended.object["trail"]
    assert isinstance(attempts, list)
    return [(each["model"], each["stage"], each["fault"]) for each in attempts]


def test_generate_writes_a_body_that_the_tests_prove(folder: Path) -> None:
    before = digest(write(folder, {"names.py": STUB, "test_names.py": STUB_TESTS}))
    with serving(fenced(BODY)) as server:
        settings(folder, server, "m")
        ended = perforch(folder, "generate", "names.py::initials", "--json")
    assert ended.status == 0, ended.err
    candidate = ended.object["candidate"]
    assert isinstance(candidate, dict)
    assert candidate["code"] == BODY
    assert digest(folder) == before


def test_a_generated_body_that_fails_is_handed_to_a_fixer(folder: Path) -> None:
    write(folder, {"names.py": STUB, "test_names.py": STUB_TESTS})
    with serving(fenced(WRONG), fenced(BODY)) as server:
        settings(folder, server, "m")
        ended = perforch(folder, "generate", "names.py::initials", "--json")
        told = server.asked[-1].messages[-1]["content"]
    assert ended.status == 0, ended.err
    assert trail(ended) == [("m", "generate", "test"), ("m", "fix", None)]
    assert ".lower()" in told
    assert "'al' == 'AL'" in told


def test_the_next_model_is_asked_when_one_fails_in_any_way(folder: Path) -> None:
    write(
        folder,
        {
            "numbers_.py": BUGGY,
            "test_numbers.py": "from numbers_ import largest\ndef test_l():\n    assert largest([3, 9, 2]) == 9\n",
        },
    )
    good = "def largest(numbers):\n    return max(numbers)"
    with serving(Says("no idea"), Says(""), fenced(good)) as server:
        settings(folder, server, "m1", "m2", "m3")
        ended = perforch(folder, "fix", "numbers_.py::largest", "--json")
    assert ended.status == 0, ended.err
    assert [fault for _, _, fault in trail(ended)] == ["parse", "provider", None]


def test_what_is_learnt_decides_who_is_asked_next(folder: Path) -> None:
    """The second model in the settings proves itself: from then on it is asked first."""
    write(folder, {"names.py": STUB, "test_names.py": STUB_TESTS})

    def answer(asked: Asked) -> Says:
        return fenced(BODY if asked.model.endswith("good") else WRONG)

    with serving(*[answer] * 20) as server:
        settings(folder, server, "bad", "good")
        for _ in range(4):
            last = perforch(folder, "generate", "names.py::initials", "--json")
    assert trail(last)[0][0] == "good"


def test_optimize_proposes_only_what_is_measurably_faster(folder: Path) -> None:
    write(folder, {"slow.py": SLOW, "test_slow.py": SLOW_TESTS})
    same = SLOW.rstrip().replace("out = []", "out = list()")
    with serving(fenced(same), fenced(FAST)) as server:
        settings(folder, server, "m1", "m2")
        ended = perforch(folder, "optimize", "slow.py::common", "--json", "--timeout", "200")
    assert ended.status == 0, ended.err
    assert trail(ended)[0][2] == "not-faster"
    comparison = ended.object["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["cpu_time"]["high"] < 0.9
    assert comparison["pairs"] >= 5


def test_what_is_generated_is_made_faster_too_where_that_is_wanted(folder: Path) -> None:
    """The first answer is proven but slow; the setting lets it be refined, compared with itself."""
    stub = 'def common(a, b):\n    """Sorted, each once."""\n    raise NotImplementedError\n'
    write(folder, {"slow.py": stub, "test_slow.py": SLOW_TESTS})
    with serving(fenced(SLOW.rstrip()), fenced(FAST)) as server:
        settings(folder, server, "m")
        asked = ("generate", "slow.py::common", "--json", "--timeout", "200")
        ended = perforch(folder, *asked, PERFORCH_MODELS_REFINE_AFTER="true")
    assert ended.status == 0, ended.err
    assert trail(ended) == [("m", "generate", None), ("m", "refine", None)]
    comparison = ended.object["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["cpu_time"]["high"] < 0.9
    assert "sorted(set(a) & set(b))" in str(ended.object["diff"])


def test_an_optimization_that_behaves_differently_is_refused(folder: Path) -> None:
    write(folder, {"slow.py": SLOW, "test_slow.py": SLOW_TESTS})
    different = 'def common(a, b):\n    """Sorted, each once."""\n    return sorted(set(a) & set(b), key=abs)'
    with serving(fenced(different)) as server:
        settings(folder, server, "m1")
        ended = perforch(folder, "optimize", "slow.py::common", "--json", "--timeout", "200")
    assert ended.status == 1
    assert trail(ended) == [("m1", "refine", "different")]


def test_show_prompt_prints_what_would_be_sent_and_sends_nothing(folder: Path) -> None:
    write(
        folder,
        {
            "names.py": STUB + 'TOKEN = "ghp_' + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8" + '"\n',
            "test_names.py": STUB_TESTS,
        },
    )
    with serving() as server:
        settings(folder, server, "m")
        ended = perforch(folder, "generate", "names.py::initials", "--show-prompt")
        assert server.hits == 0
    assert ended.status == 0, ended.err
    assert "def initials(name):" in ended.out
    assert "ghp_a1B2" not in ended.out


def test_a_model_that_shall_make_it_faster_is_told_where_the_time_goes(folder: Path) -> None:
    source = "def total(n):\n    found = 0\n    for k in range(n):\n        found += sum(range(k))\n    return found\n"
    test = "from sums import total\n\ndef test_total():\n    for n in range(20, 60):\n        assert total(n) >= 0\n"
    write(folder, {"sums.py": source, "test_sums.py": test})
    with serving() as server:
        settings(folder, server, "m")
        ended = perforch(folder, "optimize", "sums.py::total", "--show-prompt")
        assert server.hits == 0
    assert ended.status == 0, ended.err
    (hottest, *_) = re.findall(r"(\d+)% of the time, (\d+) times: `(.*)`", ended.out)
    assert int(hottest[0]) > 50
    assert hottest[2] == "found += sum(range(k))"


def test_what_an_answer_may_cost_is_told_before_it_is_asked_for(folder: Path) -> None:
    write(folder, {"names.py": STUB, "test_names.py": STUB_TESTS})
    with serving(fenced(BODY)) as server:
        settings(folder, server, "m")
        prices = "input_usd_per_million = 1.0\noutput_usd_per_million = 2.0\nmax_tokens = 1000\n"
        with (folder.parent / f"{folder.name}-home" / "perforch.toml").open("a", encoding="utf-8") as file:
            file.write(prices)
        ended = perforch(folder, "generate", "names.py::initials")
    assert ended.status == 0, ended.err
    told = re.search(r"m may cost up to \$(\S+) for this answer, which leaves \$(\S+) of the request's", ended.err)
    assert told is not None, ended.err
    assert 0.002 < float(told[1]) < 0.01
    assert float(told[1]) + float(told[2]) == pytest.approx(0.2, abs=0.0002)
    assert "USD of the budget left)" in ended.out


def test_a_budget_of_nothing_asks_nobody_that_costs(folder: Path) -> None:
    write(folder, {"names.py": STUB, "test_names.py": STUB_TESTS})
    home = folder.parent / f"{folder.name}-home"
    home.mkdir()
    (home / "perforch.toml").write_text('[models]\nuse = ["openai/gpt-4o"]\n', encoding="utf-8")
    ended = perforch(folder, "generate", "names.py::initials", "--json", "--budget", "0", OPENAI_API_KEY="sk-nothing")
    assert ended.status == 1
    assert "budget" in ended.reason[1]
    assert "sk-nothing" not in ended.out + ended.err
