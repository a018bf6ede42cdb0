import pytest
from django.test import Client

from tests.home.conftest import Cast


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    """Signed in as the nurse of Pieter's clinic."""
    client.force_login(cast.nurse)
    return client
