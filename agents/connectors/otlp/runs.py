"""Spans become runs: one a trace, its spans the steps; the span without a parent tells how the whole came out.

A trace may come in many requests, the inner spans first: the run goes on until its first span has come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from agents.base.money import LARGEST, MICRO
from agents.connectors.otlp import words
from agents.connectors.otlp.spans import LONGEST, Span

Document = dict[str, Any]
NAMED_BY = ("rollcall.agent", "service.name")
"""What of a resource says which agent it is."""
CENTER, USE = "cost_center", "use_case"


def traces(spans: Iterable[Span]) -> dict[str, list[Span]]:
    """The spans of each trace as they began; one that came twice counts once."""
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    for span in spans:
        found[span.trace_id].setdefault(span.span_id, span)
    return {trace: sorted(each.values(), key=lambda span: span.start_ns) for trace, each in found.items()}


def names(spans: Sequence[Span]) -> list[str]:
    """What the agent of a trace may be called, likeliest first: its resource's names, then its spans'."""
    told = [words.text_of(span.resource, name) for name in NAMED_BY for span in spans]
    told += [words.text_of(span.attributes, *words.AGENT) for span in spans]
    return list(dict.fromkeys(filter(None, told)))


def document(spans: Sequence[Span]) -> Document:
    """The run of one trace, in the words of `ingest.documents.RunDocument`."""
    root = next((span for span in spans if span.is_root), None)
    inner = [span for span in spans if span is not root or _does_something(span)]
    told: Document = {
        "external_id": spans[0].trace_id,
        "status": "running",
        "started_at": spans[0].started_at,
        "steps": [_step(span) for span in inner],
        **_tagged(spans[0].resource),
    }
    return told | (_whole(root) if root else {})


def _does_something(span: Span) -> bool:
    """A call of a model or tool is a step although it is all there is."""
    return words.kind_of(span.attributes) != "flow"


def _whole(root: Span) -> Document:
    """How the run came out. What it says at its end is what it made, for people to look at."""
    given, made = words.given_of(root.attributes), words.made_of(root.attributes)
    said = _cut(words.plain(made))
    return {
        "status": "failed" if root.failed else "done",
        "title": (words.plain(given) or root.name)[:200],
        "input": _cut(given),
        "result": _cut(made),
        "error": _error(root) if root.failed else "",
        "finished_at": root.finished_at,
        "outputs": [{"kind": "reply", "content": said, "step": root.span_id}] if said and not root.failed else [],
    }


def _step(span: Span) -> Document:
    said = span.attributes
    kind = words.kind_of(said)
    name = words.text_of(said, *words.TOOL) if kind == "tool" else words.text_of(said, *words.AGENT)
    return {
        "key": span.span_id,
        "name": (name or span.name or kind)[:80],
        "kind": kind,
        "status": "failed" if span.failed else "confirmed",
        "input": _cut(words.given_of(said)),
        "output": _cut(words.made_of(said)),
        "error": _error(span) if span.failed else "",
        "model": words.text_of(said, *words.MODEL)[:120],
        "tokens_in": words.count_of(said, words.TOKENS_IN),
        "tokens_out": words.count_of(said, words.TOKENS_OUT),
        "cost_micros": _micros(said),
        "started_at": span.started_at,
        "finished_at": span.finished_at,
        **_tagged(said),
    }


def _error(span: Span) -> str:
    return span.error[:LONGEST] or words.text_of(span.attributes, "error.type") or span.name or "error"


def _micros(said: words.Attributes) -> int | None:
    """Dollars, as the libraries that send them mean it; unknown where nobody said."""
    found = words.number_of(said, words.COST)
    return None if found is None else min(round(Decimal(str(found)) * MICRO), LARGEST)


def _tagged(said: Mapping[str, Any]) -> Document:
    return {name: words.text_of(said, name)[:60] for name in (CENTER, USE)}


def _cut(value: Any) -> Any:
    """A text no longer than is kept, and how much longer it was; also inside of what it is part of."""
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cut(inner) for inner in value]
    if not isinstance(value, str) or len(value) <= LONGEST:
        return value
    return f"{value[:LONGEST]}… (+{len(value) - LONGEST})"
