"""What the lot drew, on the pages: asked in the queue, counted beside the minutes."""

from agents.base.ids import uuid7
from agents.fleet.actions import set_policy
from agents.runs.actions import assess_runs
from agents.runs.models import RunException
from tests.cast import Cast
from tests.morning.stage import ago, ran
from tests.pages.conftest import SignIn


def test_a_sample_says_what_was_put_out_and_is_judged_right_or_wrong(cast: Cast, sign_in: SignIn) -> None:
    set_policy(cast.team, statement="Look at some.", rules={"samples": {"*": {"share": 1}}}, actor=cast.chief)
    ran(cast.agent, ago(hours=1), "reply")
    assess_runs()
    sample = RunException.objects.get()
    client, place = sign_in(cast.owner), f"/queue/{sample.item.pk}/"
    page = client.get(place).content.decode()
    assert "Drawn by lot: was this right?" in page
    assert "reply 0" in page
    assert [kind in page for kind in ('value="approve"', 'value="reject"', 'value="respond"')] == [True, True, False]
    sent = client.post(f"{place}decide/", {"kind": "approve", "key": uuid7(), "sha256": ""})
    assert sent.status_code in (204, 302)
    told = client.get("/kpis/minutes/").content.decode()
    assert "Of 1 drawn by lot in 30 days people judged 1: 0 wrong, at most 95 % with 95 % confidence." in told
