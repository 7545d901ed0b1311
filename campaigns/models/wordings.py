"""What a version's texts are in other languages: `{language: {text as written: text in it}}`."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 10_000
MOST = 80
"""Texts of one language: as many as a version can have, and room for what it said before."""


def known_wordings(value: Any) -> None:
    """Languages of ours, and for each text one in its place."""
    known = dict(settings.LANGUAGES)
    right = isinstance(value, dict) and all(code in known and _texts(said) for code, said in value.items())
    if not right:
        raise ValidationError(_("Give each text and its wording, by language."), code="wordings")


def _texts(said: Any) -> bool:
    return isinstance(said, dict) and len(said) <= MOST and all(_text(each) for pair in said.items() for each in pair)


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST
