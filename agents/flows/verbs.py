"""What the trail says about flows."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

AGENT_EQUIPPED = register("agent.equipped", _("Agent given a flow, models and limits"))
PROMPT_ADOPTED = register("prompt.adopted", _("Prompt changed by an approved proposal"))
