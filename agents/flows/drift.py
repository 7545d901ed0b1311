"""Whether the work still serves its goal, judged by a model at every checkpoint where the policy says so (R-151)."""

from collections.abc import Mapping
from dataclasses import replace

from agents.base.phrases import phrase
from agents.engine import Graph, Json, Result, State, StepFault, Usage
from agents.engine.checkpoint import GOAL
from agents.flows.roles import OVERSEER, TEXT, YES_NO, listed, one_of, shape
from agents.runs.registry import FlowContext
from agents.runs.services import Services

DRIFT_CHECKS, BY_MODEL = "drift_checks", "model"
"""The policy's rule, and its value for asking a model beside the flow's own rules."""
ON_COURSE = phrase("the work serves its goal, says %(model)s")
DRIFTED = phrase("the work has drifted, says %(model)s: %(why)s")
NOT_JUDGED = phrase("held against the flow's own rules only, no model judged: %(fault)s")


def judged(graph: Graph, context: FlowContext) -> Graph:
    """The graph, with a model that judges its goal at checkpoints where the team's policy wants one."""
    if graph.goal is None or context.services.policy.rules.get(DRIFT_CHECKS) != BY_MODEL:
        return graph
    return replace(graph, goal=replace(graph.goal, judge=judge, cost_micros=OVERSEER.cost_micros))


def judge(services: Services, state: State, said: Mapping[str, Json]) -> Result:
    """What is said again, with the constraints that a model finds skipped, or why it calls the work drifted."""
    skipped = listed(one_of(*said["constraints"]) if said["constraints"] else TEXT, len(said["constraints"]))
    work = {name: output for name, output in state.outputs.items() if name != GOAL}
    try:
        prompt = services.prompts.get(OVERSEER.slug)
        reply = services.models.chat(
            OVERSEER.tier,
            prompt.messages(goal=said["goal"], constraints=said["constraints"], input=state.input, work=work),
            max_tokens=OVERSEER.max_tokens,
            schema=shape(drifted=YES_NO, skipped=skipped, why=TEXT),
            cost_limit_micros=OVERSEER.cost_micros,
            role=OVERSEER.slug,
        )
    except (LookupError, StepFault) as fault:
        why = NOT_JUDGED % {"fault": fault.kind if isinstance(fault, StepFault) else "no_prompt"}
        return Result(said, why, getattr(fault, "usage", None) or Usage())
    found = reply.data
    also = [one for one in found["skipped"] if one not in said["broken"]]
    if found["drifted"] and not found["skipped"]:
        also = [found["why"]]
    why = (DRIFTED if found["drifted"] or also else ON_COURSE) % {"model": reply.model, "why": found["why"]}
    broken = [*said["broken"], *also]
    return Result({**said, "broken": broken, "judged": found}, reply.because(why), reply.usage(prompt.version))
