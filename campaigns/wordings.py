"""A version in other languages: each of its texts as a person wrote it for those who are spoken to in that language."""

from collections.abc import Iterator
from copy import copy

from campaigns.models import ContextVersion

ONE = ("offer", "audience", "brief")
MANY = ("say", "never_say", "claims")


def sources(version: ContextVersion) -> dict[str, str]:
    """Each text of the version that has words of its own, and the field it stands in."""
    found = {getattr(version, name): name for name in ONE if getattr(version, name)}
    return found | {text: name for name in MANY for text in getattr(version, name)}


def in_language(version: ContextVersion, language: str) -> ContextVersion:
    """A copy, not to be saved, with the words of that language; a text that has none stays as it was written."""
    said = version.wordings.get(language)
    if not said:
        return version
    worded = copy(version)
    for name in ONE:
        setattr(worded, name, said.get(getattr(version, name), getattr(version, name)))
    for name in MANY:
        setattr(worded, name, [said.get(text, text) for text in getattr(version, name)])
    return worded


def every_wording(version: ContextVersion) -> Iterator[ContextVersion]:
    """The version as written, and in each language it was put into."""
    yield version
    yield from (in_language(version, language) for language in version.wordings)


def unworded(version: ContextVersion, language: str) -> list[str]:
    """The texts that have no words of that language yet."""
    said = version.wordings.get(language, {})
    return [text for text in sources(version) if text not in said]
