"""Rules that are written a line each: pairs of what is said, and which model is asked."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Tier
from agents.fleet.policy import CONFLICT_RULES, MOST_SECONDS
from console.forms import LinesField

_CRITERION = re.compile(
    r"(?P<name>[^:×]{1,60}?)\s*(?:×\s*(?P<weight>\d{1,2}(?:\.\d{1,2})?)\s*)?:\s*(?P<asks>\S.{0,199})"
)
_SAMPLES = re.compile(
    r"(?P<who>[\w*-]+)(?:\s*>\s*(?P<least>\d{1,9}(?:\.\d{1,2})?))?\s*:"
    r"\s*(?P<percent>\d{1,3}(?:\.\d{1,2})?)\s*%?(?P<before>\s+before)?"
)
_TOKEN_LIMIT = re.compile(r"(?:(?P<agent>[\w*-]+)\s*/\s*)?(?P<role>[\w*-]+)\s*:\s*(?P<most>\d{1,7})")
_SHARES = re.compile(r"(?P<role>[\w*-]{1,60})\s*:\s*(?P<share>[01](?:\.\d{1,3})?)")
_SECONDS = re.compile(r"(?P<channel>[\w*-]{1,60})\s*:\s*(?P<seconds>\d{1,5})")
_VOICE = re.compile(r"(?P<brand>[^/:]{1,60}?)\s*/\s*(?P<region>[^/:]{1,60}?)\s*:(?P<manner>.{1,400})")
_TONE = re.compile(r"(?P<language>en|es|pt) (?P<tone>formal|informal)")
_MODEL_RULE = re.compile(r"(?P<role>[\w*-]+)(?:\s*>\s*(?P<longer>\d{1,6}))?\s*:\s*(?P<tier>\w+)")


class PairsField(LinesField):
    """“when: say”, one a line."""

    default_error_messages = {"pair": _("Write each line as “when this is said: this must be said too”.")}

    def prepare_value(self, value: Any) -> Any:
        listed = isinstance(value, list)
        return super().prepare_value([f"{each['when']}: {each['say']}" for each in value] if listed else value)

    def clean(self, value: Any) -> Any:
        pairs = [line.partition(":")[::2] for line in super().clean(value)]
        if any(not when.strip() or not say.strip() for when, say in pairs):
            raise forms.ValidationError(self.error_messages["pair"], code="pair")
        return [{"when": when.strip(), "say": say.strip()} for when, say in pairs]


class ModelRulesField(LinesField):
    """“writer > 2000: premium”, one a line; the first that fits decides."""

    default_error_messages = {"rule": _("Write each line like “writer > 2000: premium” or “*: cheap”.")}

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value([_written(each) for each in value] if isinstance(value, list) else value)

    def clean(self, value: Any) -> Any:
        return [self._rule(line) for line in super().clean(value)]

    def _rule(self, line: str) -> dict[str, Any]:
        read = _MODEL_RULE.fullmatch(line)
        if read is None or read["tier"] not in Tier.values:
            raise forms.ValidationError(self.error_messages["rule"], code="rule")
        longer = {"longer_than": int(read["longer"])} if read["longer"] else {}
        return {"role": read["role"], "tier": read["tier"], **longer}


class TokenLimitsField(LinesField):
    """“refund-agent/writer: 2000”, one a line; without an agent, of all of them."""

    default_error_messages = {
        "limit": _("Write each line like “refund-agent/writer: 2000” or “*: 8000”, 100 at least.")
    }

    def prepare_value(self, value: Any) -> Any:
        told = [f"{one['agent']}/{one['role']}: {one['most']}" for one in value] if isinstance(value, list) else value
        return super().prepare_value(told)

    def clean(self, value: Any) -> Any:
        return [self._limit(line) for line in super().clean(value)]

    def _limit(self, line: str) -> dict[str, Any]:
        read = _TOKEN_LIMIT.fullmatch(line)
        if read is None or int(read["most"]) < 100:
            raise forms.ValidationError(self.error_messages["limit"], code="limit")
        return {"agent": read["agent"] or "*", "role": read["role"], "most": int(read["most"])}


class SecondsField(LinesField):
    """“chat: 30”, one a line, each channel once."""

    default_error_messages = {"seconds": _("Write each line like “chat: 30” or “*: 600”, each channel once.")}

    def prepare_value(self, value: Any) -> Any:
        told = [f"{name}: {seconds}" for name, seconds in value.items()] if isinstance(value, dict) else value
        return super().prepare_value(told)

    def clean(self, value: Any) -> Any:
        read = [_SECONDS.fullmatch(line) for line in super().clean(value)]
        found = {one["channel"]: int(one["seconds"]) for one in read if one}
        if len(found) < len(read) or not all(1 <= seconds <= MOST_SECONDS for seconds in found.values()):
            raise forms.ValidationError(self.error_messages["seconds"], code="seconds")
        return found


class SharesField(LinesField):
    """“classifier: 0.8”, one a line, each role once."""

    default_error_messages = {"share": _("Write each line like “classifier: 0.8” or “*: 0.6”, each role once.")}

    def prepare_value(self, value: Any) -> Any:
        told = [f"{role}: {share:g}" for role, share in value.items()] if isinstance(value, dict) else value
        return super().prepare_value(told)

    def clean(self, value: Any) -> Any:
        read = [_SHARES.fullmatch(line) for line in super().clean(value)]
        found = {one["role"]: float(one["share"]) for one in read if one}
        if len(found) < len(read) or not all(0 < share <= 1 for share in found.values()):
            raise forms.ValidationError(self.error_messages["share"], code="share")
        return found


class VoicesField(LinesField):
    """“Alpina / MX: es informal, ! 0, never cheap”, one a line, each pair once."""

    default_error_messages = {"voice": _("Write each line like “Alpina / MX: es informal, ! 0, never cheap”.")}

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value([_spoken(one) for one in value] if isinstance(value, list) else value)

    def clean(self, value: Any) -> Any:
        found = [_VOICE.fullmatch(line) for line in super().clean(value)]
        read = [{"brand": one["brand"], "region": one["region"], **_manner(one["manner"])} for one in found if one]
        pairs = {(one["brand"].casefold(), one["region"].casefold()) for one in read}
        if len(pairs) < len(found) or any(len(one) < 3 for one in read):
            raise forms.ValidationError(self.error_messages["voice"], code="voice")
        return read


class ConflictsField(LinesField):
    """“promise: last”, one a line, each entry once."""

    default_error_messages = {"conflict": _("Write each line like “promise: last”: first, last, merge or person.")}

    def prepare_value(self, value: Any) -> Any:
        told = [f"{key}: {rule}" for key, rule in value.items()] if isinstance(value, dict) else value
        return super().prepare_value(told)

    def clean(self, value: Any) -> Any:
        pairs = [(key.strip(), rule.strip()) for key, _, rule in (line.partition(":") for line in super().clean(value))]
        found = dict(pairs)
        if len(found) < len(pairs) or not all(key and rule in CONFLICT_RULES for key, rule in pairs):
            raise forms.ValidationError(self.error_messages["conflict"], code="conflict")
        return found


class SamplesField(LinesField):
    """“refund-agent > 50: 10 % before”, one a line, each agent once."""

    default_error_messages = {"sample": _("Write each line like “refund-agent > 50: 10 % before” or “*: 5 %”.")}

    def prepare_value(self, value: Any) -> Any:
        told = [_sampled(*each) for each in value.items()] if isinstance(value, dict) else value
        return super().prepare_value(told)

    def clean(self, value: Any) -> Any:
        found = [_SAMPLES.fullmatch(line) for line in super().clean(value)]
        read = [one.groupdict() for one in found if one and 0 < float(one["percent"]) <= 100]
        if len(read) < len(found) or len({one["who"] for one in read}) < len(read):
            raise forms.ValidationError(self.error_messages["sample"], code="sample")
        return {one["who"]: _rate(one) for one in read}


class RubricField(LinesField):
    """“complete × 3: Does it answer everything?”, one a line; without a weight it counts once."""

    default_error_messages = {
        "criterion": _("Write each line like “complete × 3: Does it answer everything?”, each name once.")
    }

    def prepare_value(self, value: Any) -> Any:
        listed = isinstance(value, list)
        told = [f"{one['name']} × {one['weight']:g}: {one['asks']}" for one in value] if listed else value
        return super().prepare_value(told)

    def clean(self, value: Any) -> Any:
        found = [_CRITERION.fullmatch(line) for line in super().clean(value)]
        read = [one.groupdict() for one in found if one]
        if len(read) < len(found) or len({one["name"] for one in read}) < len(read):
            raise forms.ValidationError(self.error_messages["criterion"], code="criterion")
        return [{"name": one["name"], "weight": _weight(one["weight"]), "asks": one["asks"]} for one in read]


def _manner(text: str) -> dict[str, Any]:
    """Tone, exclamation marks and what is never said; nothing where one of them cannot be read."""
    found: dict[str, Any] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        if tone := _TONE.fullmatch(part):
            found.setdefault("tone", {})[tone["language"]] = tone["tone"]
        elif marks := re.fullmatch(r"!\s*(\d{1,2})", part):
            found["exclamations"] = int(marks[1])
        elif part.startswith("never "):
            found.setdefault("never", []).append(part.removeprefix("never ").strip())
        else:
            return {}
    return found


def _spoken(one: dict[str, Any]) -> str:
    tones = [f"{language} {tone}" for language, tone in one.get("tone", {}).items()]
    marks = [f"! {one['exclamations']}"] if "exclamations" in one else []
    manner = [*tones, *marks, *(f"never {term}" for term in one.get("never", ()))]
    return f"{one['brand']} / {one['region']}: {', '.join(manner)}"


def _rate(read: dict[str, str | None]) -> dict[str, Any]:
    """What is not said is left out, so that a rule that is saved unchanged is unchanged."""
    rate: dict[str, Any] = {"share": round(float(read["percent"] or 0) / 100, 4)}
    if read["least"]:
        rate["least"] = _weight(read["least"])
    return rate | ({"before": True} if read["before"] else {})


def _sampled(who: str, rate: dict[str, Any]) -> str:
    least = f" > {rate['least']:g}" if "least" in rate else ""
    return f"{who}{least}: {rate['share'] * 100:g} %" + (" before" if rate.get("before") else "")


def _weight(text: str | None) -> float:
    """A whole one as such, so that a rubric that is saved unchanged is unchanged."""
    number = float(text or 1)
    return int(number) if number.is_integer() else number


def _written(rule: dict[str, Any]) -> str:
    longer = f" > {rule['longer_than']}" if "longer_than" in rule else ""
    return f"{rule['role']}{longer}: {rule['tier']}"
