"""Head office reads on its first page what holds up everybody."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags

from home.models import User
from notifications.admin import database_panel
from notifications.admin.database_panel import DatabasePanel
from notifications.models import EventRecord
from notifications.selectors.database_state import Table, Transactions
from tests.notifications.factories import DeliveryFactory

pytestmark = pytest.mark.django_db
HOURS = 9_030
WARNED = "Ask whoever runs the site"


def panel(user: User, rf: Any) -> dict[str, Any]:
    request = rf.get("/admin/")
    request.user = user
    return DatabasePanel().get_context_data({"request": request})


def words(context: dict[str, Any], language: str = "en") -> str:
    with translation.override(language):
        page = render_to_string("notifications/admin/database_panel.html", context)
    return " ".join(unescape(strip_tags(page)).replace("\xa0", " ").split())


@pytest.fixture
def director(db: None) -> User:
    return User.objects.create(email="director@example.org", is_superuser=True)


@pytest.fixture
def troubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_panel, "transactions", lambda: Transactions(HOURS, 1))
    tables = [Table("notifications_delivery", 10, 400_000), Table("notifications_notification", 10, 10)]
    monkeypatch.setattr(database_panel, "hot_tables", lambda: tables)


def test_all_is_well(director: User, rf: Any) -> None:
    said = words(panel(director, rf))
    assert "Work is done in time" in said
    if connection.vendor == "postgresql":
        assert "No program holds a change open" in said
        assert "The database is tidied up" in said
    else:
        assert "nothing of that is measured" in said
    assert WARNED not in said and "tidied up." not in said


def test_what_is_wrong_is_said_in_words_and_how_long(director: User, rf: Any, troubled: None) -> None:
    DeliveryFactory(due_at=timezone.now() - timedelta(minutes=50))
    said = words(panel(director, rf))
    assert "Work waits for 50 minutes and nobody does it." in said
    assert "in the middle of a change to the database for 2 hours, 30 minutes." in said
    assert "The database isn’t being tidied up." in said
    assert "notifications_delivery" in said and "notifications_notification" not in said
    assert "1 other program uses this database" in said
    assert said.count(WARNED) == 3


def test_it_is_said_in_afrikaans_too(director: User, rf: Any, troubled: None) -> None:
    DeliveryFactory(due_at=timezone.now() - timedelta(minutes=50))
    context = panel(director, rf)
    said = words(context, "af")
    english = words(context)
    assert "2 uur, 30 minute" in said
    assert [each for each in english.split(".") if len(each) > 20 and each in said] == []


def test_work_of_any_kind_counts(director: User, rf: Any) -> None:
    long_ago = timezone.now() - timedelta(hours=3)
    EventRecord.objects.create(
        event_type="any", payload={}, created_at=long_ago, due_at=long_ago, delete_at=timezone.now()
    )
    assert "Work waits for 3 hours" in words(panel(director, rf))


def test_who_may_not_look_after_the_site_sees_nothing_of_it(nurse_user: User, rf: Any) -> None:
    assert panel(nurse_user, rf) == {"shown": False}


def test_it_is_on_the_first_page(head_office: Client) -> None:
    assert "How the site works" in head_office.get(reverse("wagtailadmin_home")).content.decode()


def test_it_asks_as_much_however_much_there_is(director: User, rf: Any) -> None:
    with CaptureQueriesContext(connection) as few:
        panel(director, rf)
    DeliveryFactory.create_batch(30, due_at=timezone.now() - timedelta(hours=1))
    with CaptureQueriesContext(connection) as many:
        panel(director, rf)
    assert len(few) == len(many) <= 8
