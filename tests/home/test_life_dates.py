"""Birth and death make sense together, or are refused beside their field."""

from datetime import date

import pytest
from django.test import Client

from home.life_dates import life_date_problems
from home.models import Patient
from tests.home.conftest import Cast
from tests.home.test_clinic_isolation import patient_data

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("born", "died", "fields"),
    [
        (None, None, set()),
        (date(1961, 3, 12), None, set()),
        (TODAY, None, set()),
        (date(1904, 1, 1), None, set()),
        (TODAY, TODAY, set()),
        (None, TODAY, set()),
        (date(2026, 11, 25), None, {"date_of_birth"}),
        (date(2031, 1, 1), None, {"date_of_birth"}),
        (date(1903, 12, 31), None, {"date_of_birth"}),
        (date(1961, 3, 12), date(1961, 3, 11), {"deceased_on"}),
        (date(1961, 3, 12), date(2026, 11, 25), {"deceased_on"}),
        (date(2031, 1, 1), date(2026, 1, 1), {"date_of_birth", "deceased_on"}),
    ],
)
def test_the_dates_of_a_life(born: date | None, died: date | None, fields: set[str]) -> None:
    assert set(life_date_problems(born=born, died=died, today=TODAY)) == fields


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"date_of_birth": "12/03/2999"}, "date_of_birth"),
        ({"date_of_birth": "12/03/1861"}, "date_of_birth"),
        ({"date_of_birth": "12/03/61"}, "date_of_birth"),
        ({"date_of_birth": "long ago"}, "date_of_birth"),
    ],
)
def test_a_patients_impossible_date_is_refused_beside_its_field(
    client: Client, cast: Cast, changes: dict[str, str], field: str
) -> None:
    client.force_login(cast.nurse)
    answer = client.post(f"/admin/patients/edit/{cast.pieter.pk}/", patient_data(cast.pieter, **changes))
    assert set(answer.context["form"].errors) == {field}
    # What was typed stands there still.
    assert f'value="{changes[field]}"' in answer.content.decode()
    assert Patient.objects.get(pk=cast.pieter.pk).date_of_birth == cast.pieter.date_of_birth


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    ["12/03/1961", "12 March 1961", "12.03.1961", "19610312", "1961-03-12", "12 Maart 1961", " 12 Mrt 1961 "],
)
def test_a_nurse_types_a_date_of_birth_in_any_usual_spelling(
    client: Client, cast: Cast, written: str
) -> None:
    client.force_login(cast.nurse)
    data = patient_data(cast.pieter, date_of_birth=written)
    assert client.post(f"/admin/patients/edit/{cast.pieter.pk}/", data).status_code == 302
    assert Patient.objects.get(pk=cast.pieter.pk).date_of_birth == date(1961, 3, 12)
