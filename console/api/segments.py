"""Which agent writes to whom, over the wire: every version, trying rules on past contacts or one, the next version."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from agents.channels.actions import set_segments
from agents.channels.actions.segmenting import check
from agents.channels.enums import Fact, Is
from agents.channels.queries import replay, rules_in_force, versions, who_gets
from agents.channels.segments import MOST_CONDITIONS, MOST_RULES, Condition, Rule, digest
from console.api.access import CONFIGURE, READ, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["segments"])


class ConditionJson(Schema):
    """A fact of the contact, compared with `value`; of `among`, the values with commas between them."""

    model_config = {"extra": "forbid"}

    fact: Fact
    how: Is = Field(alias="is")
    value: str = Field(max_length=300)


class SegmentRuleJson(Schema):
    """`agent` (a slug) writes to whom all conditions fit; none: everybody. Without a limit: null."""

    model_config = {"extra": "forbid"}

    agent: str = Field(max_length=80)
    why: str = Field(max_length=300)
    conditions: list[ConditionJson] = Field(default_factory=list, max_length=MOST_CONDITIONS)
    per_day: int | None = None
    rest_days: int | None = None

    @property
    def rule(self) -> Rule:
        said = tuple(Condition(each.fact, each.how, each.value) for each in self.conditions)
        return Rule(self.agent, self.why, said, self.per_day, self.rest_days)


class RulesIn(Schema):
    """Rules in their order, and the hours within which two agents at one contact are reported."""

    model_config = {"extra": "forbid"}

    rules: list[SegmentRuleJson] = Field(min_length=1, max_length=MOST_RULES)
    window_hours: int = 48


class SegmentsIn(RulesIn):
    """`tried`: what `POST /segments/trials` gave for exactly these rules; `seen`: the number that was changed."""

    why: str = Field(min_length=1, max_length=300)
    tried: str = Field(max_length=64)
    seen: int | None = None


class SegmentsOut(Schema):
    """A version; `said`: its rules as a person would say them."""

    number: int
    why: str
    window_hours: int
    rules: list[dict[str, Any]]
    said: list[str]
    author: str | None
    created_at: dt.datetime

    @staticmethod
    def resolve_rules(version: Any) -> list[dict[str, Any]]:
        return [_json(rule) for rule in version.rules]

    @staticmethod
    def resolve_said(version: Any) -> list[str]:
        return [str(rule) for rule in version.rules]

    @staticmethod
    def resolve_author(version: Any) -> str | None:
        return version.created_by.email if version.created_by else None


class Trial(Schema):
    """What the rules make of the contacts of the last 30 days; `taken` by rule, `tried` is for keeping them."""

    contacts: int
    taken: list[int]
    gaps: int
    overlaps: int
    elsewhere: int
    over: int
    tried: str


class ContactIn(Schema):
    model_config = {"extra": "forbid"}

    facts: dict[Fact, str]


class GivenOut(Schema):
    """Who gets a contact under the rules in force (null: nobody), and the other rules that fit."""

    agent: str | None
    why: str
    said: str
    others: list[str]


@router.get("/segments", response=Page[SegmentsOut], auth=READ)
def list_segments(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The first holds."""
    return newest(versions(token_of(request).team).order_by(), paging)


@router.post("/segments/trials", response=Trial, auth=READ)
def try_segments(request: HttpRequest, body: RulesIn) -> dict[str, Any]:
    """Saves nothing."""
    rules, team = [each.rule for each in body.rules], token_of(request).team
    check(team, rules, body.window_hours)
    return {**asdict(replay(team, rules)), "tried": digest(rules, body.window_hours)}


@router.post("/segments/contact", response=GivenOut, auth=READ)
def try_contact(request: HttpRequest, body: ContactIn) -> dict[str, Any]:
    """Saves nothing."""
    held = rules_in_force(token_of(request).team)
    got = who_gets(held.rules if held else [], {fact.value: text for fact, text in body.facts.items()})
    rule = got.rule
    told = {"agent": rule.agent, "why": rule.why, "said": str(rule)} if rule else {"agent": None, "why": "", "said": ""}
    return {**told, "others": [str(other) for other in got.others]}


@router.post("/segments", response={201: SegmentsOut}, auth=CONFIGURE)
@once
def put_segments(request: HttpRequest, body: SegmentsIn) -> Status[SegmentsOut]:
    """The next version. Rules that were not tried as they are: 422; somebody was faster: 409."""
    told = body.model_dump(include={"window_hours", "why", "tried", "seen"})
    rules = [each.rule for each in body.rules]
    version = set_segments(token_of(request).team, actor=caller(request), rules=rules, **told)
    return Status(201, SegmentsOut.from_orm(version))


def _json(rule: Rule) -> dict[str, Any]:
    said = [{"fact": each.fact.value, "is": each.how.value, "value": each.value} for each in rule.conditions]
    limits = {"per_day": rule.per_day, "rest_days": rule.rest_days}
    return {"agent": rule.agent, "why": rule.why, "conditions": said, **limits}
