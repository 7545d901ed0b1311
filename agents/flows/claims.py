"""Claims that say in other words what their source says: held by meaning where an embedding endpoint is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from agents.base.phrases import phrase
from agents.engine import Context, Effect, Result, Usage
from agents.engine.checks import CITED, citations
from agents.engine.guardrails import Draft, Guardrail, PassRecord, judged
from agents.engine.words import sentences, words
from agents.fleet.embedding import NoVectors, embedded, embedding_model, most_micros
from agents.runs.guards.rules import CITATION
from agents.runs.services import Services

ALIKE = 0.6
"""The cosine from which a claim is taken to say what a sentence of its source says; unrelated ones stay below 0.4."""
CLAIMS_MICROS = 2_000
"""The most a node may spend on comparing claims."""
MOST = 40
"""Texts that are compared at once."""
BY_MEANING = phrase("the claims that say what their source says in other words")
BY_WORDS_ALONE = phrase("by words alone: the embedding endpoint failed (%(fault)s)")
Pair = tuple[str, str]
"""A claim and a sentence of a passage that it cites."""


def judged_by_meaning(context: Context, draft: Draft, guardrails: Sequence[Guardrail]) -> PassRecord:
    """Every verdict on `draft`; a claim that has no support by words may have it by meaning.

    It has to cite the passage and every number in it has to stand there all the same. What the vectors cost is a step
    of its own, made and paid once.
    """
    first = judged(draft, guardrails)
    bare = next((one.evidence for one in first.verdicts if one.name == CITATION and not one.passed), ())
    pairs = list(_pairs(bare, draft.passages))
    if not (pairs and cast(Services, context.services).knowledge.by_meaning):
        return first
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))[:MOST]
    meant = context.call(
        BY_MEANING,
        lambda: _meant(pairs, texts),
        input={"claims": list(bare)},
        effect=Effect.MODEL,
        cost_micros=min(context.cost_micros, sum(map(most_micros, texts))),
    )
    again = replace(next(one for one in guardrails if one.name == CITATION), check=citations(meant))
    return judged(draft, [again if one.name == CITATION else one for one in guardrails])


def _pairs(claims: Sequence[str], passages: Mapping[str, str]) -> Iterator[Pair]:
    for claim in claims:
        cited = [passages[mark] for mark in CITED.findall(claim) if mark in passages]
        known = set(words(" ".join(cited)))
        said = CITED.sub("", claim)
        if all(word in known for word in words(said) if word[0].isdigit()):
            yield from ((claim, sentence) for passage in cited for sentence in sentences(passage))


def _meant(pairs: Sequence[Pair], texts: Sequence[str]) -> Result:
    """Those claims of which a sentence lies near enough; none when the endpoint fails."""
    try:
        found = embedded([CITED.sub("", text) for text in texts])
    except NoVectors as error:
        return Result([], BY_WORDS_ALONE % {"fault": str(error)})
    at = dict(zip(texts, found.vectors, strict=True))
    near = [claim for claim, sentence in pairs if claim in at and sentence in at and _alike(at[claim], at[sentence])]
    return Result(list(dict.fromkeys(near)), usage=Usage(embedding_model(), "", found.tokens, 0, found.cost_micros))


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Both are of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True)) >= ALIKE
