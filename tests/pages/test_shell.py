"""The shell every page stands in."""

import pytest
from django.test import Client

from agents.people.enums import TeamRole
from tests.cast import Cast
from tests.pages.conftest import SignIn

PAGES = ["/", "/agents/", "/agents/new/", "/agents/import/", "/agents/refund-agent/", "/owners/", "/settings/", "/setup/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_for_an_owner_in_the_shell(cast: Cast, sign_in: SignIn, path: str) -> None:
    page = sign_in(cast.owner).get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert '<nav class="side"' in text
    assert '<main id="main"' in text
    assert 'role="status"' in text
