"""Filling a JSON schema from a prompt. What is not stated in the text is left out, null, or the least valid value."""

import re
from collections.abc import Mapping
from typing import Any

from agents.rehearsal import answer, extract, labels
from agents.rehearsal.fields import hints, reader, role
from agents.rehearsal.floor import Schema, bounded, branches, floor, kind, nullable, resolve, sized
from agents.rehearsal.prompt import Prompt, markers
from agents.rehearsal.text import affirmed, content, sentences

MISSING: Any = object()
_DEEPEST = 6
_MOST_ITEMS = 8


def fill(schema: Schema, prompt: Prompt) -> tuple[Any, list[str]]:
    """A value for the schema, and the names of required fields that the text does not state."""
    filler = _Filler(schema, prompt)
    value = filler.value(schema, "", 0)
    return (floor(schema, schema) if value is MISSING else value), filler.missing


class _Filler:
    def __init__(self, root: Schema, prompt: Prompt) -> None:
        self.root, self.prompt = root, prompt
        self.text = "\n".join([prompt.said or prompt.question, *prompt.results])
        self.found = answer.evidence(prompt.question, prompt.passages)
        self.margin = 0.6 if self.found else 0.3
        self.used: set[str] = set()
        self.missing: list[str] = []

    def value(self, schema: Schema, name: str, depth: int) -> Any:
        schema = resolve(schema, self.root)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chosen(schema, name)
        if depth > _DEEPEST:
            return MISSING
        if choices := branches(schema):
            return self.alternative(choices, name, depth)
        found: Any = getattr(self, kind(schema), self.string)(schema, name, depth)
        return None if found is MISSING and nullable(schema) else found

    def alternative(self, choices: list[Schema], name: str, depth: int) -> Any:
        if all("const" in resolve(c, self.root) for c in choices):
            listed = [resolve(c, self.root) for c in choices]
            told = "; ".join(f"{c['const']}: {c.get('description', '')}" for c in listed)
            return self.chosen({"enum": [c["const"] for c in listed], "description": told}, name)
        for choice in choices:
            if (found := self.value(choice, name, depth + 1)) not in (MISSING, None):
                return found
        return None if any(nullable(resolve(c, self.root)) for c in choices) else MISSING

    def chosen(self, schema: Schema, name: str) -> Any:
        options = {str(option): option for option in schema["enum"]}
        ranking = self.ranking(list(options), schema)
        best = labels.choice(ranking)
        self.margin = labels.confidence(ranking)
        return MISSING if best is None else options[best]

    def ranking(self, options: list[str], schema: Schema) -> labels.Ranking:
        explained = f"{schema.get('description', '')}\n{self.prompt.instructions}"
        return labels.rank(self.prompt.question, options, explained)

    def object(self, schema: Schema, _: str, depth: int) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        listed: Mapping[str, Schema] = schema.get("properties", {})
        required = list(schema.get("required", []))
        for name in sorted(listed, key=lambda n: role(n) == "confidence"):
            found = self.value(listed[name], name, depth + 1)
            if found is MISSING and name in required:
                self.missing += [name] if depth == 0 else []
                found = floor(listed[name], self.root)
            filled[name] = found
        filled |= {name: floor({}, self.root) for name in required if name not in listed}
        return {name: filled[name] for name in [*listed, *required] if filled[name] is not MISSING}

    def array(self, schema: Schema, name: str, depth: int) -> Any:
        item = resolve(schema.get("items", {}), self.root)
        found = self.items(item, name, depth)
        if schema.get("uniqueItems"):
            found = [one for place, one in enumerate(found) if one not in found[:place]]
        least = schema.get("minItems", 0)
        found += [floor(item, self.root) for _ in range(least - len(found))]
        return found[: schema.get("maxItems", max(_MOST_ITEMS, least))]

    def items(self, item: Schema, name: str, depth: int) -> list[Any]:
        if "enum" in item:
            return self.several(item)
        if kind(item) == "object":
            return [self.value(item, name, depth + 1)] if depth < _DEEPEST and self.found else []
        if kind(item) == "string":
            return [sized(one, item) for one in self.strings(item, name)]
        if role(name) == "citation" and kind(item) == "integer":
            return [bounded(int(e.marker[1:]), item) for e in self.found if e.marker]
        one = self.value(item, name, depth + 1)
        return [] if one is MISSING else [one]

    def several(self, item: Schema) -> list[Any]:
        options = {str(option): option for option in item["enum"]}
        cited = [options[e.marker] for e in self.found if e.marker in options]
        return cited or [options[label] for label, score in self.ranking(list(options), item) if score >= 1]

    def strings(self, item: Schema, name: str) -> list[str]:
        part, find = role(name), reader(name, item)
        if part == "citation":
            cited = markers(self.prompt.draft) or [e.marker for e in self.found if e.marker]
            return [f"[{m}]" if "[p" in str(item) else m for m in dict.fromkeys(cited)]
        if part == "flaw":
            return answer.unsupported(self.prompt)
        if find:
            return list(dict.fromkeys(value for _, value in find(self.text)))
        return [s for s in sentences(self.prompt.question) if content(s)]

    def string(self, schema: Schema, name: str, _: int) -> Any:
        if role(name) == "language":
            return sized(self.prompt.language, schema)
        if find := reader(name, schema):
            found = extract.nearest(find(self.text), self.text, hints(name, schema), self.used)
            self.used |= {found} if found else set()
            return sized(found, schema) if found else MISSING
        return sized(self.prose(name), schema)

    def prose(self, name: str) -> str:
        part = role(name)
        if part == "citation":
            return next((e.marker or e.sentence for e in self.found), "")
        if part == "flaw":
            return " ".join(answer.unsupported(self.prompt))
        if part == "answer":
            return answer.compose(self.prompt)
        return self.summary(name)

    def summary(self, name: str) -> str:
        wanted, listed = content(name), sentences(self.prompt.question)
        telling = [s for s in listed if wanted & content(s)] or [s for s in listed if len(content(s)) > 1] or listed
        return " ".join(telling[:2])

    def boolean(self, schema: Schema, name: str, _: int) -> bool:
        judged = self.prompt.draft or self.prompt.question
        part = role(name)
        if part == "carried":
            return answer.support(self.prompt) == 1 if self.prompt.draft else bool(self.found)
        if part == "sound":
            return not affirmed(judged, {"unsafe"}) and not injected(judged)
        return affirmed(judged, hints(name, schema))

    def number(self, schema: Schema, name: str, _: int) -> Any:
        if role(name) in ("confidence", "score"):
            return self.scaled(
                schema, answer.support(self.prompt) if self.prompt.draft and role(name) == "score" else self.margin
            )
        found = self.figure(schema, name)
        return MISSING if found is None else bounded(float(found), schema)

    integer = number

    def figure(self, schema: Schema, name: str) -> str | None:
        find = reader(name, schema)
        listed = extract.amounts(self.text) if find is extract.amounts else []
        found = extract.nearest(listed or extract.numbers(self.text), self.text, hints(name, schema), self.used)
        self.used |= {found} if found else set()
        return found

    def scaled(self, schema: Schema, share: float) -> float:
        low, high = schema.get("minimum", 0), schema.get("maximum", 1)
        return bounded(round(low + share * (high - low), 2), schema)


def injected(text: str) -> bool:
    """Whether a text tries to give the reader orders ("ignore the previous instructions")."""
    return bool(re.search(r"(?i)\b(ignore|disregard|ignora|ignorar) .{0,30}(instruc|anterior|previous|above)", text))
