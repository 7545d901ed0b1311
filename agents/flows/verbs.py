"""What the trail says about flows."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

AGENT_EQUIPPED = register("agent.equipped", _("Agent given a flow, models and limits"))
HEAVY_FLOW_TRIED = register("flow.heavy_tried", _("Ran a heavy pattern, and said why"))
FLOW_TERMS_SET = register("flow_terms.set", _("Changed what is promised of a flow"))
PROMPT_ADOPTED = register("prompt.adopted", _("Prompt changed by an approved proposal"))
FLOW_COMPOSED = register("flow.composed", _("Composed a flow"))
COST_REVIEWED = register("cost.reviewed", _("Reviewed a month’s cost and latency"))
ADJUSTMENT_DECIDED = register("adjustment.decided", _("Decided on what a month’s review proposed"))
FLOW_ASSIGNED = register("flow.assigned", _("Agent given another flow"))
