"""What an agent's people tell it is in front of the model in its next run, by version."""

import pytest

from agents.fleet.actions import give_feedback
from agents.fleet.models import Agent
from agents.runs.models import Step
from tests.cast import Cast
from tests.flows.test_triage import carry_out, desk

__all__ = ["desk"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]


def test_the_step_that_writes_names_the_version_it_was_told(cast: Cast, desk: Agent) -> None:
    question = "How many working days until refunds arrive?"
    before = carry_out(desk, cast.owner, question)
    told = give_feedback(desk, "Thank the customer first.", actor=cast.owner)
    after = carry_out(desk, cast.owner, question)
    versions = dict(Step.objects.filter(node="generate").values_list("run_id", "prompt_version"))
    assert versions == {before.pk: "triage/writer/1", after.pk: "triage/writer/1+v1"}
    assert (before.instruction, after.instruction, after.state) == (None, told, "done")
