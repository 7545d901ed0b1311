"""What a text says of records, held against the records that were read: ids, amounts of money, states (R-196)."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from agents.engine import Json
from agents.engine.checks import Check
from agents.engine.guardrails import Draft, Finding
from agents.engine.words import sentences, words
from agents.runs.guards.limits import amounts

_ID = re.compile(r"#?\b(?=[A-Za-z_-]*\d)[A-Za-z_-]*\d[\w-]{3,}\b")
_STATE = re.compile(r"(^|_)(status|state)$")


def on_record(known: Iterable[Json], states: Collection[str] = ()) -> Check:
    """Every id and amount that the text names is in a record that was read, and no state is said that none has.

    `known`: what the run read, as JSON. `states`: the words a record's state may be; a sentence that names a record by
    its id and one of these words must say that record's own. What stands in a passage that the text may rest on holds,
    too. The score is the share of what holds. Words, not
    meaning: a state said in other words is not seen.
    """
    read = list(known)
    leaves = [leaf for one in read for leaf in _leaves(one)]
    texts = {str(value).casefold().lstrip("#") for value in leaves}
    numbers = {Decimal(str(value)) for value in leaves if _is_number(value)}
    owned = dict(_states_by_id(read))
    vocabulary = [" ".join(words(one)) for one in states]

    def check(draft: Draft) -> Finding:
        cited = " ".join(draft.passages.values())
        named = texts | {one.casefold().lstrip("#") for one in _ID.findall(cited)}
        counted = numbers | {value for _said, value in amounts(cited)}
        told = [(found, found.casefold().lstrip("#") in named) for found in _ID.findall(draft.text)]
        told += [(said, value in counted) for said, value in amounts(draft.text)]
        told += [pair for sentence in sentences(draft.text) for pair in _states_said(sentence, owned, vocabulary)]
        wrong = tuple(dict.fromkeys(said for said, holds in told if not holds))
        return Finding(round(1 - sum(not holds for _said, holds in told) / len(told), 3) if told else 1.0, wrong)

    return check


def _states_said(sentence: str, owned: Mapping[str, str], vocabulary: list[str]) -> Iterator[tuple[str, bool]]:
    plain = f" {' '.join(words(sentence))} "
    named = [key for found in _ID.findall(sentence) if (key := found.casefold().lstrip("#")) in owned]
    for state in vocabulary:
        if named and f" {state} " in plain:
            yield f"{named[0]}: {state}", any(words(owned[key]) == state.split() for key in named)


def _states_by_id(known: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """The state of each record that has an id and one, the last that was read."""
    for record in known:
        if isinstance(record, dict):
            state = next((str(v) for name, v in record.items() if _STATE.search(name) and isinstance(v, str)), None)
            ids = [str(v) for name, v in record.items() if name.endswith("id") and isinstance(v, str)]
            yield from ((one.casefold().lstrip("#"), state) for one in ids if state is not None)
            yield from _states_by_id(record.values())
        elif isinstance(record, list):
            yield from _states_by_id(record)


def _leaves(value: Json) -> Iterator[Json]:
    """Every key and every value that holds no others."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield value


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
