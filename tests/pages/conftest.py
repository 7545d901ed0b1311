"""A browser without a browser: signed-in clients for the people of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from agents.people.models import User
from tests.cast import signed_in
from tests.model import use_rehearsal
from tests.rehearsal.fixtures import rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server", "use_rehearsal"]
SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """`sign_in(cast.owner)` is a client of that person."""
    return signed_in
