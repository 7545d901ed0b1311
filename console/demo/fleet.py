"""The twenty-five agents of the demo company, from nine kinds of system."""

from agents.fleet.enums import Function, Vendor
from console.demo.cast import DemoAgent, Kpi

F, V = Function, Vendor
DEV_FIRST = ("second", "manager")
WITH_CHIEF = ("manager", "chief")
MEETINGS = Kpi("meetings", 1, "a night", of="meeting")
RESOLVED = Kpi("resolved", 4, "a night", of="resolution")
REPLIES = Kpi("resolved", 4, "a night", of="reply")
THRIFT = Kpi("spend", 1, "USD", "lower")

OURS = (
    DemoAgent(
        "support-desk", "Support desk", V.OURS, F.SUPPORT,
        "Answers tickets of summit guests from our own policies, with sources; hands over what it may not decide.",
        "triage", "ticket resolved", 6, 12, REPLIES, language="en", pace=8,
        personality="Short, friendly, never promises what the policy does not say.",
    ),
    DemoAgent(
        "refund-agent", "Refund agent", V.OURS, F.BILLING,
        "Answers questions about refunds and charges; above 250 dollars a person decides.",
        "triage", "refund settled", 9, 19, Kpi("spend", 1, "USD", "lower"), pace=5,
        personality="Exact about money, sorry once, never twice.",
    ),
    DemoAgent(
        "soporte-es", "Soporte", V.OURS, F.SUPPORT,
        "Atiende a los asistentes de habla hispana con las mismas políticas.",
        "triage", "ticket resolved", 6, 10, REPLIES, DEV_FIRST, "es", pace=6,
        personality="Cercano, de tú, sin rodeos.",
    ),
    DemoAgent(
        "suporte-br", "Suporte", V.OURS, F.SUPPORT,
        "Atende os participantes do Brasil com as mesmas políticas.",
        "triage", "ticket resolved", 6, 10, REPLIES, DEV_FIRST, "pt-br", pace=5,
        personality="Cordial e direto.",
    ),
)  # fmt: skip

SALES = (
    DemoAgent(
        "ava", "Ava", V.ARTISAN, F.SALES, "Writes first messages to sponsors and follows up.",
        "outreach", "reply", 15, 5, MEETINGS, native_name="Ava · outbound 3", pace=8,
        personality="Curious, one question a message.",
    ),
    DemoAgent(
        "ava-latam", "Ava LATAM", V.ARTISAN, F.SALES, "Escribe a patrocinadores de América Latina.",
        "outreach", "reply", 15, 5, MEETINGS, language="es", native_name="Ava · LATAM 1", pace=6,
        personality="Cálida, breve.",
    ),
    DemoAgent(
        "pipeline-scout", "Pipeline scout", V.MONACO, F.SALES,
        "Scores accounts and starts sequences for the top tier.", "outreach", "meeting booked", 150, 25, MEETINGS,
        WITH_CHIEF, native_name="scout-prod", pace=7, personality="Dry, figures first.", asks=True,
        settings={"template_id": "tpl_scout", "campaign_id": "cmp_scout"},
    ),
    DemoAgent(
        "expositores-br", "Expositores", V.MONACO, F.SALES, "Convida expositores do Brasil.",
        "outreach", "meeting booked", 90, 12, MEETINGS, DEV_FIRST, "pt-br", "Animado, sem exageros.", "br-exp", 5,
        settings={"template_id": "tpl_br", "campaign_id": "cmp_br"},
    ),
    DemoAgent(
        "call-notes", "Call notes", V.MOMENTUM, F.SALES, "Writes call notes into the CRM after each call.",
        "notes", "call noted", 2, 3, Kpi("meetings_read", 5, "calls", of="note"), DEV_FIRST,
        personality="Neutral.", silent=True,
    ),
    DemoAgent(
        "deal-watcher", "Deal watcher", V.MOMENTUM, F.SALES, "Watches calls for signs that a deal is at risk.",
        "notes", "risk found", 40, 6, Kpi("meetings_read", 5, "calls", of="note"), WITH_CHIEF,
        personality="Suspicious by profession.", locked_out=True,
    ),
)  # fmt: skip

