"""What agents write is hostile: the whole corpus on every page that shows it; none of it works (guarantees G37, E)."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.db import transaction

from agents.base.canonical import plain
from agents.fleet.actions import add_knowledge, observe
from agents.fleet.enums import Observed
from agents.fleet.models import Agent
from agents.runs.enums import RunState
from agents.runs.models import Output, Run, RunException, Step
from audit.actions import record
from tests.base import payloads
from tests.cast import Cast, make_cast, signed_in
from tests.pages.stage import a_question, a_run, an_approval, an_output

# As it arrives in the database, which takes no zero bytes.
CORPUS: list[str] = plain(payloads.ALL)
# Where a page of ours may lead or load from.
OURS = ("", "testserver")


class Dangers(HTMLParser):
    """Every way in which the page could run, load or send what is not ours."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.scripting = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.scripting = tag == "script" and given.get("type") != "application/json"
        if tag in {"iframe", "object", "embed", "base", "img", "video", "audio", "style", "frame", "marquee", "math"}:
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            self._look(tag, name, value)

    def _look(self, tag: str, name: str, value: str) -> None:
        if name.startswith(("on", "hx-on")) or name == "style":
            self.found.append(f"{tag} {name}={value}")
        if name in {"src", "href", "action", "formaction", "data", "poster", "hx-get", "hx-post", "xlink:href"}:
            parts = urlsplit(value)
            outside = parts.netloc not in OURS
            allowed = tag == "a" and name == "href" and parts.scheme in {"http", "https"}
            if parts.scheme not in {"", "http", "https"} or (outside and not allowed):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.scripting and data.strip():
            self.found.append(f"inline script: {data[:60]}")


def _poison(agent: Agent) -> tuple[Run, RunException, RunException]:
    """The corpus wherever an agent, a vendor or a customer may have written."""
    everything = "\n\n".join(CORPUS)
    run = a_run(agent, RunState.WAITING, title=CORPUS[0], input={"text": everything, "customer": CORPUS[1]})
    Step.objects.filter(run=run).update(output={"reply": CORPUS}, reason=everything, error=everything, model=CORPUS[2])
    Output.objects.filter(pk=an_output(run).pk).update(content=everything, data=dict(enumerate(CORPUS)))
    question = a_question(agent, run, detail=everything, title=CORPUS[3], evidence={"said": CORPUS})
    proposal = {"tool": CORPUS[4], "arguments": {text: text for text in CORPUS}, "amount_micros": 5, "currency": "USD"}
    approval = an_approval(agent, proposal=proposal, detail=everything)
    observe(agent, Observed.DEGRADED, {"why": everything, CORPUS[5]: CORPUS})
    return run, question, approval


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: object) -> dict[str, str]:
    """Each page that shows what agents wrote, as the chief sees it."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        cast: Cast = make_cast()
        run, question, approval = _poison(cast.agent)
        Agent.objects.filter(pk=cast.agent.pk).update(
            name=CORPUS[6][:120], purpose="\n".join(CORPUS), native_name=CORPUS[7][:120], lifecycle_reason=CORPUS[8]
        )
        add_knowledge(cast.agent, source=CORPUS[9][:100], text="\n\n".join(CORPUS), actor=cast.owner)
        record(
            "agent.edited",
            actor=cast.agent.actor,
            team_id=cast.team.pk,
            obj=cast.agent,
            agent_id=cast.agent.pk,
            said=CORPUS,
        )
        client = signed_in(cast.chief)
        paths = {
            "today": "/",
            "fleet": "/agents/",
            "agent": "/agents/refund-agent/",
            "edit": "/agents/refund-agent/edit/",
            "runs": "/runs/",
            "run": f"/runs/{run.pk}/",
            "exceptions": "/exceptions/",
            "question": f"/exceptions/{question.pk}/",
            "approval": f"/exceptions/{approval.pk}/",
            "audit": "/audit/",
            "owners": "/owners/",
        }
        found = {}
        for name, path in paths.items():
            response = client.get(path)
            assert response.status_code == 200, name
            found[name] = response.content.decode()
        transaction.set_rollback(True)
    return found


NAMES = ["today", "fleet", "agent", "edit", "runs", "run", "exceptions", "question", "approval", "audit", "owners"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_nothing_an_agent_wrote_runs_loads_or_sends(pages: dict[str, str], name: str) -> None:
    assert Dangers(pages[name]).found == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["run", "question", "approval", "audit"])
def test_what_hides_is_shown(pages: dict[str, str], name: str) -> None:
    for hidden in ("\u202e", "\u200b", "\u2066", "\U000e0069"):
        assert hidden not in pages[name]
    assert "⟦U+202E" in pages[name]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["run", "question", "approval"])
def test_the_words_are_there_for_people_to_read(pages: dict[str, str], name: str) -> None:
    assert "alert(1)" in pages[name]
    assert "{{7*7}}" in pages[name]
