"""Who works at the demo company, and which agents they own."""

from dataclasses import dataclass, field
from decimal import Decimal

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
class DemoAgent:
    slug: str
    name: str
    vendor: Vendor
    function: Function
    owners: tuple[str, ...]
    purpose: str
    outcome: str = ""
    value: int = 0
    kpi: tuple[str, Decimal, str] | None = None
    language: str = "en"
    native_name: str = ""
    live: bool = True
    profile: dict[str, str] = field(default_factory=dict)


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

AGENTS = (
    DemoAgent(
        "support-desk",
        "Support desk",
        Vendor.OURS,
        Function.SUPPORT,
        ("manager", "second"),
        "Answers tickets of summit guests from our own policies, with sources; hands over what it may not decide.",
        "ticket resolved",
        6_000_000,
        ("resolution-rate", Decimal(80), "%"),
        profile={"personality": "Short, friendly, never promises what the policy does not say."},
    ),
    DemoAgent(
        "ava",
        "Ava",
        Vendor.ARTISAN,
        Function.SALES,
        ("manager", "second"),
        "Writes first messages to sponsors and follows up.",
        "reply",
        15_000_000,
        ("reply-rate", Decimal(6), "%"),
        native_name="Ava · outbound 3",
    ),
    DemoAgent(
        "piper",
        "Piper",
        Vendor.QUALIFIED,
        Function.MARKETING,
        ("second", "manager"),
        "Chats with visitors of the ticket page and books meetings.",
        "meeting booked",
        120_000_000,
        ("meetings-per-week", Decimal(6), "meetings"),
    ),
    DemoAgent(
        "service-agent",
        "Service agent",
        Vendor.AGENTFORCE,
        Function.SUPPORT,
        ("second", "manager"),
        "First line on the customer portal.",
        "deflected case",
        7_000_000,
        ("deflection", Decimal(60), "%"),
        native_name="EVT_Service_Agent_v4",
    ),
    DemoAgent(
        "pipeline-scout",
        "Pipeline scout",
        Vendor.MONACO,
        Function.SALES,
        ("manager", "second"),
        "Scores accounts and starts sequences for the top tier.",
        "meeting booked",
        150_000_000,
        ("meetings-per-week", Decimal(3), "meetings"),
    ),
    DemoAgent(
        "call-notes",
        "Call notes",
        Vendor.MOMENTUM,
        Function.SALES,
        ("second", "manager"),
        "Writes call notes into the CRM after each call.",
        "call noted",
        2_000_000,
        ("calls-noted", Decimal(40), "calls"),
    ),
    DemoAgent(
        "10k-coach",
        "10K coach",
        Vendor.CLAUDE,
        Function.OPERATIONS,
        ("manager", "second"),
        "Holds the summit plan and reminds people of what is late.",
        profile={"personality": "Blunt. Facts first."},
    ),
    DemoAgent(
        "invoice-bot",
        "Invoice bot",
        Vendor.MANUAL,
        Function.FINANCE,
        ("second",),
        "Matches invoices in a page of its own, without any interface.",
        "invoice matched",
        1_500_000,
        ("accuracy", Decimal(99), "%"),
        live=False,
    ),
)
