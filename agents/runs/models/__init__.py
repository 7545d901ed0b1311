"""The rows of what happens, one noun a file."""

from agents.runs.models.answers import KeptAnswer
from agents.runs.models.daily import DailyReview
from agents.runs.models.decisions import Decision
from agents.runs.models.deferrals import Deferral
from agents.runs.models.escalations import BYPASS_LASTS, Bypass, EscalationPolicy
from agents.runs.models.flaws import Flaw
from agents.runs.models.holds import Hold
from agents.runs.models.incidents import Incident, IncidentNote, IncidentTask, Runbook
from agents.runs.models.lane_calls import LaneCall
from agents.runs.models.memories import Memory
from agents.runs.models.money import Budget, Canary, Reservation
from agents.runs.models.notes import ItemNote, SavedView
from agents.runs.models.plans import RunPlan
from agents.runs.models.proposals import KnowledgeProposal
from agents.runs.models.review import ReviewItem, RunException
from agents.runs.models.rules import StandingRule
from agents.runs.models.runs import ITEM, Output, Run, Step
from agents.runs.models.suspicion import Assessment, RankingVersion
from agents.runs.models.tools import ToolUse
from agents.runs.models.turns import Turn
from agents.runs.models.what_ifs import WhatIf

__all__ = [
    "BYPASS_LASTS",
    "ITEM",
    "Assessment",
    "Budget",
    "Bypass",
    "Canary",
    "DailyReview",
    "Decision",
    "Deferral",
    "EscalationPolicy",
    "Flaw",
    "Hold",
    "Incident",
    "IncidentNote",
    "IncidentTask",
    "ItemNote",
    "KeptAnswer",
    "KnowledgeProposal",
    "LaneCall",
    "Memory",
    "Output",
    "RankingVersion",
    "Reservation",
    "ReviewItem",
    "Run",
    "RunException",
    "RunPlan",
    "Runbook",
    "SavedView",
    "StandingRule",
    "Step",
    "ToolUse",
    "Turn",
    "WhatIf",
]
