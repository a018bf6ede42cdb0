"""What each role finds in the side bar, in its language, and that no place is Wagtail's own."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from home.admin import side_bar
from home.admin.waiting import waiting
from home.models import Transfer, User
from home.record.transfers import transfer_ask
from notifications.models import NotificationPreferences
from tests.home.conftest import Cast


def places(client: Client, user: User) -> dict[str, list[str]]:
    """The places in their order, each with what is inside."""
    client.force_login(user)
    request = client.get("/admin/").wsgi_request
    return {
        str(place.get("label")): [str(each["label"]) for each in place.get("inside", ())]
        for place in side_bar.plain(request)
    }


def test_a_nurse_finds_her_work_in_the_order_of_its_use(client: Client, cast: Cast) -> None:
    found = places(client, cast.nurse)

    order = ["Today", "Patients", "Medicines", "Events", "Messages", "Reports", "Settings", "Help"]
    assert [name for name in found if name in order] == order
    assert list(found)[-2:] == ["Afrikaans", "Sign out"]
    assert found["Patients"][0] == "Patients"
    assert {"Prescriptions", "Clinic stock"} <= set(found["Medicines"])
    assert {"Message log", "SMS received", "Undelivered messages"} <= set(found["Messages"])
    assert found["Reports"] == [
        "Overdue vaccinations",
        "Events created and left out",
        "How full events were",
    ]
    assert found["Settings"] == ["My account", "Clinics"]


def test_the_clinic_that_is_asked_sees_that_a_transfer_waits(client: Client, cast: Cast) -> None:
    transfer_ask(
        patient_id=cast.pieter.pk,
        to_clinic=cast.other_clinic,
        asked_by=cast.nurse,
        reason="",
        now=timezone.now(),
    )

    def number(user: User) -> int | None:
        client.force_login(user)
        return waiting(client.get("/admin/").wsgi_request).numbers.get("patients")

    assert number(cast.other_nurse) == 1
    assert 'data-waiting": "1"' in client.get("/admin/").content.decode()
    assert number(cast.nurse) is None
    Transfer.objects.update(state=Transfer.State.REFUSED)
    assert number(cast.other_nurse) is None


def test_a_manager_finds_the_staff_and_who_saw_which_record_too(client: Client, cast: Cast) -> None:
    found = places(client, cast.manager)

    assert "Who saw which record" in found["Reports"]
    assert "Staff" in found
    assert "Announcements" in found["Messages"]
    assert "Erasures" in found["Patients"]


@pytest.mark.parametrize("who", ["nurse", "manager"])
def test_nobody_of_a_clinic_is_shown_what_is_for_editors_of_pages(
    client: Client, cast: Cast, who: str
) -> None:
    inside = [each for place in places(client, getattr(cast, who)).values() for each in place]

    assert not {"Pages of the website", "Pictures", "Documents", "Site history", "Workflows"} & set(inside)


def test_head_office_finds_the_website_under_settings(client: Client, cast: Cast) -> None:
    found = places(client, cast.head_office)

    assert {"Pages of the website", "Pictures", "Documents", "Users"} <= set(found["Settings"])
    assert "Workflows" not in found["Settings"]


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/help/", "/admin/patients/", "/admin/account/", "/admin/patients/999999/"]
)
def test_no_page_names_wagtail(client: Client, cast: Cast, path: str) -> None:
    client.force_login(cast.nurse)

    page = client.get(path).content.decode()

    shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert "wagtail" not in shown.lower()
    assert " - MedGuard</title>" in page
    assert "icons/favicon.svg" in page
    assert "wagtail.org" not in page


def test_the_search_for_a_patient_is_on_each_page_for_who_may(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)

    page = client.get(reverse("staff_help")).content.decode()

    assert f'action="{reverse("patients:index")}" method="get"' in page
    assert 'name="q"' in page
    assert f'href="{reverse("patients:add")}"' in page


def test_staff_read_in_the_language_of_their_messages_until_they_choose(client: Client, cast: Cast) -> None:
    NotificationPreferences.objects.create(user=cast.nurse, language="af")
    client.force_login(cast.nurse)
    assert "Vandag" in client.get("/admin/").content.decode()

    answer = client.post(
        reverse("staff_language", args=["en"]), headers={"referer": "http://testserver/admin/help/"}
    )

    assert answer.headers["Location"] == "http://testserver/admin/help/"
    assert "Today" in client.get("/admin/").content.decode()
    client.post(reverse("staff_language", args=["af"]))
    assert "Vandag" in client.get("/admin/").content.decode()


def test_the_button_of_the_language_leads_to_no_other_site(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    address = reverse("staff_language", args=["af"])

    assert (
        client.post(address, headers={"referer": "https://elsewhere.example/"}).headers["Location"]
        == "/admin/account/"
    )
    assert client.post(reverse("staff_language", args=["xh"])).status_code == 404
    assert client.get(address).status_code == 405


def test_the_scripts_speak_afrikaans_too(client: Client, cast: Cast) -> None:
    client.force_login(cast.nurse)
    client.post(reverse("staff_language", args=["af"]))

    said = client.get(reverse("wagtailadmin_javascript_catalog")).content.decode()

    assert '"Toggle sidebar": "Wys of versteek die sybalk"' in said
    assert '"Dashboard": "Vandag"' in said