MARKETING = (
    DemoAgent(
        "piper", "Piper", V.QUALIFIED, F.MARKETING, "Chats with visitors of the ticket page and books meetings.",
        "chat", "meeting booked", 120, 30, MEETINGS, DEV_FIRST, native_name="Piper", pace=8,
        personality="Quick, warm, never pushy.", settings={"context_domains": "visitors.example"},
    ),
    DemoAgent(
        "piper-es", "Piper ES", V.QUALIFIED, F.MARKETING, "Conversa con las visitas de la página en español.",
        "chat", "meeting booked", 120, 20, MEETINGS, DEV_FIRST, "es", "Amable, al grano.", "Piper · es",
    ),
    DemoAgent(
        "newsroom", "Newsroom", V.CLAUDE, F.MARKETING, "Drafts posts and speaker announcements for approval.",
        "posts", "post drafted", 25, 4, THRIFT, personality="Plain words, no exclamation marks.", pace=4,
    ),
    DemoAgent(
        "press-monitor", "Press monitor", V.MANUAL, F.MARKETING, "Lists mentions of the summit on a page of its own.",
        "list", "mention found", 3, 1, Kpi("mentions", 5, "mentions", of="finding"), DEV_FIRST, pace=1,
        personality="Laconic.",
    ),
)  # fmt: skip

SERVICE = (
    DemoAgent(
        "service-agent", "Service agent", V.AGENTFORCE, F.SUPPORT, "First line on the customer portal.",
        "case", "deflected case", 7, 14, RESOLVED, DEV_FIRST, native_name="EVT_Service_Agent_v4", pace=9,
        personality="Formal, complete.",
        settings={"agent_id": "0XxEVT4", "agent_name": "EVT_Service_Agent"},
    ),
    DemoAgent(
        "case-router", "Case router", V.AGENTFORCE, F.SUPPORT, "Sends each case to the team that can close it.",
        "routes", "case routed", 3, 8, RESOLVED, native_name="EVT_Router_v2", pace=8,
        personality="None: it routes.", settings={"agent_id": "0XxEVT2", "agent_name": "EVT_Router"},
    ),
    DemoAgent(
        "renewals", "Renewals", V.AGENTFORCE, F.RETENTION, "Talks to exhibitors whose contracts end.",
        "renewals", "renewal saved", 60, 22, Kpi("sessions", 6, "sessions", of="resolution"), WITH_CHIEF,
        native_name="EVT_Renewal_v1", personality="Calm, remembers what was promised.",
        settings={"agent_id": "0XxEVT1", "agent_name": "EVT_Renewal"},
    ),
    DemoAgent(
        "web-chat", "Web chat", V.WEBHOOK, F.SUPPORT, "Answers on the summit's own page.",
        "case", "chat resolved", 5, 9, RESOLVED, personality="Short sentences.", pace=7, asks=True,
    ),
    DemoAgent(
        "whatsapp-mx", "WhatsApp MX", V.WEBHOOK, F.SUPPORT, "Atiende por WhatsApp a los asistentes de México.",
        "case", "chat resolved", 5, 16, RESOLVED, DEV_FIRST, "es", "Cálido, con paciencia.", "bot-mx", 7, asks=True,
    ),
    DemoAgent(
        "whatsapp-br", "WhatsApp BR", V.WEBHOOK, F.SUPPORT, "Atende pelo WhatsApp os participantes do Brasil.",
        "case", "chat resolved", 5, 11, RESOLVED, DEV_FIRST, "pt-br", "Leve, com clareza.", "bot-br", asks=True,
    ),
)  # fmt: skip

OFFICE = (
    DemoAgent(
        "10k-coach", "10K coach", V.CLAUDE, F.OPERATIONS, "Holds the summit plan and reminds people of what is late.",
        "plan", "task moved", 8, 4, THRIFT, WITH_CHIEF, personality="Blunt. Facts first.", pace=4,
    ),
    DemoAgent(
        "contract-reader", "Contract reader", V.CLAUDE, F.LEGAL, "Reads speaker contracts and asks about odd clauses.",
        "contracts", "contract read", 30, 18, THRIFT, personality="Careful, quotes the clause.", pace=4,
    ),
    DemoAgent(
        "lead-enricher", "Lead enricher", V.WEBHOOK, F.SALES, "Looks up companies behind new registrations.",
        "enrich", "lead enriched", 1, 1, THRIFT, personality="Silent worker.", pace=8,
    ),
    DemoAgent(
        "travel-desk", "Travel desk", V.MANUAL, F.OPERATIONS, "Books rooms and trains for speakers at an agency.",
        "list", "trip booked", 12, 4, Kpi("bookings", 2, "trips", of="finding"), pace=1, personality="Thorough.",
    ),
    DemoAgent(
        "invoice-bot", "Invoice bot", V.MANUAL, F.FINANCE, "Matches invoices on a page of its own.",
        "list", "invoice matched", 2, 2, Kpi("matched", 20, "invoices", of="finding"), ("manager",), pace=1,
        personality="Counts twice.", live=False,
    ),
)  # fmt: skip

AGENTS = (*OURS, *SALES, *MARKETING, *SERVICE, *OFFICE)
