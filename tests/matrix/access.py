"""Who gets through: the roles of the cast, and the few kinds of access a URL can have."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from types import MappingProxyType

ROLES = (
    "anonymous",
    "rival",
    "owner",
    "second",
    "backup",
    "trainee",
    "manager",
    "chief",
    "administrator",
    "engineer",
    "operations",
    "auditor",
    "leadership",
    "human_agent",
)


class Outcome(StrEnum):
    """`through` is any answer of the view itself: a page, a redirect onwards, a conflict."""

    THROUGH = "through"
    CHOOSE = "422"
    SIGN_IN = "sign in first"
    REFUSED = "403"
    UNKNOWN = "404"


Access = Mapping[str, Outcome]


def access(
    through: AbstractSet[str], *, refused: AbstractSet[str] = frozenset(), other: Outcome = Outcome.UNKNOWN
) -> Access:
    """Everybody not named gets `other`; a stranger to the sign-in page first."""
    table = dict.fromkeys(ROLES, other) | dict.fromkeys(refused, Outcome.REFUSED)
    table |= dict.fromkeys(through, Outcome.THROUGH)
    table["anonymous"] = Outcome.THROUGH if "anonymous" in through else Outcome.SIGN_IN
    return MappingProxyType(table)


EVERYBODY = set(ROLES)
PEOPLE = EVERYBODY - {"anonymous"}
OWNERS = {"owner", "second", "backup", "trainee"}
READERS = OWNERS | {"chief", "administrator", "engineer", "operations", "auditor", "leadership"}
CONFIGURERS = {"owner", "chief", "administrator", "engineer", "operations"}
APPOINTERS = {"owner", "chief", "administrator"}
PAUSERS = {"owner", "second", "backup", "chief"}
INSTRUCTORS = {"owner", "second", "chief"}
REVIEWERS = {"owner", "second", "backup", "chief"}
# The rival is chief of her own team: what needs no agent of ours is hers to do at home.
CREATORS = OWNERS | {"manager", "chief", "administrator", "engineer", "rival"}
AUDIENCE = OWNERS | {"auditor", "chief", "administrator", "rival"}
LEADS = {"chief", "administrator", "rival"}

PUBLIC = access(EVERYBODY)
SIGNED_IN = access(PEOPLE)
NOWHERE = MappingProxyType(dict.fromkeys(ROLES, Outcome.UNKNOWN))
READ_AGENT = access(READERS)
CONFIGURE_AGENT = access(CONFIGURERS, refused=READERS - CONFIGURERS)
APPOINT = access(APPOINTERS, refused=READERS - APPOINTERS)
# No policy keeps memories here: it is said to those who may tell.
TELL_MEMORY = {**CONFIGURE_AGENT, **dict.fromkeys(CONFIGURERS, Outcome.CHOOSE)}
PAUSE_AGENT = access(PAUSERS, refused=READERS - PAUSERS)
INSTRUCT_AGENT = access(INSTRUCTORS, refused=READERS - INSTRUCTORS)
REVIEW_AGENT = access(REVIEWERS, refused=READERS - REVIEWERS)
CREATE_AGENT = access(CREATORS, other=Outcome.REFUSED)
READ_TRAIL = access(AUDIENCE, other=Outcome.REFUSED)
LEAD_TEAM = access(LEADS, other=Outcome.REFUSED)
LEAD_OUR_TEAM = access(LEADS - {"rival"}, refused=PEOPLE - LEADS)
CONFIGURE_TEAM = access({"chief", "administrator", "engineer", "operations"})
SEE_WHOLE_TEAM = access(READERS - OWNERS | {"rival"}, other=Outcome.REFUSED)
WRITE_POLICY = access({"chief", "administrator", "operations"}, refused=PEOPLE - {"rival"})
OPEN_ADDRESS = access({"chief", "administrator", "engineer", "operations", "rival"}, other=Outcome.REFUSED)
OWNERS_OWN = access({"owner"})
# Everybody declares their own days away; those who lead the team, others' too.
END_ABSENCE = access({"owner", "chief", "administrator"}, refused=PEOPLE - {"owner", "chief", "administrator", "rival"})
# Whoever may broadcast to some agent prepares campaigns; everybody of the team reads them.
BEGIN_CAMPAIGN = access(INSTRUCTORS | {"rival"}, other=Outcome.REFUSED)
READ_CAMPAIGN = access(PEOPLE - {"rival"})
CAMPAIGN = access(INSTRUCTORS, refused=PEOPLE - INSTRUCTORS - {"rival"})
RULE_CAMPAIGNS = access({"chief", "administrator", "operations", "rival"}, other=Outcome.REFUSED)
# Owner and chief may both configure and review; who may not configure it finds no such agent in the form.
BYPASS = access({"owner", "chief"}, refused={"administrator", "engineer", "operations"}, other=Outcome.CHOOSE)
OPEN_BYPASS = access({"owner", "chief"}, refused=READERS - {"owner", "chief"})
BROADCAST_AGENT = access(INSTRUCTORS, refused=READERS - INSTRUCTORS)
