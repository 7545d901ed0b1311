"""Saying of a run that it was wrong, and seeing what that means for the quiet agents."""

from django.utils import timezone

from agents.runs.actions import batch_approve
from agents.runs.models import Flaw
from tests.cast import Cast
from tests.morning.stage import ago, ran, review
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE


def test_a_person_says_what_was_wrong_once(cast: Cast, sign_in: SignIn) -> None:
    run, client = ran(cast.agent, ago(hours=1), "reply"), sign_in(cast.owner)
    url = f"/runs/{run.pk}/"
    assert "This was wrong…" in client.get(url).content.decode()
    empty = client.post(f"{url}wrong/", {"note": " "})
    assert (empty.status_code, Flaw.objects.count()) == (422, 0)
    page = client.post(f"{url}wrong/", {"note": f"Old price {HOSTILE}"}, follow=True).content.decode()
    assert "found by a person who looked at it" in page
    assert "<script>alert" not in page
    late = client.post(f"{url}wrong/", {"note": "Again"})
    assert (late.status_code, Flaw.objects.get().note) == (409, f"Old price {HOSTILE}")


def test_the_quiet_block_says_what_may_be_wrong(cast: Cast, sign_in: SignIn) -> None:
    run = ran(cast.agent, ago(hours=3), "reply")
    batch_approve([review(cast.agent, ago(hours=9), day="2026-01-01")], actor=cast.owner, until=ago(hours=2))
    review(cast.agent, ago(hours=2))
    client = sign_in(cast.owner)
    page = client.get("/queue/").content.decode()
    assert "0 of 1 looked at this week were wrong: at most 95 % with 95 % confidence." in page
    assert "Of 1 runs approved in batches 0 turned out wrong (0.0 % to 97 %)." in page
    client.post(f"/runs/{run.pk}/wrong/", {"note": "Old price"})
    assert "1 of 1 wrong: at most 100 % · 1 escaped" in client.get("/queue/").content.decode()
    assert Flaw.objects.get().found_at <= timezone.now()


def test_a_reader_marks_nothing(cast: Cast, sign_in: SignIn) -> None:
    run = ran(cast.agent, ago(hours=1), "reply")
    assert "This was wrong…" not in sign_in(cast.auditor).get(f"/runs/{run.pk}/").content.decode()
