"""What the nodes of a flow may use, and nothing else: models, knowledge, memory, prompts, policy, outputs, tools."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agents.engine.guardrails import Guardrail
from agents.fleet.enums import Lifecycle
from agents.runs.enums import Route
from agents.runs.guards.rules import DOUBTED, SUPERVISED, guardrails, sample_guardrail
from agents.runs.guards.voices import in_voice, voice_of
from agents.runs.models import Run, RunPlan
from agents.runs.sampling import lot, rate_of
from agents.runs.services.conversation import Conversation
from agents.runs.services.knowledge import Knowledge
from agents.runs.services.memories import Memories
from agents.runs.services.models import Models
from agents.runs.services.outputs import Outputs
from agents.runs.services.rulebook import Instructions, Policy, Prompts
from agents.runs.services.threads import Threads
from agents.runs.services.tools import Tools


@dataclass(frozen=True)
class Services:
    """Reaches every node as `context.services`. `context_text` is what campaigns gave the run to know.

    `is_doubted`: the plan gives a person every text before it leaves.
    """

    models: Models
    knowledge: Knowledge
    conversation: Conversation
    memories: Memories
    prompts: Prompts
    policy: Policy
    instructions: Instructions
    outputs: Outputs
    tools: Tools
    context_text: str
    is_doubted: bool = False

    def planned(self, plan: RunPlan | None) -> Services:
        """The same, under the plan's route."""
        if plan is None:
            return self
        models = replace(self.models, route=Route(plan.route), within_ms=plan.within_ms)
        return replace(self, models=models, is_doubted=plan.route == Route.PERSON)

    @property
    def guardrails(self) -> list[Guardrail]:
        """What a text of this run is held against: the policy's rules for its brand and region, the records it has
        read, and a person's eye unless the agent is live, or where the lot falls on the run."""
        run = self.outputs.run
        rules = in_voice(self.policy.rules, voice_of(run.input))
        held = [*guardrails(rules), *self.tools.guardrails]
        if run.agent.lifecycle != Lifecycle.LIVE:
            return [*held, SUPERVISED]
        if self.is_doubted:
            return [*held, DOUBTED]
        rate = rate_of(self.policy.rules, run)
        drawn = rate is not None and rate.before and lot(run.pk) < rate.share
        return [*held, sample_guardrail(rate.least)] if rate and drawn else held


def services_for(run: Run, threads: Threads | None = None) -> Services:
    """The services of one claimed run; costs no query until one is used."""
    threads = threads or Threads()
    team_id, flow = run.agent.team_id, run.flow_version.flow.slug if run.flow_version else ""
    policy = Policy(team_id, threads)
    return Services(
        models=Models(team_id, run.is_rehearsal, threads, policy, run.context_sha256, run.agent.slug),
        knowledge=Knowledge(run.agent_id, threads),
        conversation=Conversation(run, threads),
        memories=Memories(run, threads, policy),
        prompts=Prompts(team_id, run.agent_id, flow, threads),
        policy=policy,
        instructions=Instructions(run.instruction_id, threads),
        outputs=Outputs(run, threads),
        tools=Tools(run, threads),
        context_text=run.context_text,
    )
