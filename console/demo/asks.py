"""What the demo's webhook agents wait for this morning: each form is drawn from the question's own schema."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class DemoAsk:
    """A question asked so many minutes ago, on behalf of `contact` where it is somebody's; `answer` is what the manager
    says to it when the demo is decided.
    """

    kind: str
    title: str
    detail: str
    minutes: int
    severity: str = "medium"
    schema: Json = field(default_factory=dict)
    proposal: Json | None = None
    answer: Json | None = None
    contact: Json = field(default_factory=dict)

    @property
    def told(self) -> Json:
        """In the words of `agents.connectors.ingest`."""
        found = {"kind": self.kind, "title": self.title, "detail": self.detail, "severity": self.severity}
        return (
            found
            | ({"schema": self.schema} if self.schema else {})
            | ({"proposal": self.proposal} if self.proposal else {})
        )


def _one(name: str, **property: Any) -> Json:
    return {"type": "object", "required": [name], "additionalProperties": False, "properties": {name: property}}


ASKS = {
    "whatsapp-mx": (
        DemoAsk(
            "question",
            "Un grupo de 12 pide un descuento",
            "Parcel Nine quiere 12 entradas y pregunta cuánto baja el precio. Mi límite es 5 %.",
            47,
            "high",
            _one("discount", type="integer", minimum=0, maximum=20, title="Descuento en %"),
            answer={"discount": 8},
            contact={"email": "tomas.rey@parcel.example", "country": "Mexico", "employees": 240},
        ),
    ),
    "whatsapp-br": (
        DemoAsk(
            "approval",
            "Resposta a Yara Costa sobre o reembolso",
            "Ela cancelou três dias antes; a política fala em 50 %.",
            31,
            proposal={"reply": "Yara, você recebe 50 % de volta em até dez dias úteis."},
        ),
    ),
    "web-chat": (
        DemoAsk(
            "question",
            "A journalist asks who speaks on day two",
            "Two names are not announced yet. May I give them under embargo?",
            12,
            schema=_one("embargo", type="string", title="What to say", enum=["no names", "names under embargo"]),
            answer={"embargo": "no names"},
        ),
    ),
}
