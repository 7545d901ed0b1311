"""Whose voice a text speaks in: the policy's rules as they are for one brand and one region (R-201)."""

from collections.abc import Iterable, Mapping

from agents.base.contacts import spread
from agents.engine import Json

VOICES = "voices"
"""The policy's rule: by brand and region, each or “*” for any, the tone, exclamation marks and what is never said."""
ANY = "*"
Voice = tuple[str, str]
"""Brand and region, in lower case; "" where nobody said."""


def voice_of(given: Mapping[str, Json]) -> Voice:
    """For which brand and region an input asks, or the contact it names, whose country will do."""
    told = spread(given)
    region = told.get("region") or told.get("country")
    return _said(told.get("brand")), _said(region)


def in_voice(rules: Mapping[str, Json], voice: Voice) -> dict[str, Json]:
    """The rules for a text in this voice: what holds for all, then what any brand, any region and both of them say."""
    found = dict(rules)
    for one in _fitting(rules.get(VOICES, ()), voice):
        found["tone"] = {**found.get("tone", {}), **one.get("tone", {})}
        found["prohibited_terms"] = [*found.get("prohibited_terms", ()), *one.get("never", ())]
        found["exclamations"] = one.get("exclamations", found.get("exclamations"))
    return found


def _fitting(voices: Iterable[Mapping[str, Json]], voice: Voice) -> list[Mapping[str, Json]]:
    """Those for this brand and region, the one that names both last."""
    fits = [
        one for one in voices if all(_said(each) in (ANY, own) for each, own in zip(_pair(one), voice, strict=True))
    ]
    return sorted(fits, key=lambda one: [_said(each) != ANY for each in _pair(one)].count(True))


def _pair(one: Mapping[str, Json]) -> tuple[Json, Json]:
    return one["brand"], one["region"]


def _said(name: Json) -> str:
    return str(name or "").strip().casefold()
