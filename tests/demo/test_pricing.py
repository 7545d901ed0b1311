"""The demo's price change (R-075): agents of five kinds quote the new price, and the old one after it is taken back."""

import pytest

from agents.fleet.enums import Vendor
from campaigns.models import Redo
from campaigns.models.inforce import RedoReason
from console.demo import pricing
from tests.demo_days import Rows
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("use_rehearsal")]
KINDS = {Vendor.OURS, Vendor.WEBHOOK, Vendor.MONACO, Vendor.AGENTFORCE, Vendor.CLAUDE}


def test_five_kinds_quote_the_new_price_what_was_begun_before_is_done_again_and_all_of_it_is_taken_back(
    rehearsal: Rehearsal, morning: Rows
) -> None:
    changed = pricing.change()
    assert {quote.agent.vendor for quote in changed} == KINDS
    assert [str(quote) for quote in changed if "399.00" not in quote.said] == []
    assert Redo.objects.get().reason == RedoReason.SUPERSEDED
    back = pricing.take_back()
    assert [str(quote) for quote in back if "449.00" not in quote.said or "399" in quote.said] == []
    assert len(back) == len(KINDS)
    assert not Redo.objects.exists()
