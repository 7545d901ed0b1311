"""Agents from a CSV file: shown first, then all of them or none."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from tests.cast import Cast
from tests.pages.conftest import SignIn

HEADER = "name,vendor,owners,url,kpi,running_since\n"
GOOD = (
    HEADER
    + "Ava,Artisan,amelia@northwind.example;dev@northwind.example,https://artisan.example/ava,replies>=6 %,2026-01-31\n"
    + "Piper,Qualified,dev@northwind.example,,,2026-02-01\n"
)
URL = "/agents/import/"


def upload(client: Client, text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    answer = client.post(URL, {"file": SimpleUploadedFile("agents.csv", data)})
    return answer.content.decode()


def confirm(client: Client, page: str) -> str:
    found = re.search(r'name="csv" value="([^"]+)"', page)
    assert found is not None
    return client.post(URL, {"csv": found[1]}, follow=True).content.decode()


def slugs(cast: Cast) -> set[str]:
    return set(Agent.objects.filter(team=cast.team).values_list("slug", flat=True))


def test_a_file_is_shown_and_nothing_is_taken_in_yet(cast: Cast, sign_in: SignIn) -> None:
    page = upload(sign_in(cast.owner), GOOD)
    assert "2 read, 2 new, 0 already there" in page
    assert "awaits its second owner" in page
    assert slugs(cast) == {"refund-agent"}


def test_the_shown_file_is_taken_in_whole_and_again_changes_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    page = upload(client, GOOD)
    assert "2 agents taken in." in confirm(client, page)
    assert slugs(cast) == {"refund-agent", "ava", "piper"}
    again = confirm(client, page)
    assert "2 were there already." in again
    assert set(Agent.objects.filter(slug__in=["ava", "piper"]).values_list("lifecycle", flat=True)) == {
        Lifecycle.ONBOARDING
    }


def test_every_problem_is_named_with_its_row(cast: Cast, sign_in: SignIn) -> None:
    bad = GOOD + "Zed,Artisan,unknown@x.example,,,\n" + "=cmd|x,Nobody,nora@northwind.example,,,\n"
    page = upload(sign_in(cast.owner), bad)
    rows = re.findall(r'<tr><td class="nowrap" data-says="Row">(\d+)</td><td class="nowrap"><code>(\w+)</code>', page)
    assert rows == [("4", "owners"), ("5", "name"), ("5", "vendor")], "as they stand in the file"
    assert 'name="csv"' not in page
    assert "What could be read" in page
    assert "What will be taken in" not in page, "nothing is, while a row is bad"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "missing"),
        (b"PK\x03\x04 a workbook", "Save it as CSV"),
        (b'name,vendor,owners\n"open,Artisan,x@y.example\n', "quotation mark"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_what_cannot_be_read_says_why(cast: Cast, sign_in: SignIn, data: bytes, says: str) -> None:
    answer = sign_in(cast.owner).post(URL, {"file": SimpleUploadedFile("agents.csv", data)})
    assert answer.status_code == 422
    assert says in answer.content.decode() or "empty" in answer.content.decode()


def test_a_windows_file_with_a_mark_is_read(cast: Cast, sign_in: SignIn) -> None:
    data = (HEADER + "Señor Bot,Ours,amelia@northwind.example,,,2026-01-31\n").encode("utf-8-sig")
    assert "Señor Bot" in upload(sign_in(cast.owner), data)


def test_a_damaged_preview_is_refused(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.owner).post(URL, {"csv": "not base64 ***"})
    assert answer.status_code == 422


def test_more_agents_than_a_team_takes_on_at_once_need_the_chief(cast: Cast, sign_in: SignIn) -> None:
    many = HEADER + "".join(f"New {n},Artisan,amelia@northwind.example,,,\n" for n in range(4))
    client = sign_in(cast.owner)
    answer = confirm(client, upload(client, many))
    assert "Two agents started within 30 days" in answer
    assert slugs(cast) == {"refund-agent"}


def test_who_may_not_add_agents_is_told_so(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.auditor).get(URL).status_code == 403
    assert sign_in(cast.auditor).get("/agents/new/").status_code == 403


def test_an_agent_is_added_by_hand_with_its_owners(cast: Cast, sign_in: SignIn) -> None:
    given = {"name": "Night clerk", "vendor": "ours", "function": "support", "language": "es", "currency": "EUR"}
    owners = {"primary": cast.owner.pk, "second": cast.second.pk}
    answer = sign_in(cast.owner).post("/agents/new/", given | owners)
    assert answer["Location"] == "/agents/night-clerk/"
    seats = Agent.objects.get(slug="night-clerk").owners.values_list("user__name", "role")
    assert dict(seats) == {"Amelia": "primary", "Dev": "second"}


@pytest.mark.parametrize("slug", ["new", "import"])
def test_an_agent_does_not_hide_behind_the_address_of_a_page(cast: Cast, sign_in: SignIn, slug: str) -> None:
    given = {"name": "X", "vendor": "ours", "function": "support", "language": "en", "currency": "USD"}
    page = sign_in(cast.owner).post("/agents/new/", given | {"primary": cast.owner.pk, "slug": slug})
    assert page.status_code == 422
    assert slugs(cast) == {"refund-agent"}


def test_a_short_name_that_is_taken_comes_back_with_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    given = {"name": "Refund agent", "vendor": "ours", "function": "support", "language": "en", "currency": "USD"}
    page = sign_in(cast.owner).post("/agents/new/", given | {"primary": cast.owner.pk})
    assert page.status_code == 422
    assert "There is already an agent called refund-agent." in page.content.decode()
    assert 'value="Refund agent"' in page.content.decode()
