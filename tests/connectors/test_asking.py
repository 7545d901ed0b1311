"""A question to another system's agent: asked once, by who may, and as much of the answer kept as is kept of any."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from agents.base.errors import Conflict, NotAllowed
from agents.connectors.actions import ask_agent, asking
from agents.connectors.actions.asking import LONGEST_REPLY
from agents.fleet.models import Agent, Question
from tests.cast import Cast

KEY = UUID("018f0000-0000-7000-8000-000000000001")


def test_a_question_is_asked_once_by_who_may_and_a_long_answer_cut(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(text: str, key: str) -> SimpleNamespace:
        asked.append(text)
        return SimpleNamespace(text="a" * (LONGEST_REPLY + 1), rehearsal=False)

    monkeypatch.setattr(asking, "adapter", lambda agent: SimpleNamespace(ask=ask))
    with pytest.raises(NotAllowed):
        ask_agent(cast.agent, "Well?", actor=cast.auditor, key=KEY)
    first, again = (ask_agent(cast.agent, "Well?", actor=cast.owner, key=KEY) for _ in range(2))
    assert (asked, first, len(again.reply)) == (["Well?"], again, LONGEST_REPLY)
    Question.objects.update(agent=Agent.objects.get(pk=cast.rival_agent.pk))
    with pytest.raises(Conflict):
        ask_agent(cast.agent, "Well?", actor=cast.owner, key=KEY)
