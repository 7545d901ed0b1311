"""How personal a text to one person may be: which of their facts it may use, and how many at most (R-077)."""

from collections.abc import Collection, Iterator, Mapping

from agents.base.phrases import phrase
from agents.engine import Json
from agents.engine.checks import Check
from agents.engine.guardrails import Draft, Fallback, Finding, Guardrail
from agents.engine.words import words

PERSONALISATION = phrase("personalisation")
ATTRIBUTES = ("name", "company", "country", "language", "industry")
MOST = 3
"""What holds where the policy says nothing else."""
NOT_ALLOWED = phrase("It uses “%(fact)s”, which may not be used.")
TOO_MANY = phrase("It uses %(n)s facts of one person, at most %(most)s may be used: %(facts)s.")
ADDRESSES = ("email", "phone")
"""Where somebody is reached is no fact about them; “personal data” looks at it."""


def facts_of(contact: Mapping[str, Json]) -> dict[str, str]:
    """What is known of a contact, by attribute."""
    return {
        name: str(value) for name, value in contact.items() if name not in ADDRESSES and isinstance(value, str | int)
    }


def usable(facts: Mapping[str, str], rules: Mapping[str, Json]) -> dict[str, str]:
    """The facts that the policy's rules allow, the first of its list, no more than it allows."""
    allowed = [name for name in attributes(rules) if facts.get(name)][: most(rules)]
    return {name: facts[name] for name in allowed}


def attributes(rules: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(rules.get("personal_attributes", ATTRIBUTES))


def most(rules: Mapping[str, Json]) -> int:
    return int(rules.get("most_personal_facts", MOST))


def personal_guardrail(facts: Mapping[str, str], rules: Mapping[str, Json]) -> Guardrail:
    """Passed by a text that uses only facts the rules allow, and no more than they allow."""
    return Guardrail(PERSONALISATION, personal(facts, attributes(rules), most(rules)), 1, Fallback.ESCALATE)


def personal(facts: Mapping[str, str], allowed: Collection[str], limit: int) -> Check:
    """Score 0 or 1, with what is too personal; a fact is named, never repeated."""

    def check(draft: Draft) -> Finding:
        found = tuple(_beyond([name for name in facts if _used(name, facts[name], draft.text)], allowed, limit))
        return Finding(0.0 if found else 1.0, found)

    return check


def _beyond(used: list[str], allowed: Collection[str], limit: int) -> Iterator[str]:
    yield from (NOT_ALLOWED % {"fact": name} for name in used if name not in allowed)
    if len(used) > limit:
        yield TOO_MANY % {"n": len(used), "most": limit, "facts": ", ".join(used)}


def _used(name: str, fact: str, text: str) -> bool:
    """Whether the fact stands in the text as whole words; of a name, one of them is enough."""
    said, known = f" {' '.join(words(text))} ", words(fact)
    wanted = known if name == "name" else [" ".join(known)]
    return any(each and f" {each} " in said for each in wanted)
