"""Shipped flows, one folder each, registered by slug. Code only: what a team uses of them is rows in agents.fleet."""
