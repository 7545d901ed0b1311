"""What the attributes of a span say, in the GenAI conventions, in those before them, and in OpenInference's.

Of several names for one thing the newest comes first. Their list: opentelemetry.io, semantic-conventions-genai.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

Attributes = Mapping[str, Any]
OPERATION, KIND = "gen_ai.operation.name", "openinference.span.kind"
AGENT = ("gen_ai.agent.name", "agent.name", "gen_ai.agent.id")
MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.response.model_name", "llm.model_name")
TOKENS_IN = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
TOKENS_OUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
COST = ("gen_ai.usage.cost", "llm.cost.total")
TOOL = ("gen_ai.tool.name", "tool.name", "tool_call.function.name")
INPUT = (
    "gen_ai.tool.call.arguments",
    "gen_ai.input.messages",
    "gen_ai.retrieval.query.text",
    "input.value",
    "traceloop.entity.input",
)
OUTPUT = (
    "gen_ai.tool.call.result",
    "gen_ai.output.messages",
    "gen_ai.retrieval.documents",
    "output.value",
    "traceloop.entity.output",
)
PROMPT, COMPLETION = (
    re.compile(r"(?:gen_ai\.prompt|llm\.input_messages)\.(\d+)\.(?:message\.)?(role|content)"),
    re.compile(r"(?:gen_ai\.completion|llm\.output_messages)\.(\d+)\.(?:message\.)?(role|content)"),
)
KINDS = {
    **dict.fromkeys(("chat", "text_completion", "generate_content", "plan", "LLM", "PROMPT"), "role"),
    **dict.fromkeys(("execute_tool", "retrieval", "embeddings", "TOOL", "RETRIEVER", "EMBEDDING", "RERANKER"), "tool"),
    **dict.fromkeys(("invoke_agent", "create_agent", "invoke_workflow", "AGENT", "CHAIN"), "flow"),
    **dict.fromkeys(("GUARDRAIL", "EVALUATOR"), "judge"),
}
"""Kinds of a step by operation, or by OpenInference's kind of span; whatever is neither is code: a tool."""
MOST_TOKENS = 2**31 - 1


def kind_of(said: Attributes) -> str:
    """What kind of step the span is."""
    for name in (OPERATION, KIND):
        if (found := KINDS.get(str(said.get(name)))) is not None:
            return found
    return "role" if text_of(said, *MODEL) else "tool"


def text_of(said: Attributes, *names: str) -> str:
    """The first of these that says something."""
    return next((str(said[name]) for name in names if said.get(name) not in (None, "")), "")


def count_of(said: Attributes, names: tuple[str, ...]) -> int:
    """Tokens; 0 where nobody counted them."""
    found = number_of(said, names)
    return 0 if found is None else min(int(found), MOST_TOKENS)


def number_of(said: Attributes, names: tuple[str, ...]) -> float | None:
    """The first of these that is a number, not negative."""
    for name in names:
        value = said.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
            return value
    return None


def given_of(said: Attributes) -> Any:
    """What went in."""
    return _content(said, INPUT, PROMPT)


def made_of(said: Attributes) -> Any:
    """What came out."""
    return _content(said, OUTPUT, COMPLETION)


def plain(value: Any) -> str:
    """The words of what came out: of messages the text of the last one."""
    if isinstance(value, list):
        return plain(value[-1]) if value else ""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if "parts" in value:
        texts = [plain(part) for part in value["parts"] if isinstance(part, dict) and part.get("type") == "text"]
        return "\n".join(filter(None, texts))
    return plain(value.get("content"))


def _content(said: Attributes, names: tuple[str, ...], numbered: re.Pattern[str]) -> Any:
    for name in names:
        if said.get(name) not in (None, "", []):
            return _parsed(said[name])
    return _messages(said, numbered) or None


def _messages(said: Attributes, numbered: re.Pattern[str]) -> list[dict[str, Any]]:
    """Messages that came one attribute a part: `gen_ai.prompt.0.content`."""
    found: dict[int, dict[str, Any]] = {}
    for name, value in said.items():
        if fits := numbered.fullmatch(name):
            found.setdefault(int(fits[1]), {})[fits[2]] = value
    return [found[place] for place in sorted(found)]


def _parsed(value: Any) -> Any:
    """Structures may come as JSON in a text."""
    if not isinstance(value, str) or value[:1] not in "[{":
        return value
    try:
        return json.loads(value, parse_constant=str)
    except (ValueError, RecursionError):
        return value
