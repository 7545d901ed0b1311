"""The running server, and the real openai client against it."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server"]


@pytest.fixture(scope="session")
def session_client(rehearsal_server: Rehearsal) -> Iterator[OpenAI]:
    """One client for the session, without retries."""
    with OpenAI(base_url=f"{rehearsal_server.url}/v1", api_key="none", max_retries=0, timeout=60) as client:
        yield client


@pytest.fixture
def client(rehearsal: Rehearsal, session_client: OpenAI) -> OpenAI:
    """The client on a server that remembers nothing."""
    return session_client
