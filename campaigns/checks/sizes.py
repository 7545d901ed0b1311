"""Whether what each agent would get fits into what it takes."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from campaigns.checks.problem import Problem, error
from campaigns.models import Rendering


def sizes(renderings: Iterable[Rendering]) -> Iterable[Problem]:
    """What cannot be shortened further and is still too long."""
    for rendering in renderings:
        if rendering.size > rendering.budget:
            said = {"agent": rendering.agent, "size": rendering.size, "budget": rendering.budget}
            yield error("size", _("Too long for %(agent)s: %(size)s characters of %(budget)s.") % said)
