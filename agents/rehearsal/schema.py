"""Filling a JSON schema from a prompt. What is not stated in the text is left out, null, or the least valid value."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.rehearsal.fields import role
from agents.rehearsal.floor import Schema, bounded, branches, floor, kind, nullable, resolve, sized
from agents.rehearsal.leaves import MISSING, Leaves
from agents.rehearsal.prompt import Prompt
from agents.rehearsal.text import bullets, content, numbered

_DEEPEST = 6
_MOST_ITEMS = 8


def fill(schema: Schema, prompt: Prompt) -> tuple[Any, list[str]]:
    """A value for the schema, and the names of required fields that the text does not state."""
    filler = _Filler(schema, prompt)
    value = filler.value(schema, "", 0)
    return (floor(schema, schema) if value is MISSING else value), filler.missing


class _Filler(Leaves):
    def __init__(self, root: Schema, prompt: Prompt) -> None:
        super().__init__(prompt)
        self.root = root
        self.missing: list[str] = []

    def value(self, schema: Schema, name: str, depth: int) -> Any:
        schema = resolve(schema, self.root)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chosen(schema)
        if depth > _DEEPEST:
            return MISSING
        if choices := branches(schema):
            return self.alternative(choices, name, depth)
        found = self.of_kind(kind(schema), schema, name, depth)
        return None if found is MISSING and nullable(schema) else found

    def of_kind(self, named: str, schema: Schema, name: str, depth: int) -> Any:
        match named:
            case "object":
                return self.object(schema, depth)
            case "array":
                return self.array(schema, name, depth)
            case "boolean":
                return self.boolean(schema, name)
            case "integer" | "number":
                return self.number(schema, name)
            case "null":
                return None
        return self.string(schema, name)

    def alternative(self, choices: list[Schema], name: str, depth: int) -> Any:
        if all("const" in resolve(c, self.root) for c in choices):
            listed = [resolve(c, self.root) for c in choices]
            told = "; ".join(f"{c['const']}: {c.get('description', '')}" for c in listed)
            return self.chosen({"enum": [c["const"] for c in listed], "description": told})
        for choice in choices:
            if (found := self.value(choice, name, depth + 1)) not in (MISSING, None):
                return found
        return None if any(nullable(resolve(c, self.root)) for c in choices) else MISSING

    def object(self, schema: Schema, depth: int) -> dict[str, Any]:
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
        found, item = self.items(schema, name, depth), schema.get("items", {})
        if schema.get("uniqueItems"):
            found = [one for place, one in enumerate(found) if one not in found[:place]]
        least = schema.get("minItems", 0)
        found += [floor(item, self.root) for _ in range(least - len(found))]
        return found[: schema.get("maxItems", max(_MOST_ITEMS, least))]

    def items(self, schema: Schema, name: str, depth: int) -> list[Any]:
        item = resolve(schema.get("items", {}), self.root)
        if "enum" in item:
            return self.several(item)
        if branches(item) or "const" in item:
            return [one] if (one := self.value(item, name, depth + 1)) is not MISSING else []
        match kind(item):
            case "object":
                return self.each(item, name, depth)
            case "string":
                return [sized(one, item) for one in self.strings(schema, item, name)]
            case "integer" if role(name) == "citation":
                return [bounded(int(e.marker[1:]), item) for e in self.found if e.marker]
        one = self.value(item, name, depth + 1)
        return [] if one is MISSING else [one]

    def each(self, item: Schema, name: str, depth: int) -> list[Any]:
        """One object for each sentence cited, else for each item of a list in the question, else one for the whole."""
        if depth >= _DEEPEST:
            return []
        asked = item.get("properties", {}).get("number", {}).get("enum", ())
        if found := [(n, said) for n, said in numbered(self.prompt.question) if n in asked]:
            parts = [(n, replace(self.prompt, question=said, said=said)) for n, said in found]
            return [{**_Filler(self.root, part).value(item, name, depth + 1), "number": n} for n, part in parts]
        return [_Filler(self.root, part).value(item, name, depth + 1) for part in self.parts(role(name) == "citation")]

    def parts(self, cited: bool) -> list[Prompt]:
        if cited:
            sources = [(e.sentence, ((e.marker, e.sentence),)) for e in self.found]
            return [replace(self.prompt, question=said, said=said, passages=source) for said, source in sources]
        lines = bullets(self.prompt.question) or [self.prompt.question]
        return [replace(self.prompt, question=line, said=line) for line in lines if content(line)]
