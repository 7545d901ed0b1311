"""Filling the leaves of a schema: labels, texts, numbers and truth values, each read from the prompt."""

import re
from typing import Any

from agents.rehearsal import answer, extract, labels
from agents.rehearsal.fields import hints, reader, role
from agents.rehearsal.floor import Schema, bounded, sized
from agents.rehearsal.prompt import Prompt, markers
from agents.rehearsal.text import affirmed, content, sentences

MISSING: Any = object()
"""Stands for what the text does not state."""
ANSWER = "answer"
"""The option that is chosen as soon as the material holds one."""


class Leaves:
    """Reads single values from one prompt; remembers what it used, and how sure its last choice was."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.text = "\n".join([prompt.said or prompt.question, *prompt.results])
        self.found = answer.evidence(prompt.question, prompt.passages)
        self.margin = 0.6 if self.found else 0.3
        self.used: set[str] = set()

    def chosen(self, schema: Schema) -> Any:
        options = {str(option): option for option in schema["enum"]}
        if self.found and ANSWER in options:
            return ANSWER
        ranking = self.ranking(list(options), schema)
        best = labels.choice(ranking)
        self.margin = labels.confidence(ranking)
        return MISSING if best is None else options[best]

    def ranking(self, options: list[str], schema: Schema) -> labels.Ranking:
        explained = f"{schema.get('description', '')}\n{self.prompt.instructions}"
        return labels.rank(self.prompt.question, options, explained)

    def several(self, item: Schema) -> list[Any]:
        options = {str(option): option for option in item["enum"]}
        cited = [options[e.marker] for e in self.found if e.marker in options]
        return cited or [options[label] for label, score in self.ranking(list(options), item) if score >= 1]

    def strings(self, schema: Schema, item: Schema, name: str) -> list[str]:
        part, find = role(name), reader(name, item)
        if part == "citation":
            cited = markers(self.prompt.draft) or [e.marker for e in self.found if e.marker]
            return [f"[{m}]" if "[p" in str(schema) else m for m in dict.fromkeys(cited)]
        if part == "flaw":
            return answer.unsupported(self.prompt)
        if find:
            return list(dict.fromkeys(value for _, value in find(self.text) if value not in self.used))
        return [s for s in sentences(self.prompt.question) if content(s)]

    def string(self, schema: Schema, name: str) -> Any:
        if role(name) == "language":
            return sized(self.prompt.language, schema)
        if find := reader(name, schema):
            found = extract.nearest(find(self.text), self.text, hints(name, schema), self.used)
            self.used |= {found} if found else set()
            return sized(found, schema) if found else MISSING
        said = content(self.prompt.question)
        known = [one for one in schema.get("examples", ()) if content(one) <= said]
        return sized(known[0] if known else self.prose(name), schema)

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

    def boolean(self, schema: Schema, name: str) -> bool:
        judged = self.prompt.draft or self.prompt.question
        part = role(name)
        if part == "carried":
            return answer.support(self.prompt) == 1 if self.prompt.draft else bool(self.found)
        if part == "sound":
            return not affirmed(judged, {"unsafe"}) and not injected(judged)
        return affirmed(judged, hints(name, schema, content))

    def number(self, schema: Schema, name: str) -> Any:
        if role(name) == "score" and self.prompt.draft:
            return self.scaled(schema, answer.support(self.prompt))
        if role(name) in ("confidence", "score"):
            return self.scaled(schema, self.margin)
        found = self.figure(schema, name)
        return MISSING if found is None else bounded(float(found), schema)

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
