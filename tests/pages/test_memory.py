"""The page of what an agent knows and remembers, and the same over the wire."""

import datetime as dt

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from agents.fleet.actions import add_knowledge, grant_knowledge
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, KnowledgeGrant, KnowledgePassage, PolicyVersion
from agents.runs.enums import RunState
from agents.runs.models import Memory
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import a_run

__all__ = ["machine"]
URL = "/agents/refund-agent/memory/"
# Session, person, team, sidebar; agent, rights, documents, grants, memories, their number, whose knowledge to choose.
QUERIES = 11


def a_memory(cast: Cast, text: str = "wants a call") -> Memory:
    run = a_run(cast.agent, RunState.DONE)
    until = timezone.now() + dt.timedelta(days=90)
    return Memory.objects.create(
        agent=cast.agent, about="a" * 64, text=text, run=run, step_key=str(run.pk), until=until
    )


def librarian(cast: Cast, slug: str = "librarian") -> Agent:
    """Another agent of the same owners."""
    return make_agent(cast.team, slug, (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))


def test_the_page_costs_the_same_however_much_is_known(
    cast: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(cast.owner)
    client.get(URL)
    for number in range(3):
        add_knowledge(cast.agent, source=f"{number}.md", text="Text.", actor=cast.owner)
        lender = make_agent(
            cast.team, f"more-{number}", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
        )
        grant_knowledge(cast.agent, lender=lender, why="One desk", actor=cast.owner)
        a_memory(cast)
    with django_assert_num_queries(QUERIES):
        assert client.get(URL).status_code == 200


def test_a_document_is_shown_as_taken_in_and_put_right(cast: Cast, sign_in: SignIn) -> None:
    text = "Before any heading.\n\n# Refunds\n\nWithin 30 days.\n\nBy card."
    add_knowledge(cast.agent, source="policy.md", text=text, actor=cast.owner)
    client = sign_in(cast.owner)
    page = client.get(URL, {"source": "policy.md"}).content.decode()
    assert text in page.replace("&#x27;", "'")
    client.post(f"{URL}write/", {"source": "policy.md", "text": text.replace("30", "14")})
    assert "14 days" in KnowledgePassage.objects.get(title="Refunds").text
    refused = client.post(f"{URL}write/", {"source": "", "text": "Kept as typed"})
    assert (refused.status_code, "Kept as typed" in refused.content.decode()) == (422, True)


def test_knowledge_is_lent_with_a_reason_and_withdrawn(cast: Cast, sign_in: SignIn) -> None:
    lender = librarian(cast)
    client = sign_in(cast.owner)
    assert client.post(f"{URL}grant/", {"lender": cast.rival_agent.pk, "why": "x"}).status_code == 422
    client.post(f"{URL}grant/", {"lender": lender.pk, "memories": "on", "why": "One desk"})
    assert KnowledgeGrant.objects.get().memories
    assert "One desk" in client.get("/agents/librarian/memory/").content.decode()
    client.post(f"{URL}withdraw/", {"lender": "librarian"})
    assert not KnowledgeGrant.objects.exists()


def test_a_memory_says_where_it_is_from_and_is_put_right_or_forgotten(cast: Cast, sign_in: SignIn) -> None:
    memory = a_memory(cast, "<img src=x> wants a call")
    client = sign_in(cast.owner)
    page = client.get(URL).content.decode()
    assert f"/runs/{memory.run_id}/" in page
    assert "<img src=x>" not in page
    client.post(f"{URL}{memory.pk}/", {"text": "wants no call"})
    assert "wants no call" in client.get(URL).content.decode()
    client.post(f"{URL}{memory.pk}/forget/")
    assert not Memory.objects.exists()
    assert client.post(f"{URL}forget/", {"address": "nobody"}).status_code == 422
    assert "0 things" in client.post(f"{URL}forget/", {"address": "kim@example.com"}, follow=True).content.decode()


def test_a_reader_sees_it_and_is_offered_nothing(cast: Cast, sign_in: SignIn) -> None:
    a_memory(cast)
    page = sign_in(cast.auditor).get(URL).content.decode()
    assert "wants a call" in page
    assert f'action="{URL}' not in page


def test_machines_read_and_change_the_same(cast: Cast, machine: MakeMachine) -> None:
    librarian(cast)
    memory, caller = a_memory(cast), machine("owner")
    at = "/agents/refund-agent"
    assert caller.call("PUT", f"{at}/knowledge", {"source": "a.md", "text": "A."})[1]["passages"] == 1
    assert caller.post(f"{at}/knowledge/remove", {"source": "a.md"}) == (200, {"done": True})
    status, lent = caller.call("PUT", f"{at}/knowledge/grants/librarian", {"why": "One desk"})
    assert (status, lent["lender"], lent["memories"]) == (200, "librarian", False)
    assert len(caller.get(f"{at}/knowledge/grants")[1]) == 1
    assert caller.call("DELETE", f"{at}/knowledge/grants/librarian")[0] == 200
    [one] = caller.get(f"{at}/memories")[1]["items"]
    assert (one["id"], one["run"]) == (str(memory.pk), str(memory.run_id))
    assert caller.call("PATCH", f"{at}/memories/{memory.pk}", {"text": "x"})[1]["text"] == "x"
    assert caller.post(f"{at}/memories/forget", {"address": "+49 170 1234567"}) == (200, {"forgotten": 0})
    assert caller.call("DELETE", f"{at}/memories/{memory.pk}")[0] == 200
    assert not Memory.objects.exists()


def test_what_people_tell_of_a_customer_is_kept_on_the_page_and_over_the_wire(
    cast: Cast, sign_in: SignIn, machine: MakeMachine
) -> None:
    PolicyVersion.objects.create(team=cast.team, number=1, statement="", rules={"remembered_days": 9})
    client = sign_in(cast.owner)
    told = {"address": "kim@example.com", "kind": "product", "text": "Terminal 3"}
    assert client.post(f"{URL}tell/", told | {"address": "Kim"}).status_code == 422
    assert client.post(f"{URL}tell/", told).status_code == 302
    page = client.get(URL).content.decode()
    assert ("told by a person" in page, "Terminal 3" in page, "kim@example" in page) == (True, True, False)
    status, memory = machine("owner").post("/agents/refund-agent/memories", told | {"text": "Terminal 4"})
    assert (status, memory["kind"], Memory.objects.count()) == (201, "product", 2)


def test_who_sees_personal_data_masked_does_not_put_right_what_they_cannot_see(cast: Cast, sign_in: SignIn) -> None:
    memory = a_memory(cast, "wants mail to kim@lee.example")
    for who, sees in (("owner", True), ("engineer", False)):
        page = sign_in(getattr(cast, who)).get(URL).content.decode()
        assert (who, "kim@lee.example" in page, f'"{URL}{memory.pk}/"' in page) == (who, sees, sees)
