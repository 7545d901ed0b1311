"""Using tools: every call passes the agent's grant, its limits and the freezes here, whatever the model wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet, Sum

from agents.engine import Json, LeaseLost
from agents.engine.guardrails import Guardrail
from agents.engine.state import storable
from agents.fleet.freezes import Standing, standing
from agents.fleet.models import ToolGrant
from agents.fleet.toolbox import WORDS, Done, Tool, ToolRefused, Why, admit, seen, tool_called, tools, within
from agents.runs import budgets, verbs
from agents.runs.enums import RunState
from agents.runs.guards.rules import record_guardrail
from agents.runs.models import Run, ToolUse
from agents.runs.services.threads import Threads
from audit.actions import record

Arguments = Mapping[str, Any]


class _RolledBack(Exception):
    """Carries what a tool would have done out of the savepoint that takes it back."""

    def __init__(self, done: Done) -> None:
        self.done = done


@dataclass(frozen=True, slots=True)
class _Call:
    key: str
    name: str
    arguments: Arguments
    mode: Literal["look", "preview", "act"]
    confirmed: bool = False
    amount_micros: int | None = None
    """The amount that was confirmed; None while there is none to keep to."""


@dataclass(frozen=True)
class Tools:
    """What each method returns is JSON: tool and arguments, then either `result` or `refused` with `why` and `text`."""

    run: Run
    threads: Threads

    def offered(self, *, changing: bool = True) -> list[Json]:
        """The agent's tools, as its model is told of them; without `changing`, those that only read."""
        with self.threads.query():
            held = set(ToolGrant.objects.filter(agent_id=self.run.agent_id).values_list("tool", flat=True))
        given = [tool for tool in tools() if tool.slug in held]
        return [tool.described() for tool in given if changing or not tool.effect.changes_the_world]

    @property
    def guardrails(self) -> list[Guardrail]:
        """What a text of this run says of records is held against those it has read and made; none where it used none.

        A run that goes on elsewhere knows them too: they are rows.
        """
        with self.threads.query():
            used = ToolUse.objects.filter(run=self.run, refused="", dry_run=False).exclude(said=None)
            read = list(used.order_by("at", "pk").values_list("tool", "said"))
        known = {slug: tool for slug, _said in read if (tool := tool_called(slug))}
        states = dict.fromkeys(word for tool in known.values() for word in tool.states)
        return [record_guardrail([(said or {}).get("result") for _slug, said in read], states)] if read else []

    def look(self, key: str, name: str, arguments: Arguments) -> Json:
        """A call that only reads, under the step's key."""
        with self.threads.query(), transaction.atomic():
            return self._use(_Call(key, name, arguments, "look"))

    def preview(self, key: str, name: str, arguments: Arguments) -> Json:
        """What a call would do: it is carried out and taken back. `confirm` says whether a person is asked first."""
        with self.threads.query(), transaction.atomic():
            return self._use(_Call(key, name, arguments, "preview", confirmed=True))

    def act(self, key: str, name: str, arguments: Arguments, *, confirmed: bool, amount_micros: int) -> Json:
        """A call that changes something, at most once for the step's key, and only for the amount of its preview.

        `confirmed`: a person let it through. Raises LeaseLost like any write.
        """
        with self.threads.query(), transaction.atomic():
            self._hold()
            before = ToolUse.objects.filter(run=self.run, step_key=key).first()
            return before.said if before else self._use(_Call(key, name, arguments, "act", confirmed, amount_micros))

    def _hold(self) -> None:
        """Agent before run (docs/architecture.md); who was fenced out meanwhile changes nothing."""
        self._standing()
        held = Run.objects.filter(pk=self.run.pk, fence=self.run.fence, state=RunState.RUNNING)
        if not held.select_for_update(no_key=True).exists():
            raise LeaseLost("This run is in other hands now.")

    def _standing(self) -> Standing:
        return standing(self.run.agent_id, self.run.agent.team_id)

    def _use(self, call: _Call) -> Json:
        use = ToolUse(run=self.run, step_key=call.key, agent_id=self.run.agent_id, tool=call.name[:80])
        said: dict[str, Json] = {"tool": call.name, "arguments": storable(call.arguments)}
        try:
            said |= self._made(use, call)
        except ToolRefused as refusal:
            use.refused = refusal.why
            said["refused"] = {"why": refusal.why.value, "text": str(refusal)}
        if call.mode != "preview":
            use.said = said
        self._keep(use)
        return said

    def _made(self, use: ToolUse, call: _Call) -> dict[str, Json]:
        tool = tool_called(call.name)
        if tool is None:
            raise ToolRefused(Why.UNKNOWN_TOOL)
        changes = tool.effect.changes_the_world
        if changes and call.mode == "look":
            raise ToolRefused(Why.WRITES_HERE)
        now = self._standing() if changes else None
        grant = (
            self._changing_under(tool, call, now) if now else admit(tool, self._grants(tool).first(), call.arguments)
        )
        use.dry_run = call.mode == "preview" or grant.dry_run
        done = self._carried_out(tool, grant, call, undo=use.dry_run)
        use.changed = changes and not use.dry_run
        use.amount_micros, use.currency = done.amount_micros, done.currency
        told = {"result": storable(seen(tool, grant, done.result))}
        moved = {"amount_micros": done.amount_micros, "currency": done.currency} if done.amount_micros else {}
        asks = now is not None and tool.must_confirm(grant, is_live=now.is_live)
        return told | moved | ({"dry_run": True, "confirm": asks} if use.dry_run else {})

    def _grants(self, tool: Tool) -> QuerySet[ToolGrant]:
        return ToolGrant.objects.filter(agent_id=self.run.agent_id, tool=tool.slug)

    def _changing_under(self, tool: Tool, call: _Call, now: Standing) -> ToolGrant:
        """The grant, held so that the day's sum is exact: team and agent first, as everybody who changes a grant.

        A run that only proposes has it to try.
        """
        grant = admit(tool, self._grants(tool).select_for_update(no_key=True).first(), call.arguments)
        grant.dry_run = grant.dry_run or self.run.only_proposes
        if now.frozen:
            raise ToolRefused(Why.FROZEN, WORDS[Why.FROZEN] % {"reason": now.frozen})
        if not call.confirmed and tool.must_confirm(grant, is_live=now.is_live):
            raise ToolRefused(Why.NOT_CONFIRMED)
        return grant

    def _carried_out(self, tool: Tool, grant: ToolGrant, call: _Call, *, undo: bool) -> Done:
        """In a savepoint, so that what goes beyond a limit is as if it had not been."""
        try:
            with transaction.atomic():
                done = within(grant, tool.run(self.run.agent.team_id, call.arguments), self._today(grant))
                if call.amount_micros not in (None, done.amount_micros):
                    raise ToolRefused(Why.CHANGED)
                if undo:
                    raise _RolledBack(done)
                return done
        except _RolledBack as back:
            return back.done

    def _today(self, grant: ToolGrant) -> int:
        """Micro-units that the agent has moved with the tool on the team's day; exact, because the grant is held."""
        if grant.max_day_micros is None:
            return 0
        since = budgets.midnight(self.run.agent.team)
        uses = ToolUse.objects.filter(agent_id=grant.agent_id, tool=grant.tool, changed=True, at__gte=since)
        return int(uses.aggregate(sum=Sum("amount_micros", default=0))["sum"])

    def _keep(self, use: ToolUse) -> None:
        _row, fresh = ToolUse.objects.get_or_create(
            run=use.run, step_key=use.step_key, defaults={name: getattr(use, name) for name in KEPT}
        )
        if fresh and (use.changed or use.refused):
            agent = self.run.agent
            verb = verbs.TOOL_REFUSED if use.refused else verbs.TOOL_USED
            record(
                verb,
                actor=agent.actor,
                team_id=agent.team_id,
                obj=self.run,
                agent_id=agent.pk,
                step=use.step_key,
                tool=use.tool,
                why=use.refused,
                amount_micros=use.amount_micros,
            )


KEPT = ("agent_id", "tool", "changed", "dry_run", "refused", "amount_micros", "currency", "said")
