"""What goes over the channel to the measuring program, as values on our side."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from perforch.core.calls import Behaviour, Call, Ending, Recording, Workload
from perforch.core.hot_lines import LineCount
from perforch.core.measurement import Sample

Fields = Mapping[str, Any]  # one message, before it is parsed


def packed_calls(calls: Sequence[Call]) -> list[str]:
    return [call.packed for call in calls]


def recording(messages: Sequence[Fields]) -> Recording:
    place = next((json.dumps(each["place"]) for each in messages if "place" in each), "")
    complaint = next((str(each["complaint"]) for each in messages if "complaint" in each), "")
    uncopyable = sum(int(each.get("uncopyable", 0)) for each in messages)
    found = calls(messages)
    if not found and not complaint:
        complaint = "no test that runs in process calls it"
    return Recording(found, uncopyable, complaint if not found else "", place)


def calls(messages: Sequence[Fields]) -> tuple[Call, ...]:
    return tuple(
        Call(
            packed=each["call"],
            shown=each["shown"],
            is_benchmark=each.get("benchmark", False),
            factor=each.get("factor", 1),
        )
        for each in messages
        if "call" in each
    )


def behaviours(messages: Sequence[Fields]) -> tuple[Behaviour, ...]:
    return tuple(
        Behaviour(
            ending=Ending(each["kind"]),
            shape=each.get("shape", ""),
            floats=tuple(each.get("floats", ())),
            shown=each.get("shown", ""),
            seconds=each.get("seconds", 0.0),
            mutates=each.get("mutates", False),
            is_plain=each.get("plain", True),
            is_lazy=each.get("lazy", False),
            is_opaque=each.get("opaque", False),
            leaves_threads=each.get("loose", False),
            is_shared=each.get("shared", False),
        )
        for each in messages
    )


def work(workload: Workload) -> Fields:
    return {
        "calls": packed_calls(workload.calls),
        "repeats": workload.repeats,
        "fresh": workload.fresh,
        "batch": workload.batch,
        "lazy": workload.is_lazy,
        "longest": workload.longest_seconds,
    }


def turns(workload: Workload, processor: int) -> Fields:
    """The job of one side of a pair, of which both run on the processor of this number."""
    return {"sample": work(workload), "processor": processor}


def sample(fields: Fields) -> Sample | str:
    if "failed" in fields:
        return str(fields["failed"])
    results, floats = fields["digest"]
    return Sample(
        cpu_seconds=fields["cpu"],
        wall_seconds=fields["wall"],
        import_cpu_seconds=fields["import"],
        process_cpu_seconds=fields["process"],
        peak_bytes=fields["peak"],
        mean_bytes=fields["mean"],
        results=results,
        floats=floats,
        user_seconds=fields["user"],
        system_seconds=fields["system"],
        duration_seconds=fields["duration"],
        counted=tuple(fields["counted"].items()),
    )


def line_counts(found: Sequence[Sequence[Any]]) -> tuple[LineCount, ...]:
    return tuple(LineCount(int(line), float(seconds), int(hits)) for line, seconds, hits in found)


def reason(found: Any) -> str | None:
    return None if found is None else str(found)
