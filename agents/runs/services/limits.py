"""The most tokens that one call to a model may take, by agent and role, as the policy says (R-180)."""

from agents.base.phrases import phrase
from agents.engine import Json
from agents.runs.services.routing import ANY_ROLE

TOKEN_LIMITS = "token_limits"
"""The policy's rules: `most` tokens of a call, question and answer together, for `agent` and `role` (or “*”)."""
LIMITED = phrase("the policy allows %(most)s tokens")


def most_tokens(rules: Json, agent: str, role: str) -> int | None:
    """The lowest limit that fits; None without one."""
    fits = [rule["most"] for rule in rules or () if _fits(rule["agent"], agent) and _fits(rule["role"], role)]
    return min(fits, default=None)


def _fits(said: str, name: str) -> bool:
    return said in (name, ANY_ROLE)
