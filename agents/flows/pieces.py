"""What a node has read, as the pieces that its prompt is made of."""

from collections.abc import Mapping

from agents.engine import Context, Json

PASSAGES = "passages"


def seen(context: Context) -> dict[str, Json]:
    """What the node reads, as pieces of a prompt; of the run's input, the message alone when there is nothing else."""
    return pieces(context.input)


def pieces(seen: Mapping[str, Json]) -> dict[str, Json]:
    """The same of what a step has read; passages that were looked up are a piece of their own, each under its mark."""
    passages: dict[str, Json] = {}
    parts: dict[str, Json] = {name: _lifted(part, passages) for name, part in seen.items()}
    parts |= {PASSAGES: passages} if passages else {}
    given = parts.get("input")
    if isinstance(given, dict) and set(given) == {"text"}:
        parts = {"message": parts.pop("input")["text"], **parts}
    return parts


def _lifted(part: Json, passages: dict[str, Json]) -> Json:
    """The part without the passages in it, which are added to `passages`."""
    if not isinstance(part, Mapping):
        return part
    found = part.get(PASSAGES)
    passages |= found if isinstance(found, Mapping) else {}
    kept = (name for name in part if name != PASSAGES or not isinstance(found, Mapping))
    return {name: _lifted(part[name], passages) for name in kept}
