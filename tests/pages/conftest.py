"""A browser without a browser: signed-in clients for the people of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from agents.people.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """`sign_in(cast.owner)` is a client of that person."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return make
