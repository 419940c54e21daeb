"""A gateway process without LiteLLM, for tests of the parent's side: what it does is the model's name."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

Outcome = tuple[str, Mapping[str, object]]


def told(text: str, finish: str = "stop", usage: tuple[int, int] | None = (1000, 500)) -> Outcome:
    tokens = {"prompt": usage[0], "completion": usage[1]} if usage else None
    return "Told", {"text": text, "finish": finish, "model": "served", "usage": tokens}


def say(report: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def main() -> None:
    if "--broken" in sys.argv:
        sys.exit("ImportError: no LiteLLM here")
    say({"ready": "0"})
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "Ask" and (outcome := obey(order, order["messages"][-1]["content"])) is not None:
            say({"id": order["id"], "kind": outcome[0], "outcome": outcome[1]})


def obey(order: Mapping[str, object], text: str) -> Outcome | None:
    misbehave(str(order["model"]), text)
    return {
        "x/echoes": told(text),
        "x/shows-environment": told(json.dumps(dict(os.environ))),
        "x/shows-order": told(json.dumps(order)),
        "x/crashes-once": told("recovered"),
        "x/stalls": None,
        "x/truncates": told(text, "length"),
        "x/forgets-usage": told(text, usage=None),
        "x/is-refused": ("Refused", {"status": 401, "detail": "bad key"}),
        "x/is-down": ("ProviderError", {"status": 503, "detail": "overloaded"}),
        "x/times-out": ("TimedOut", {"seconds": 1.0}),
    }[str(order["model"])]


def misbehave(model: str, text: str) -> None:
    if model == "x/babbles":
        sys.stdout.write("this is not JSON, and the line never ends")
        sys.stdout.flush()
        os._exit(0)
    if model == "x/crashes":
        os._exit(3)
    if model == "x/crashes-once" and not Path(text).exists():
        Path(text).touch()
        os._exit(3)


if __name__ == "__main__":
    main()
