"""A field is called what it is called, whatever button stands above it on the page."""

import re

import pytest
from django.test import Client

from notifications.models import Suppression
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_settings_of_somebody_whose_mail_comes_back_name_each_switch(client: Client) -> None:
    user = UserFactory(email="ruan@example.org")
    Suppression.objects.create(
        channel="email", address="ruan@example.org", reason="bounced", since=user.date_joined
    )
    client.force_login(user)
    page = client.get("/en/preferences/").content.decode()
    button = "Send to this address again"
    assert page.count(button) == 1
    labels = re.findall(r"<(?:label|legend)[^>]*>(.*?)</(?:label|legend)>", page, re.DOTALL)
    assert labels and not [label for label in labels if button in label]
