"""Who speaks a language in which something is not written yet, and wordings that say other numbers."""

import re
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from agents.fleet.models import Agent
from campaigns.checks.problem import Problem, warning
from campaigns.models import ContextVersion
from campaigns.wordings import sources, unworded
from campaigns.words import spoken


def languages(version: ContextVersion, agents: list[Agent]) -> Iterable[Problem]:
    """Nothing is translated by itself: a text without a wording reaches the agent as it was written."""
    if foreign := sorted(str(agent) for agent in agents if not _written_for(version, agent.language)):
        said = {"agents": ", ".join(foreign)}
        yield warning("language", _("Not written in the language of %(agents)s.") % said, "languages")
    yield from _numbers(version)


def _written_for(version: ContextVersion, language: str) -> bool:
    """True also where nobody said in which language it is written."""
    if not version.languages or language in version.languages:
        return True
    ours = spoken(language)
    return ours.split("-")[0] == language.split("-")[0] and not unworded(version, ours)


def _numbers(version: ContextVersion) -> Iterator[Problem]:
    """A price or a day mistyped in one language only would reach those agents alone."""
    names = dict(settings.LANGUAGES)
    for language, said in version.wordings.items():
        for text in sources(version):
            numbers = _digits(text)
            if numbers and text in said and numbers != _digits(said[text]):
                told = {"said": said[text], "language": names[language], "text": text}
                problem = _("“%(said)s” (%(language)s) has other numbers than “%(text)s”.") % told
                yield warning(f"numbers:{language}:{said[text][:80]}", problem, "languages")


def _digits(text: str) -> list[str]:
    """However thousands and decimals are set apart."""
    return sorted(re.findall(r"\d+", text))
