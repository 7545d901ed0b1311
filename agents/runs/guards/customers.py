"""What a customer says that belongs to people however sure an agent is: words of loss and need, and of rage.

By words, not by ear: each is evidence that a person looks at, never a verdict on the customer.
"""

import re
from collections.abc import Iterable, Sequence

from agents.engine import Json
from agents.engine.words import words

_EMPATHY = (
    "passed away, has died, funeral, bereavement, cancer, hospital, miscarriage, suicide, domestic violence",
    "lost my job, cannot pay the rent, homeless",
    "falleció, ha fallecido, ha muerto, cáncer, aborto, suicidio, maltrato, perdí mi trabajo, desahucio",
    "faleceu, luto, câncer, suicídio, violência doméstica, perdi meu emprego, despejo",
)
EMPATHY = tuple(", ".join(_EMPATHY).split(", "))
"""Words that want empathy before an answer, unless the policy names others."""
ANGRY_TURNS = 1
"""So many of a customer's last turns in rage ask for a person, unless the policy says otherwise."""
LAST_TURNS = 3
RAGE = re.compile(
    r"\b(?:furious|outrag\w+|disgust\w+|ridiculous|unacceptable|appalling|fed up|sick of|worst (?:\w+ ){0,2}ever"
    r"|scam\w*|indignad[oa]s?|inaceptable|vergonzos[oa]|furios[oa]s?|hart[oa] de|estafa\w*|p[ée]simo"
    r"|inaceit[áa]vel|absurdo|revoltad[oa]|vergonhos[oa]|palha[çc]ada)\b",
    re.IGNORECASE,
)


AGENT_NAMES = frozenset(("message", "assistant", "agent", "bot", "model"))
"""Names under which systems report what their agent said; any other message of one side is the customer's."""


def heard(name: str, given: Json, said: Json) -> str:
    """What a customer said in a message step: what came in, else what one side said that is not named for an agent."""
    return text_of(given) or ("" if name.casefold() in AGENT_NAMES else text_of(said))


def text_of(value: Json) -> str:
    """A text, or the text of an object; "" for anything else."""
    found = value.get("text") if isinstance(value, dict) else value
    return found.strip() if isinstance(found, str) else ""


def wants_empathy(text: str, listed: Iterable[str] = EMPATHY) -> str:
    """The first of the listed words and phrases that the text has, whatever its case and accents; "" for none."""
    said = f" {' '.join(words(text))} "
    return next((each for each in listed if f" {' '.join(words(each))} " in said), "")


def in_rage(turns: Sequence[str]) -> list[str]:
    """Of the customer's last turns, the word in each that is of rage."""
    found = (RAGE.search(said) for said in turns[-LAST_TURNS:])
    return [each.group() for each in found if each]
