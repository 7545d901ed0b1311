"""What is held about the customer of a run when a person takes over, so that nobody asks for it again (R-053)."""

from dataclasses import dataclass
from typing import Any

from agents.base.contacts import spread
from agents.channels.models import Touch
from agents.channels.naming import named
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.people.models import User
from agents.runs.models import Run
from agents.runs.queries.messages import Message, messages

MESSAGE = "text"
"""What the customer wrote: the briefing quotes it."""
LONGEST, SHOWN = 300, 5


@dataclass(frozen=True)
class Known:
    """`facts` came with what was asked, by name; `before` are earlier runs about the same person, newest first.

    `said` is what customer and agent said to each other, oldest first.
    """

    facts: dict[str, Any]
    before: list[Run]
    said: list[Message]

    @property
    def is_empty(self) -> bool:
        return not self.facts and not self.before


def known(run: Run | None, user: User) -> Known:
    """Only of agents the reader may see; nothing without a run."""
    if run is None:
        return Known({}, [], [])
    return Known(held(run), _before(run, user), messages(run, agents_for(user, Verb.VIEW)))


def held(run: Run | None) -> dict[str, Any]:
    """The short facts of what the run was given, those of its contact among them."""
    given = spread(run.input) if run else {}
    short = (str, int, float)
    return {
        name: value
        for name, value in given.items()
        if name != MESSAGE and isinstance(value, short) and 0 < len(str(value).strip()) <= LONGEST
    }


def _before(run: Run, user: User) -> list[Run]:
    person = named(run.agent.team_id, run.input)
    if person is None:
        return []
    touches = Touch.objects.filter(contact__team=run.agent.team_id, contact__key=person.key).exclude(run=run)
    touches = touches.filter(agent__in=agents_for(user, Verb.VIEW)).select_related("run__agent").order_by("-at")
    return [touch.run for touch in touches[:SHOWN]]
