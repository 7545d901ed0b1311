"""How much of a version is written in which language."""

from dataclasses import dataclass

from django.conf import settings

from campaigns.models import ContextVersion
from campaigns.wordings import sources, unworded


@dataclass(frozen=True)
class InLanguage:
    """`said`: what is written in it, of `total` texts."""

    code: str
    name: str
    said: list[str]
    total: int

    @property
    def done(self) -> int:
        return len(self.said)


def in_languages(version: ContextVersion) -> list[InLanguage]:
    """Every language of ours in which the version was not written in the first place."""
    others = [each for each in settings.LANGUAGES if each[0] not in version.languages]
    return [_in_language(version, code, str(name)) for code, name in others]


def _in_language(version: ContextVersion, code: str, name: str) -> InLanguage:
    texts, missing = sources(version), unworded(version, code)
    said = [version.wordings[code][text] for text in texts if text not in missing]
    return InLanguage(code, name, said, len(texts))
