"""The demo's rules which agent writes to whom, tried on past contacts and kept, as Operations would."""

from agents.channels.actions import set_segments
from agents.channels.enums import Fact, Is
from agents.channels.segments import Condition, Rule, digest
from agents.people.models import Team, User

HOURS = 48
LATIN_AMERICA, EUROPE = "Mexico, Colombia, Chile, Peru", "Germany, Spain, Netherlands, Italy, United Kingdom"
RULES = (
    Rule("pipeline-scout", "The largest get figures first.", (Condition(Fact.EMPLOYEES, Is.AT_LEAST, "400"),), 40),
    Rule("expositores-br", "They are spoken to in Portuguese.", (Condition(Fact.COUNTRY, Is.EQUAL, "Brazil"),)),
    Rule("ava-latam", "In Spanish, in their hours.", (Condition(Fact.COUNTRY, Is.AMONG, LATIN_AMERICA),), 30),
    Rule("ava", "First messages and follow-ups in Europe.", (Condition(Fact.COUNTRY, Is.AMONG, EUROPE),), rest_days=1),
)
"""The largest in Europe fit two of them; who is elsewhere, or of whom nothing is known, fits none."""


def write(team: Team, operations: User) -> None:
    """The first version."""
    why = "Two agents wrote to one exhibitor last spring."
    set_segments(team, actor=operations, rules=RULES, window_hours=HOURS, why=why, tried=digest(RULES, HOURS))
