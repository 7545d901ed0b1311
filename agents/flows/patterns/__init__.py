"""The 23 orchestration patterns, a small flow each, built from the same few parts (docs/patterns.md)."""

from agents.base.phrases import phrase

PATTERNS: dict[str, tuple[str, ...]] = {
    "prompt chaining": ("sequential chain", "pipeline", "cascade"),
    "routing": ("central router",),
    "parallelization: sectioning": ("fan-out", "scatter-gather"),
    "parallelization: voting": ("majority vote", "self-consistency"),
    "orchestrator-worker": ("dynamic decomposition",),
    "evaluator-optimizer": ("generator-critic", "judge"),
    "plan-execute": ("plan-and-solve",),
    "ReAct": ("reason and act",),
    "reflection": ("reflexion", "self-critique"),
    "swarm": ("handoff",),
    "hierarchical supervisor": ("supervisor and specialists",),
    "hierarchical team": ("team of teams",),
    "mesh": ("peer to peer", "lateral"),
    "blackboard": ("shared memory",),
    "state graph": ("state machine",),
    "dynamic conditional orchestration": ("conditional orchestration",),
    "planner with policies": ("orchestrator with policies",),
    "hypothesis tree": ("guided diagnosis",),
    "negotiation loop": ("dialogue loop", "debate"),
    "human-in-the-loop gate": ("approval gate",),
    "lead and cheaper subagents": ("lead with subagents",),
    "auditor-trainer loop": ("auditor feedback",),
    "hybrid human and AI": ("empathy routing",),
}
HEAVY = {
    "swarm": phrase("Peers hand over to each other: nobody knows beforehand who is asked, or how often."),
    "mesh": phrase("Peers ask each other without a centre: calls multiply, and what went wrong is found between them."),
    "blackboard": phrase("Whoever finds what it waits for wakes up: the order is another one each time."),
    "hierarchical team": phrase("Leaders of leaders: every level is paid and may distort what the one below found."),
}
"""Patterns that cost more and are harder to follow than chaining and routing, and how; each is run for a reason."""
COMPARED = "orchestrator-worker"
"""What a heavy pattern is held against: the lightest one that still divides work while it runs."""
