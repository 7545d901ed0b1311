"""OpenTelemetry traces come in: whatever sends GenAI spans becomes runs with steps (telemetry's `POST /v1/traces`)."""

from agents.connectors.otlp.binary import read_binary
from agents.connectors.otlp.spans import Garbled, Heard, Span
from agents.connectors.otlp.text import read_json

__all__ = ["Garbled", "Heard", "Span", "read_binary", "read_json"]
