"""What is somebody else's is not there: for every address, verb and fragment."""

import pytest
from django.test import Client

from medications.models import Dose
from medications.urls import urlpatterns
from tests.medications.factories import StockBatchFactory, VaccinationRecordFactory
from tests.medications.pages.conftest import HTMX, Family, MakeDose

VERBS = ["get", "head", "post", "put", "patch", "delete", "options"]
OWNED = {
    pattern.name: pattern.pattern.describe().split("'")[1]
    for pattern in urlpatterns
    if "<" in str(pattern.pattern)
}


def address(name: str, dose: Dose) -> str:
    path = OWNED[name].replace("<int:dose_id>", str(dose.pk))
    path = path.replace("<int:patient_id>", str(dose.patient_id))
    return "/en/" + path.replace("<int:prescription_id>", str(dose.prescription_id))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", OWNED)
def test_somebody_elses_is_not_there(
    reader: Client, family: Family, dose: MakeDose, name: str, verb: str, headers: dict[str, str]
) -> None:
    theirs = dose(patient=family.stranger)
    assert getattr(reader, verb)(address(name, theirs), headers=headers).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == Dose.State.SCHEDULED


@pytest.mark.parametrize("name", OWNED)
def test_it_is_not_there_for_staff_either(client: Client, family: Family, dose: MakeDose, name: str) -> None:
    family.pieter.is_staff = family.pieter.is_superuser = True
    family.pieter.save()
    client.force_login(family.pieter)
    assert client.post(address(name, dose())).status_code == 404


@pytest.mark.parametrize("name", ["dose_take", "dose_skip", "dose_snooze", "dose_undo", "collected"])
def test_ones_own_is_changed_by_post_only(reader: Client, dose: MakeDose, name: str) -> None:
    mine = dose()
    for verb in ("get", "head", "put", "delete"):
        assert getattr(reader, verb)(address(name, mine)).status_code == 405
    mine.refresh_from_db()
    assert mine.state == Dose.State.SCHEDULED


@pytest.mark.parametrize("path", ["today", "medicines", "adherence", "vaccinations"])
def test_lists_show_nothing_of_others(reader: Client, family: Family, dose: MakeDose, path: str) -> None:
    theirs = dose(patient=family.stranger, name="Secretol")
    StockBatchFactory(prescription=theirs.prescription)
    VaccinationRecordFactory(patient=family.stranger, vaccine__name_en="Secretvax", date_given="2026-01-01")
    text = reader.get(f"/en/{path}/").content.decode()
    assert "Secret" not in text
    assert "Botha" not in text
    assert reader.get(f"/en/{path}/", {"who": family.stranger.pk}).status_code == (
        200 if path == "vaccinations" else 404
    )
    assert "Secret" not in reader.get(f"/en/{path}/", {"who": family.stranger.pk}).content.decode()


@pytest.mark.parametrize("path", ["today", "medicines", "adherence", "vaccinations"])
def test_lists_are_only_read(reader: Client, path: str) -> None:
    assert reader.post(f"/en/{path}/").status_code == 405


@pytest.mark.parametrize("name", OWNED)
def test_strangers_are_asked_to_sign_in(client: Client, dose: MakeDose, name: str) -> None:
    response = client.get(address(name, dose()))
    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


def test_pages_show_nothing_about_the_deceased(reader: Client, family: Family, dose: MakeDose) -> None:
    his = dose(patient=family.sipho)
    family.sipho.deceased_on = "2026-11-20"
    family.sipho.save()
    assert reader.post(f"/en/doses/{his.pk}/take/").status_code == 404
    assert "Sipho" not in reader.get("/en/today/").content.decode()
