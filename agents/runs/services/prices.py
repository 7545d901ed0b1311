"""What tokens cost: the team's own price rows, else the public table that ships with genai-prices."""

from decimal import ROUND_UP, Decimal

from agents.engine import StepFault
from agents.fleet.models import Price

MILLION = 1_000_000


def context_window(model: str) -> int | None:
    """How many tokens the model takes at once, by the same public table; None for one that is not in it."""
    from genai_prices.data_snapshot import get_snapshot  # see below

    try:
        _provider, found = get_snapshot().find_provider_model(model, None, None, None)
    except LookupError:
        return None
    return found.context_window


def cost_micros(price: Price | None, model: str, tokens_in: int, tokens_out: int, *, rehearsal: bool) -> int:
    """Micro-units, rounded up. A rehearsal without a price row costs nothing.

    Raises StepFault `no_price` for a model nobody has priced: unknown money may not be spent.
    """
    if price is not None:
        return -(-(price.input_micros * tokens_in + price.output_micros * tokens_out) // MILLION)
    if rehearsal:
        return 0
    from genai_prices import Usage, calc_price  # its table costs every process half a second of start

    try:
        total = calc_price(Usage(input_tokens=tokens_in, output_tokens=tokens_out), model_ref=model).total_price
    except LookupError:
        raise StepFault("no_price", f"No price is known for the model “{model}”") from None
    return int((Decimal(total) * MILLION).to_integral_value(ROUND_UP))
