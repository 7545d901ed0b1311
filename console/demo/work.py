"""What the demo's agents do in a night, by kind of work and language: what they heard, what they said, what came of it.

Made up, as everything of the demo; nothing in it comes from any real customer.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """One piece of work: what came in, what the agent made of it, and the kind of output that is."""

    heard: str
    spoken: str
    kind: str = "message"


@dataclass(frozen=True)
class Work:
    """What is done, in the order in which it is done; `odds` weighs the turns. A model is called where one is named."""

    chain: tuple[tuple[str, str, bool], ...]
    turns: dict[str, tuple[Turn, ...]]
    odds: tuple[int, ...]


NAMES = (
    "Marta Gil", "Owen Pritchard", "Yara Costa", "Ines Duarte", "Tomás Rey", "Priya Raman", "Jonas Weber",
    "Aiko Mori",
    "Luca Ferri", "Nadia Haddad", "Elif Kaya", "Bruno Alves", "Carmen Solís", "Peter Lund", "Grace Obi",
)  # fmt: skip
COMPANIES = (
    "Hydrant", "Bluefin Freight", "Lumen Dental", "Serra Coffee", "Parcel Nine", "Oakline Insurance",
    "Kestrel Robotics",
    "Harbor Analytics", "Viale Motors", "Cedar Clinics",
)  # fmt: skip
COUNTRIES = (
    "Germany",
    "Spain",
    "Spain",
    "Brazil",
    "Mexico",
    "United Kingdom",
    "United States",
    "Netherlands",
    "Italy",
    "Colombia",
)
EMPLOYEES = (900, 120, 60, 340, 240, 2600, 310, 75, 5200, 130)
"""Where each company is, and how many work there."""
ACCOUNTS = {
    "ava": ("Hydrant", "Bluefin Freight", "Lumen Dental", "Harbor Analytics"),
    "ava-latam": ("Parcel Nine", "Cedar Clinics"),
    "pipeline-scout": ("Oakline Insurance", "Kestrel Robotics", "Viale Motors"),
    "expositores-br": ("Serra Coffee",),
}
"""Whom the agents that write first write to; each to companies of its own."""
OUTREACH = (("research", "tool", False), ("draft", "role", True), ("check", "judge", False), ("send", "tool", False))
ANSWERS = (
    ("classify", "router", True),
    ("look up", "tool", False),
    ("answer", "role", True),
    ("check", "judge", False),
    ("send", "tool", False),
)
READS = (("read", "tool", False), ("write", "role", True), ("file", "tool", False))
TRIAGE = (
    ("classify", "router", True),
    ("retrieve", "tool", False),
    ("generate", "role", True),
    ("verify", "judge", False),
    ("publish", "tool", False),
)

WORK = {
    "outreach": Work(
        OUTREACH,
        {
            "en": (
                Turn("No answer yet.", "Hello {name}, {company} was here in 2024. May I send this year's floor plan?"),
                Turn("Send me the prices, please.", "The list is attached; a stand for two days starts at 3,900."),
                Turn("Can we talk on Thursday?", "Thursday, 10:00, is yours. The invitation is on its way.", "meeting"),
                Turn("We want the large stand again.", "Noted for {company}: large stand.", "opportunity"),
            ),
            "es": (
                Turn("Sin respuesta aún.", "Hola, {name}: ¿le envío el plano de este año para {company}?"),
                Turn("¿Qué cuesta?", "Le adjunto la lista; un puesto de dos días empieza en 3.900."),
                Turn("¿Hablamos el jueves?", "Jueves a las 10:00. La invitación va en camino.", "meeting"),
                Turn("Queremos el puesto grande.", "Anotado para {company}: puesto grande.", "opportunity"),
            ),
            "pt-br": (
                Turn("Ainda sem resposta.", "Olá, {name}: envio a planta deste ano para a {company}?"),
                Turn("Quanto custa?", "Segue a lista; um estande de dois dias começa em 3.900."),
                Turn("Podemos falar na quinta?", "Quinta, 10:00. O convite está a caminho.", "meeting"),
                Turn("Queremos o estande grande.", "Anotado para a {company}: estande grande.", "opportunity"),
            ),
        },
        (60, 25, 12, 3),
    ),
    "chat": Work(
        ANSWERS,
        {
            "en": (
                Turn("Just looking around, thanks.", "You are welcome. I am here if a question comes up."),
                Turn("Is there a group price?", "Yes, from five seats on. Shall a colleague make you an offer?"),
                Turn("I would like a demo for {company}.", "Booked for Wednesday, 15:00, {name}.", "meeting"),
            ),
            "es": (
                Turn("Solo estoy mirando.", "Claro. Aquí estoy si surge una pregunta."),
                Turn("¿Hay precio de grupo?", "Sí, desde cinco entradas. ¿Le prepara una oferta un compañero?"),
                Turn("Quiero una demo para {company}.", "Reservada para el miércoles, 15:00, {name}.", "meeting"),
            ),
        },
        (50, 35, 15),
    ),
    "case": Work(
        ANSWERS,
        {
            "en": (
                Turn("Where is my ticket?", "Under My orders, {name}: the code opens from there.", "resolution"),
                Turn("Can I change the name on a ticket?", "Yes, until three days before; I changed it.", "resolution"),
                Turn("When do the doors open?", "At 8:30; the badge desk opens at 8:00.", "resolution"),
                Turn("My invoice shows the wrong company.", "I have passed it to billing with the right name."),
            ),
            "es": (
                Turn("¿Dónde está mi entrada?", "En Mis pedidos, {name}: el código se abre desde allí.", "resolution"),
                Turn("¿Puedo cambiar el nombre?", "Sí, hasta tres días antes; ya está cambiado.", "resolution"),
                Turn("¿A qué hora abren?", "A las 8:30; acreditaciones, a las 8:00.", "resolution"),
                Turn("Mi factura tiene otra empresa.", "La he pasado a facturación con el nombre correcto."),
            ),
            "pt-br": (
                Turn("Onde está meu ingresso?", "Em Meus pedidos, {name}: o código abre por ali.", "resolution"),
                Turn("Posso trocar o nome?", "Sim, até três dias antes; já troquei.", "resolution"),
                Turn("Que horas abre?", "Às 8:30; credenciamento às 8:00.", "resolution"),
                Turn("Minha nota tem outra empresa.", "Encaminhei ao financeiro com o nome certo."),
            ),
        },
        (40, 25, 20, 15),
    ),
    "triage": Work(
        TRIAGE,
        {
            "en": (
                Turn("How long does a refund take?", "Five to ten business days after we confirm it [p1].", "reply"),
                Turn("Will the talks be recorded?", "Yes, and you can watch them for 60 days [p1].", "reply"),
                Turn("Is the venue accessible?", "Yes: lifts and ramps on every floor [p2].", "reply"),
            ),
            "es": (
                Turn("¿Cuánto tarda el reembolso?", "De cinco a diez días hábiles tras confirmarlo [p1].", "reply"),
                Turn("¿Se grabarán las charlas?", "Sí, y podrá verlas durante 60 días [p1].", "reply"),
                Turn("¿El recinto es accesible?", "Sí: ascensores y rampas en cada planta [p2].", "reply"),
            ),
            "pt-br": (
                Turn("Quanto demora o reembolso?", "De cinco a dez dias úteis após a confirmação [p1].", "reply"),
                Turn("As palestras serão gravadas?", "Sim, e ficam disponíveis por 60 dias [p1].", "reply"),
                Turn("O local é acessível?", "Sim: elevadores e rampas em todos os andares [p2].", "reply"),
            ),
        },
        (40, 30, 30),
    ),
    "notes": Work(
        READS,
        {
            "en": (
                Turn("Call with {name}, {company}.", "Wants a decision before the 30th; price is open.", "note"),
                Turn("Call with {name}, {company}.", "Asked for references from the last summit.", "note"),
                Turn("Call with {name}, {company}.", "Will not decide before their board meets.", "note"),
            )
        },
        (40, 30, 30),
    ),
    "enrich": Work(
        READS,
        {
            "en": (
                Turn("{company} registered.", "120 employees, logistics, two offices in Spain.", "note"),
                Turn("{name} of {company} registered.", "Buys for the whole group; was a guest in 2024.", "note"),
                Turn("{company} registered again.", "Known: the same company, another department.", "note"),
            )
        },
        (40, 30, 30),
    ),
    "plan": Work(
        READS,
        {
            "en": (
                Turn("Plan of the week.", "Catering is four days late; everything else moves.", "note"),
                Turn("Rooms for speakers.", "22 of 24 are booked; {name} has not sent any dates.", "note"),
                Turn("Badges.", "1,900 of 2,400 are printed; names from {company} are missing.", "note"),
            )
        },
        (40, 30, 30),
    ),
    "posts": Work(
        READS,
        {
            "en": (
                Turn("Announcement of {name}.", "Draft ready: 90 words, one quotation.", "note"),
                Turn("A post on the doors.", "Draft ready: 48 words, the hour and what to bring.", "note"),
                Turn("The workshop of {company}.", "Draft ready: 55 words; the seats are not confirmed.", "note"),
            )
        },
        (40, 30, 30),
    ),
    "contracts": Work(
        READS,
        {
            "en": (
                Turn("Contract of {name}.", "Nothing unusual; travel is paid by {company}.", "note"),
                Turn("Contract of {name}.", "Clause 9 asks for payment in 14 days; ours says 30.", "note"),
                Turn("Contract of {name}.", "The template, word for word.", "note"),
            )
        },
        (40, 30, 30),
    ),
    "routes": Work(
        READS,
        {
            "en": (
                Turn("{name}: the code does not open.", "To the ticket desk, marked for today.", "resolution"),
                Turn("{name}: another name on my ticket.", "To the ticket desk; three days are left.", "resolution"),
                Turn("{name}: may I speak remotely?", "To the programme team.", "resolution"),
                Turn("{name}: my invoice names another company.", "To billing, and to a person: it is paid already."),
            )
        },
        (40, 25, 20, 15),
    ),
    "renewals": Work(
        ANSWERS,
        {
            "en": (
                Turn("Does our discount still hold?", "Yes: ten per cent until the 30th, {name}.", "resolution"),
                Turn("What changes in the contract?", "Power is included now; Sunday costs extra.", "resolution"),
                Turn("We need the papers by Friday.", "They are with you, {name}.", "resolution"),
                Turn("No answer yet.", "The contract of {company} ends in six weeks. Shall I hold the place?"),
            )
        },
        (40, 25, 20, 15),
    ),
    "list": Work(
        READS,
        {"en": (Turn("Its page, read by a person.", "Everything on its list is done; nothing odd.", "check_in"),)},
        (100,),
    ),
}  # fmt: skip
