"""What a schema's field is about, told by its name, format and description, and how its text is found."""

import re
from collections.abc import Callable

from agents.rehearsal import extract
from agents.rehearsal.extract import Found
from agents.rehearsal.floor import Schema
from agents.rehearsal.text import content, fold, keys

Reader = Callable[[str], list[Found]]
_GENERIC = content("id ids code number list array boolean string json iso format given exact exactly number")
_FORMATS: dict[str, Reader] = {"email": extract.emails, "date": extract.dates, "uri": extract.urls}
_READERS: list[tuple[re.Pattern[str], Reader]] = [
    (re.compile(rf"(^|_)({pattern})s?(_|$)"), reader)
    for pattern, reader in (
        ("e?mail|correo", extract.emails),
        ("phone|telefono|telefone|celular|whatsapp", extract.phones),
        ("date|fecha|deadline|due", extract.dates),
        ("url|link|uri", extract.urls),
        ("amount|price|total|cost|monto|importe|valor|precio|preco", extract.amounts),
        ("id|code|codigo|reference|locator|pnr|number|numero", extract.ids),
        ("origin|from|origen|origem", extract.origins),
        ("destination|to|destino", extract.destinations),
        ("name|nombre|nome", extract.people),
    )
]
_ROLES = {
    role: re.compile(rf"(^|_)({pattern})s?(_|$)")
    for role, pattern in {
        "confidence": "confidence|certainty|probability|confianza|confianca|certeza",
        "citation": "citation|citations|cited|source|passage|reference|evidence_id|fuente|fonte|cita",
        "answer": "answer|reply|response|draft|message|respuesta|resposta|mensaje|mensagem|text|content|body",
        "flaw": "unsupported|unsupported_claim|missing|violation|issue|problem|error|flaw",
        "carried": "supported|grounded|faithful|verified|answerable|sustentado|respaldado",
        "sound": "allowed|safe|ok|pass|passed|compliant|appropriate|valid|approved|polite|permitido|seguro",
        "language": "language|lang|idioma|lingua",
        "score": "score|rating|grade|nota",
    }.items()
}


def snake(name: str) -> str:
    """A field's name folded to snake_case."""
    return fold(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).replace("-", "_").replace(" ", "_")


def role(name: str) -> str:
    """The part a field plays in an answer (confidence, citation, answer, flaw, …), or nothing."""
    return next((role for role, pattern in _ROLES.items() if pattern.search(snake(name))), "")


def reader(name: str, schema: Schema) -> Reader | None:
    """The extractor for a text or number field; None when it is prose."""
    if "pattern" in schema:
        return _matching(schema["pattern"])
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return next((reader for pattern, reader in _READERS if pattern.search(snake(name))), None)


def hints(name: str, schema: Schema, told: Callable[[str], set[str]] = keys) -> set[str]:
    """The keys by which a field is recognised in a text: those of its name, else those of its description."""
    return told(name) - _GENERIC or told(str(schema.get("description", ""))) - _GENERIC


def _matching(pattern: str) -> Reader:
    """Words of the text that match a schema's own pattern; JSON Schema patterns are not anchored."""

    def find(text: str) -> list[Found]:
        return [(m.start(), m[0]) for m in re.finditer(r"[^\s,;]*[^\s,;.!?]", text) if re.search(pattern, m[0])]

    return find
