"""A start migrates where something is left to do, and does else what may change without a migration."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command as really_call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from wagtail.models import Site

from home.groups import NURSES
from site_config import database

pytestmark = pytest.mark.django_db


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    called: list[str] = []

    def call_command(name: str, **options: Any) -> None:
        called.append(name)
        really_call_command(name, **options)

    monkeypatch.setattr(database, "call_command", call_command)
    return called


def test_a_database_that_had_all_migrations_is_left_as_it_is(commands: list[str]) -> None:
    database.bring_up_to_date()
    assert commands == []


@pytest.mark.parametrize(
    ("app", "name"), [("home", "0001_people_and_places"), ("wagtailimages", "0001_initial")]
)
def test_it_migrates_where_one_is_missing(monkeypatch: pytest.MonkeyPatch, app: str, name: str) -> None:
    called = []
    monkeypatch.setattr(database, "call_command", lambda name, **options: called.append(name))
    MigrationRecorder(connection).record_unapplied(app, name)
    database.bring_up_to_date()
    assert called == ["migrate"]


def test_a_new_address_and_new_permissions_need_no_migration(commands: list[str], settings: Any) -> None:
    settings.BASE_URL = "https://clinic.example.org"
    nurses = Group.objects.get(name=NURSES)
    had = set(nurses.permissions.values_list("codename", flat=True))
    nurses.permissions.clear()
    database.bring_up_to_date()
    assert commands == []
    assert set(nurses.permissions.values_list("codename", flat=True)) == had
    assert Site.objects.get(is_default_site=True).hostname == "clinic.example.org"


def test_the_names_are_those_that_django_finds() -> None:
    applied = MigrationRecorder(connection).applied_migrations()
    assert set(database._migrations()) == applied.keys()
