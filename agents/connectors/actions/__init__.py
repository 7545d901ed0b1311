"""The doors of what comes in."""

from agents.connectors.actions.reporting import report_runs

__all__ = ["report_runs"]
