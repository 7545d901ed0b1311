"""Who works at the demo company, and what is said of each of its agents."""

from dataclasses import dataclass, field

from agents.fleet.enums import Function, Vendor
from agents.people.enums import TeamRole


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    role: TeamRole
    zone: str = "Europe/Madrid"
    language: str = "en"


@dataclass(frozen=True)
class Kpi:
    """What an agent should reach in a night. `of` is the kind of output whose count is its value in the history."""

    key: str
    target: int
    unit: str
    better: str = "higher"
    of: str = ""


@dataclass(frozen=True)
class DemoAgent:
    """One agent. Money in whole units of the team's currency; `pace` is how many runs it has in a weekday's night.

    `work` names what it does in `console.demo.work`; `silent` and `locked_out` are what is wrong with it today;
    `asks` is whether something of this night needs a person.
    """

    slug: str
    name: str
    vendor: Vendor
    function: Function
    purpose: str
    work: str
    outcome: str
    value: int
    waiting: int
    kpi: Kpi
    owners: tuple[str, ...] = ("manager", "second")
    language: str = "en"
    personality: str = ""
    native_name: str = ""
    pace: int = 6
    live: bool = True
    silent: bool = False
    locked_out: bool = False
    asks: bool = False
    settings: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def steady(self) -> bool:
        """Whether it reaches its target night by night, so that a person need not look twice."""
        return bool(self.kpi.of) and self.vendor != Vendor.MANUAL and not (self.silent or self.locked_out or self.asks)

    @property
    def account(self) -> str:
        """What the vendors' stand-ins know it by; what it begins and ends with they treat otherwise."""
        if self.locked_out:
            return "wrong"
        ending = "silent" if self.silent else "asks" if self.asks else "calm"
        return f"{self.work}.{self.language}.{self.slug}-{ending}"


PEOPLE = (
    Person("chief", "Lena Kraft", TeamRole.CHIEF, "Europe/Berlin"),
    Person("manager", "Amelia Ruiz", TeamRole.MANAGER),
    Person("second", "Dev Patel", TeamRole.MANAGER, "Europe/London"),
    Person("administrator", "Ada Holm", TeamRole.ADMINISTRATOR, "Europe/Stockholm"),
    Person("engineer", "Emil Novak", TeamRole.ENGINEER, "Europe/Prague"),
    Person("operations", "Olga Duarte", TeamRole.OPERATIONS, "America/Sao_Paulo", "pt-br"),
    Person("auditor", "Aron Weiss", TeamRole.AUDITOR, "Europe/Zurich"),
    Person("human_agent", "Marta Gil", TeamRole.HUMAN_AGENT, "America/Lima", "es"),
    Person("leadership", "Noor Haddad", TeamRole.LEADERSHIP),
)
