"""Why a model call brought no usable answer, and whether calling again may help."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import openai

from agents.engine.errors import ModelFault

SHORTEST_S, LONGEST_S = 1.0, 900.0
"""Bounds on what a provider may ask us to wait."""


class FaultKind(StrEnum):
    RATE_LIMITED = "rate_limited"
    QUOTA = "quota"
    PROVIDER_ERROR = "provider_error"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    ERROR_BODY = "error_body"
    NOT_A_REPLY = "not_a_reply"
    EMPTY = "empty"
    CUT = "cut"
    CUT_SHORT = "cut_short"
    TOO_LONG = "too_long"
    REFUSED = "refused"
    WRONG_MODEL = "wrong_model"
    BAD_DATA = "bad_data"
    COST_LIMIT = "cost_limit"


def fault_of(error: openai.APIError) -> ModelFault:
    """The client's error in our words. Keys never appear in them: a rejected call is named by its status only."""
    if isinstance(error, openai.APITimeoutError):
        return ModelFault(FaultKind.TIMEOUT, "The model did not answer in time", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        return ModelFault(FaultKind.UNREACHABLE, "The connection to the model failed", retryable=True)
    if isinstance(error, openai.APIStatusError):
        return _status_fault(error)
    return ModelFault(FaultKind.ERROR_BODY, f"The model answered with an error: {error.message[:300]}", retryable=True)


def _status_fault(error: openai.APIStatusError) -> ModelFault:
    status = error.status_code
    said = f"The model's provider answered {status}"
    if status == 429 and error.code == "insufficient_quota":
        return ModelFault(FaultKind.QUOTA, f"{said}: the account has no quota left")
    if status == 429:
        wait = retry_after(error.response.headers.get("retry-after"))
        return ModelFault(FaultKind.RATE_LIMITED, f"{said}: too many requests", retryable=True, retry_after=wait)
    if status >= 500 or status in (408, 409, 425):
        wait = retry_after(error.response.headers.get("retry-after"))
        return ModelFault(FaultKind.PROVIDER_ERROR, said, retryable=True, retry_after=wait)
    return ModelFault(FaultKind.REJECTED, said)


def retry_after(header: str | None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 §10.2.3: seconds or a date), held to 1 s … 15 min."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = _until(header)
    return min(max(seconds, SHORTEST_S), LONGEST_S) if seconds == seconds else None


def _until(header: str) -> float:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return float("nan")
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
