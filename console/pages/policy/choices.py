"""What a policy can be chosen from, in words."""

from django.utils.translation import gettext_lazy as _

from agents.engine.guardrails import Fallback
from agents.fleet.policy import MOODS
from agents.flows.drift import BY_MODEL
from agents.runs.guards.rules import CITATION, LANGUAGE
from agents.runs.guards.tone import FORMAL, INFORMAL
from agents.runs.services.fitting import SUMMARY

NAMES = {"en": _("English"), "es": _("Spanish"), "pt": _("Portuguese")}
TONES = [("", _("as it is")), (FORMAL, _("formal")), (INFORMAL, _("informal"))]
FALLBACKS = [
    (Fallback.RETRY.value, _("another writer tries again")),
    (Fallback.ADJUST.value, _("look more up, then write again")),
    (Fallback.ESCALATE.value, _("a person decides")),
]
GRADED = (CITATION, LANGUAGE)
"""Guardrails that score a share; the others say yes or no."""
CHECKS = [("", _("by the flow's own rules")), (BY_MODEL, _("by a model too, every ten steps"))]
OVERFLOWS = [("", _("are shortened by words")), (SUMMARY, _("are summarised by a model first"))]
MOOD_NAMES = dict(zip(MOODS, (_("calm"), _("upset"), _("angry")), strict=True))
