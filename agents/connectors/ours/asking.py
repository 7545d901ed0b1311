"""A question to an agent of ours: one model call with its instructions, kept as a run with its step and its cost."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict
from agents.connectors import hooks
from agents.connectors.contract import Reply, VendorError
from agents.connectors.enums import Problem
from agents.engine import BudgetRefused, StepFault, Usage
from agents.engine.prompts import Prompt
from agents.engine.state import storable
from agents.fleet.enums import Tier
from agents.fleet.models import Agent
from agents.runs import verbs
from agents.runs.budgets import reserve, settle
from agents.runs.enums import RunSignal, RunState, StepState
from agents.runs.inputs import own_id
from agents.runs.models import Run, Step
from agents.runs.services.knowledge import Knowledge
from agents.runs.services.models import Models
from agents.runs.services.rulebook import Policy
from agents.runs.services.threads import Threads
from agents.runs.transitions import LET_GO, move, note

if TYPE_CHECKING:
    from agents.engine.exchange import Messages, ModelReply

STEP = "ask"
MAX_TOKENS = 600
TIMEOUT_S = 30.0
LASTS = dt.timedelta(seconds=90)
RECENT = 10
PASSAGES = 4
PROMPT = Prompt(
    "ask.2",
    "You are an AI agent of a company, and your manager asks you something in your daily one-to-one. Answer briefly, "
    "from what you are given only: who you are, what you were told, what you did last, passages to look up. "
    "Say so when that holds no answer.",
    "Answer the manager's question.",
)


def ask(agent: Agent, question: str, key: str) -> Reply:
    """The agent's answer; the same key again: the first one.

    Raises Conflict (`asking`) while it is being asked, and VendorError when no model or no budget is to be had.
    """
    run = _begin(agent, storable(question), key)
    if run.is_over:
        return _told(run)
    threads = Threads()
    models = Models(agent.team_id, run.is_rehearsal, threads, Policy(agent.team_id, threads))
    try:
        reply = _call(
            run, models, PROMPT.messages(**_known(agent), **_looked_up(agent, run), question=run.input["question"])
        )
    except (StepFault, BudgetRefused) as fault:
        _end(run, None, str(fault), getattr(fault, "usage", None))
        raise VendorError(Problem.DOWN, str(fault)) from fault
    _end(run, reply, "", reply.usage(PROMPT.version))
    return _told(run)


def _begin(agent: Agent, question: str, key: str) -> Run:
    """The run of this question, in our hands when it is new. Whose process dies is cancelled, not asked again."""
    mine = {
        "title": _("Question: %(question)s") % {"question": question[:150]},
        "input": {"question": question},
        "pattern": "question",
        "state": RunState.RUNNING,
        "signal": RunSignal.CANCEL,
        "lease_until": timezone.now() + LASTS,
        "is_rehearsal": settings.MODEL_IS_REHEARSAL,
        "started_at": timezone.now(),
    }
    try:
        with transaction.atomic():
            run = Run.objects.create(agent=agent, external_id=own_id(f"ask:{key}"), **mine)
            note(run, verbs.RUN_CLAIMED, actor=agent.actor)
            return run
    except IntegrityError:
        run = Run.objects.get(agent=agent, external_id=own_id(f"ask:{key}"))
    if not run.is_over:
        raise Conflict(_("This question is being asked already."), "asking")
    return run


def _known(agent: Agent) -> dict[str, str]:
    """What the agent knows of itself."""
    ended = Run.objects.filter(agent=agent).exclude(pattern="question").order_by("-created_at")[:RECENT]
    told = agent.instructions.order_by("-number").first()
    who = (agent.name, agent.purpose, agent.personality, agent.requirements)
    return {
        "who_you_are": "\n".join(part for part in who if part),
        "what_you_were_told": hooks.next_context(agent),
        "your_instructions": told.text if told else "",
        "what_you_did_last": "\n".join(f"{run.title}: {run.get_state_display()}. {run.reason}" for run in ended),
    }


def _looked_up(agent: Agent, run: Run) -> dict[str, dict[str, str]]:
    """What its own passages, and those lent to it, say of the question."""
    found = enumerate(Knowledge(agent.pk, Threads()).search(run.input["question"], PASSAGES), start=1)
    return {"passages": {f"p{number}": f"{each.title}: {each.text}" for number, each in found}}


def _call(run: Run, models: Models, messages: "Messages") -> "ModelReply":
    from agents.engine.exchange import Request  # the openai client takes over a second to import

    model = models.name(Tier.STANDARD)
    most = models.gateway.estimate(Request(messages, model, MAX_TOKENS))
    reserve(run, STEP, most)
    return models.gateway.chat(
        messages, model=model, max_tokens=MAX_TOKENS, timeout_s=TIMEOUT_S, cost_limit_micros=most
    )


@transaction.atomic
def _end(run: Run, reply: "ModelReply | None", problem: str, usage: Usage | None) -> None:
    """Run, step and budget end together; a question that got no answer is no failure of the agent's work."""
    spent = usage or Usage("")
    settle(run, STEP, spent.cost_micros)
    Step.objects.create(
        run=run,
        key=STEP,
        seq=1,
        node=STEP,
        kind="role",
        effect="model",
        state=StepState.CONFIRMED if reply else StepState.FAILED,
        output={"text": reply.text} if reply else None,
        error=problem,
        model=spent.model,
        prompt_version=PROMPT.version,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_micros=spent.cost_micros,
        latency_ms=reply.latency_ms if reply else 0,
        started_at=run.started_at,
        finished_at=timezone.now(),
    )
    state, verb = (RunState.DONE, verbs.RUN_DONE) if reply else (RunState.CANCELLED, verbs.RUN_CANCELLED)
    columns: dict[str, Any] = {**LET_GO, "steps_done": 1, "last_seq": 1, "cost_micros": spent.cost_micros}
    columns["result"] = {"text": reply.text} if reply else None
    move(run, state, verb, actor=run.agent.actor, reason=problem, **columns)


def _told(run: Run) -> Reply:
    if run.result is None:
        raise VendorError(Problem.DOWN, run.reason or _("The question got no answer."))
    return Reply(run.result["text"], {"run": str(run.pk)}, run.cost_micros, run.is_rehearsal)
