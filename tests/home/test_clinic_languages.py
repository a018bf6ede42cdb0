"""A manager switches on a language for the messages of her clinic, once somebody has checked its texts."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from home.clinic_languages import language_switch_off, language_switch_on, switched_on
from home.models import Clinic, ClinicLanguage
from tests.factories import ClinicFactory
from tests.home.conftest import Cast
from tests.notifications.conftest import NOW

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/languages/"
TODAY = date(2026, 11, 24)
FORM = {"language": "zu", "zu-checked_by": "Nomvula Xaba", "zu-checked_on": "20/11/2026"}


def on(cast: Cast, clinic: Clinic | None, language: str = "zu", **changes: Any) -> None:
    said = {"checked_by": "Nomvula Xaba", "checked_on": TODAY, "now": NOW, "today": TODAY, **changes}
    language_switch_on(clinic=clinic, language=language, by=cast.manager, **said)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestSwitching:
    def test_it_is_on_at_this_clinic_alone(self, cast: Cast) -> None:
        on(cast, cast.clinic)
        assert switched_on([cast.clinic.pk, cast.other_clinic.pk, None]) == {
            cast.clinic.pk: frozenset({"zu"})
        }
        [entry] = ModelLogEntry.objects.filter(action="home.language")
        assert entry.data == {"language": "zu", "is_on": True}
        row = ClinicLanguage.objects.get()
        assert (row.checked_by, row.checked_on, row.changed_by) == ("Nomvula Xaba", TODAY, cast.manager)

    def test_what_belongs_to_no_clinic_has_its_own(self, cast: Cast) -> None:
        on(cast, None)
        assert switched_on([cast.clinic.pk, None]) == {None: frozenset({"zu"})}

    def test_it_is_switched_off_and_on_again(self, cast: Cast) -> None:
        on(cast, cast.clinic)
        language_switch_off(clinic=cast.clinic, language="zu", by=cast.manager, now=NOW)
        assert switched_on([cast.clinic.pk]) in ({}, {cast.clinic.pk: frozenset()})
        on(cast, cast.clinic, checked_by="Sipho Dlamini")
        assert ClinicLanguage.objects.get().checked_by == "Sipho Dlamini"

    def test_off_twice_is_logged_once(self, cast: Cast) -> None:
        on(cast, cast.clinic)
        for _ in range(2):
            language_switch_off(clinic=cast.clinic, language="zu", by=cast.manager, now=NOW)
        assert ModelLogEntry.objects.filter(action="home.language").count() == 2

    def test_the_name_of_who_checked_it_is_unreadable_in_the_database(self, cast: Cast) -> None:
        on(cast, cast.clinic)
        with connection.cursor() as cursor:
            cursor.execute("SELECT checked_by FROM home_cliniclanguage")
            assert "Nomvula" not in str(cursor.fetchone())

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"checked_by": "  "}, "checked_by"),
            ({"checked_on": date(2026, 11, 25)}, "checked_on"),
            ({"language": "af"}, "language"),
            ({"language": "tlh"}, "language"),
        ],
    )
    def test_nothing_is_switched_on_without_somebodys_word(
        self, cast: Cast, changes: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            on(cast, cast.clinic, **changes)
        assert [*refused.value.error_dict] == [field]
        assert not ClinicLanguage.objects.exists()

    def test_one_that_lacks_texts_is_refused(self, cast: Cast, settings: Any, tmp_path: Path) -> None:
        settings.LANGUAGE_FILES = tmp_path
        with pytest.raises(ValidationError, match="still lacks texts"):
            on(cast, cast.clinic)
        assert not ClinicLanguage.objects.exists()

    @pytest.mark.parametrize("of_clinic", [True, False])
    def test_there_is_one_row_for_each(self, cast: Cast, of_clinic: bool) -> None:
        clinic = cast.clinic if of_clinic else None
        row = {"clinic": clinic, "language": "zu", "checked_by": "x", "checked_on": TODAY, "changed_at": NOW}
        ClinicLanguage.objects.create(**row)
        with pytest.raises(IntegrityError), transaction.atomic():
            ClinicLanguage.objects.create(**row)

    def test_one_that_is_gone_from_the_settings_is_off(self, cast: Cast, settings: Any) -> None:
        on(cast, cast.clinic)
        settings.MESSAGE_LANGUAGES = settings.LANGUAGES
        assert switched_on([cast.clinic.pk]).get(cast.clinic.pk, frozenset()) == frozenset()

    def test_one_query_for_many(self, cast: Cast) -> None:
        clinics = [ClinicFactory() for _ in range(3)]
        for each in clinics:
            on(cast, each)
        with CaptureQueriesContext(connection) as queries:
            assert len(switched_on([*(each.pk for each in clinics), None])) == 3
        assert len(queries) == 1


class TestPage:
    def test_a_manager_switches_it_on_and_off(self, cast: Cast) -> None:
        manager = signed_in(cast.manager)
        page = manager.get(ADDRESS).content.decode()
        assert "isiZulu" in page and "isiXhosa" in page and "draft" in page
        assert "Khayelitsha" not in page, "another clinic"

        answer = manager.post(ADDRESS, FORM, follow=True).content.decode()
        assert "isiZulu is switched on" in answer
        assert "Nomvula Xaba" in answer and "20 November 2026" in answer
        assert switched_on([cast.clinic.pk]) == {cast.clinic.pk: frozenset({"zu"})}

        answer = manager.post(ADDRESS, {"language": "zu", "off": "1"}, follow=True).content.decode()
        assert "isiZulu is switched off" in answer

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"zu-checked_by": ""}, "Who has read the texts? Give their name."),
            ({"zu-checked_on": ""}, "Please give a date."),
            ({"zu-checked_on": "20/11/2126"}, "This day is still to come."),
        ],
    )
    def test_what_is_missing_is_said_beside_its_field(
        self, cast: Cast, changes: dict[str, str], told: str
    ) -> None:
        answer = signed_in(cast.manager).post(ADDRESS, FORM | changes)
        assert told in answer.content.decode()
        assert not ClinicLanguage.objects.exists()

    def test_what_a_language_lacks_is_listed_and_it_has_no_button(
        self, cast: Cast, settings: Any, tmp_path: Path
    ) -> None:
        settings.LANGUAGE_FILES = tmp_path
        manager = signed_in(cast.manager)
        page = manager.get(ADDRESS).content.decode()
        assert "words that stop messages" in page and "Announcement" in page
        assert "Switch on" not in page
        assert "still lacks texts" in manager.post(ADDRESS, FORM).content.decode()

    def test_head_office_chooses_for_which_messages(self, cast: Cast) -> None:
        head = signed_in(cast.head_office)
        assert head.post(ADDRESS, FORM).status_code == 302
        assert head.post(f"{ADDRESS}?clinic={cast.other_clinic.pk}", FORM).status_code == 302
        assert switched_on([None, cast.clinic.pk, cast.other_clinic.pk]).keys() == {
            None,
            cast.other_clinic.pk,
        }

    def test_another_clinics_is_not_found_and_nurses_are_refused(self, cast: Cast) -> None:
        address = f"{ADDRESS}?clinic={cast.other_clinic.pk}"
        assert signed_in(cast.manager).post(address, FORM).status_code == 404
        assert signed_in(cast.nurse).post(ADDRESS, FORM).status_code in (302, 403)
        assert not ClinicLanguage.objects.exists()
