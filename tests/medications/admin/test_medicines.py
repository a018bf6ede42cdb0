"""Medicines are head office's, which all clinics share; a manager adds those of her clinic, which nobody else sees."""

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from home.models import Clinic, StaffRole, User
from medications.models import Medicine, Prescription, StockBatch
from medications.wagtail_hooks import MedicationGroup
from tests.factories import ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import (
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccineFactory,
)

pytestmark = pytest.mark.django_db

LIST, NEW = "/admin/medicines/", "/admin/medicines/new/"
[VIEWSET] = [viewset for viewset in MedicationGroup.items if viewset.name == "medicines"]
OF_A_ROW = [pattern.name for pattern in VIEWSET.get_urlpatterns() if "pk" in pattern.pattern.converters]


@pytest.fixture
def manager() -> User:
    return StaffRoleFactory(clinic__name="Hillbrow", role=StaffRole.Role.MANAGER).user


@pytest.fixture
def hillbrow(manager: User) -> Clinic:
    clinic: Clinic = manager.staff_roles.get().clinic
    return clinic


@pytest.fixture
def delft() -> Clinic:
    return ClinicFactory(name="Delft")


@pytest.fixture
def nurse(hillbrow: Clinic) -> User:
    return StaffRoleFactory(clinic=hillbrow).user


@pytest.fixture
def head_office() -> User:
    return UserFactory(is_superuser=True)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def written(clinic: Clinic | None, **changes: Any) -> dict[str, Any]:
    data = {"name_en": "Cough mixture", "name_af": "Hoesmengsel", "strength": "", "form": "ml"}
    return {"clinic": clinic.pk if clinic else "", **data, **changes}


def errors(client: Client, user: User, data: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a new medicine; nothing when it was added."""
    client.force_login(user)
    answer = client.post(NEW, data)
    if answer.status_code == 302:
        return {}
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


def test_a_manager_adds_a_medicine_of_her_clinic(client: Client, manager: User, hillbrow: Clinic) -> None:
    assert errors(client, manager, written(hillbrow)) == {}
    assert Medicine.objects.get().clinic == hillbrow


def test_her_only_clinic_is_chosen_already(client: Client, manager: User, hillbrow: Clinic) -> None:
    client.force_login(manager)
    assert client.get(NEW).context["form"]["clinic"].value() == hillbrow.pk


def test_a_manager_adds_none_for_all_clinics_and_none_for_another(
    client: Client, manager: User, delft: Clinic
) -> None:
    assert set(errors(client, manager, written(None))) == {"clinic"}
    assert set(errors(client, manager, written(delft))) == {"clinic"}
    assert not Medicine.objects.exists()


def test_where_she_is_a_nurse_a_manager_adds_none(client: Client, manager: User, delft: Clinic) -> None:
    StaffRoleFactory(clinic=delft, user=manager)
    assert set(errors(client, manager, written(delft))) == {"clinic"}


def test_head_office_adds_for_all_clinics_and_for_one(
    client: Client, head_office: User, delft: Clinic
) -> None:
    assert errors(client, head_office, written(None)) == {}
    assert errors(client, head_office, written(delft, name_en="Zinc", name_af="Sink")) == {}
    assert [each.clinic for each in Medicine.objects.order_by("id")] == [None, delft]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_nurse_adds_none(client: Client, nurse: User, hillbrow: Clinic, method: str) -> None:
    client.force_login(nurse)
    answer = getattr(client, method)(NEW, written(hillbrow))
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert not Medicine.objects.exists()


def test_shared_ones_can_not_be_changed_by_a_clinic_and_another_clinics_are_not_found(
    manager: User, nurse: User, hillbrow: Clinic, delft: Clinic
) -> None:
    shared, own, theirs = MedicineFactory(), MedicineFactory(clinic=hillbrow), MedicineFactory(clinic=delft)
    before = list(Medicine.objects.order_by("id").values())
    as_manager, as_nurse = signed_in(manager), signed_in(nurse)
    assert {"edit", "delete", "history", "usage"} <= set(OF_A_ROW)
    for view, method in product(OF_A_ROW, ["get", "post", "put", "delete"]):

        def asked(client: Client, medicine: Medicine, view: str = view, method: str = method) -> Any:
            return getattr(client, method)(reverse(VIEWSET.get_url_name(view), args=[medicine.pk]))

        for client, medicine in ((as_manager, shared), (as_nurse, shared), (as_nurse, own)):
            answer = asked(client, medicine)
            assert (answer.status_code, answer.get("Location")) == (302, "/admin/"), (view, method)
        for client in (as_manager, as_nurse):
            assert asked(client, theirs).status_code == 404, (view, method)
        if method == "get":
            assert asked(as_manager, own).status_code == 200, view
    assert list(Medicine.objects.order_by("id").values()) == before


def test_the_list_has_shared_ones_and_the_clinics_own_and_leads_to_what_is_kept(
    client: Client, manager: User, nurse: User, hillbrow: Clinic, delft: Clinic
) -> None:
    shared = MedicineFactory(name_en="Shared")
    own = MedicineFactory(name_en="Ours", clinic=hillbrow)
    MedicineFactory(name_en="Theirs", clinic=delft)
    for user, may in ((manager, True), (nurse, False)):
        client.force_login(user)
        for query in ("", "?q=r", "?export=csv"):
            assert b"Theirs" not in b"".join(client.get(f"{LIST}{query}"))
        page = client.get(LIST).content.decode()
        assert "Shared" in page
        assert "all clinics" in page
        assert f"/edit/{shared.pk}/" not in page
        assert (f"/edit/{own.pk}/" in page) is may
        assert (NEW in page) is may


def test_a_medicine_of_ones_own_is_changed_and_deleted_unless_somebody_takes_it(
    client: Client, manager: User, hillbrow: Clinic
) -> None:
    own, taken = MedicineFactory(clinic=hillbrow), MedicineFactory(clinic=hillbrow, name_en="Taken")
    PrescriptionFactory(medicine=taken)
    client.force_login(manager)
    edit = reverse(VIEWSET.get_url_name("edit"), args=[own.pk])
    assert client.post(edit, written(hillbrow, name_en="Better name")).status_code == 302
    own.refresh_from_db()
    assert own.name_en == "Better name"
    for medicine in (own, taken):
        client.post(reverse(VIEWSET.get_url_name("delete"), args=[medicine.pk]))
    assert list(Medicine.objects.all()) == [taken]


def test_a_medicine_is_not_given_to_another_clinic_afterwards(
    client: Client, head_office: User, manager: User, hillbrow: Clinic, delft: Clinic
) -> None:
    own = MedicineFactory(clinic=hillbrow)
    edit = reverse(VIEWSET.get_url_name("edit"), args=[own.pk])
    for user, other in ((manager, delft), (head_office, delft), (head_office, None)):
        client.force_login(user)
        client.post(edit, written(other))
        own.refresh_from_db()
        assert own.clinic == hillbrow


@pytest.mark.parametrize(
    "changes",
    [
        {"name_en": "Metformin", "strength": "500 mg"},
        {"name_en": " metFORMIN ", "strength": "500MG"},
        {"name_en": "Metformin 500 mg", "strength": ""},
    ],
)
def test_who_adds_what_head_office_has_is_told_so(
    client: Client, manager: User, hillbrow: Clinic, changes: dict[str, str]
) -> None:
    MedicineFactory()
    found = errors(client, manager, written(hillbrow, form="tablet", is_another="on", **changes))
    assert found == {
        "name_en": ["Head office has Metformin 500 mg, tablet already: all clinics can prescribe it."]
    }
    assert Medicine.objects.count() == 1


def test_what_a_clinic_has_already_it_is_told_and_no_other_clinics_is_betrayed(
    client: Client, manager: User, hillbrow: Clinic, delft: Clinic
) -> None:
    MedicineFactory(clinic=delft)
    data = written(hillbrow, name_en="Metformin", strength="500 mg", form="tablet")
    assert errors(client, manager, data) == {}
    assert errors(client, manager, data) == {"name_en": ["Hillbrow has Metformin 500 mg, tablet already."]}


@pytest.mark.parametrize(
    "changes",
    [
        {"form": "ml"},
        {"name_en": "Glucophage", "name_af": "Metformien"},
        {"name_en": "Metformien"},
        {"name_en": "500 mg", "strength": "Metformin"},
    ],
)
def test_one_that_looks_like_another_is_asked_about(
    client: Client, manager: User, hillbrow: Clinic, changes: dict[str, str]
) -> None:
    MedicineFactory()
    data = written(hillbrow, **{"name_en": "Metformin", "strength": "500 mg", "form": "tablet", **changes})
    found = errors(client, manager, data)
    assert set(found) == {"is_another"}
    assert "There is Metformin 500 mg, tablet already." in found["is_another"][0]
    assert errors(client, manager, data | {"is_another": "on"}) == {}


@pytest.mark.parametrize("strength", ["850 mg", "50 mg", "5,00 mg"])
def test_another_strength_is_another_medicine(
    client: Client, manager: User, hillbrow: Clinic, strength: str
) -> None:
    MedicineFactory()
    data = written(hillbrow, name_en="Metformin", strength=strength, form="tablet")
    assert errors(client, manager, data) == {}


def test_two_at_once_are_not_let_in(hillbrow: Clinic) -> None:
    MedicineFactory(clinic=hillbrow)
    with pytest.raises(IntegrityError), transaction.atomic():
        MedicineFactory(clinic=hillbrow, name_en="METFORMIN")
    # A site of before may have the same one twice for all.
    assert MedicineFactory().pk != MedicineFactory().pk


@pytest.mark.parametrize("page", ["prescriptions", "clinic_stock"])
def test_forms_offer_shared_medicines_and_the_clinics_own(
    client: Client, nurse: User, hillbrow: Clinic, delft: Clinic, page: str
) -> None:
    MedicineFactory(name_en="Shared", strength="")
    MedicineFactory(name_en="Ours", strength="", clinic=hillbrow)
    theirs = MedicineFactory(name_en="Theirs", strength="", clinic=delft)
    client.force_login(nurse)
    offered = [
        str(words)
        for _value, words in client.get(f"/admin/{page}/new/").context["form"]["medicine"].field.choices
    ]
    assert sorted(offered)[1:] == ["Ours (Hillbrow)", "Shared"]
    answer = client.post(f"/admin/{page}/new/", {"medicine": theirs.pk})
    assert answer.context["form"].errors["medicine"]
    assert not Prescription.objects.exists()
    assert not StockBatch.objects.exists()


def test_staff_of_two_clinics_give_a_medicine_only_where_it_is(
    client: Client, nurse: User, hillbrow: Clinic, delft: Clinic
) -> None:
    StaffRoleFactory(clinic=delft, user=nurse)
    own = MedicineFactory(name_en="Ours", clinic=hillbrow)
    client.force_login(nurse)
    patient = PatientFactory(clinic=delft)
    said = ["Only patients of Hillbrow can have this medicine."]
    answer = client.post("/admin/prescriptions/new/", {"medicine": own.pk, "patient": patient.pk})
    assert answer.context["form"].errors["medicine"] == said
    stock = {"clinic": delft.pk, "medicine": own.pk, "quantity": "5", "expiry_date": "2027-01-01"}
    answer = client.post("/admin/clinic_stock/new/", stock)
    assert answer.context["form"].errors["medicine"] == said


def test_a_patient_who_moved_keeps_the_medicine_and_its_prescription_can_be_changed(
    client: Client, nurse: User, hillbrow: Clinic, delft: Clinic
) -> None:
    prescription = PrescriptionFactory(
        patient=PatientFactory(clinic=hillbrow), medicine=MedicineFactory(clinic=delft)
    )
    client.force_login(nurse)
    form = client.get(f"/admin/prescriptions/edit/{prescription.pk}/").context["form"]
    assert form["medicine"].field.clean(form["medicine"].value()) == prescription.medicine
    batch = StockBatchFactory(prescription=None, clinic=hillbrow, medicine=prescription.medicine)
    assert client.get(f"/admin/clinic_stock/edit/{batch.pk}/").status_code == 200


@pytest.mark.parametrize("page", ["medicines", "prescriptions/new", "clinic_stock/new"])
def test_the_queries_of_a_page_do_not_grow_with_the_medicines(
    client: Client, manager: User, hillbrow: Clinic, page: str
) -> None:
    client.force_login(manager)
    counts = []
    for number in range(2):
        for each in range(5):
            MedicineFactory(name_en=f"Ours {number}{each}", clinic=hillbrow)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{page}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_vaccines_are_seen_by_clinics_and_changed_by_head_office(
    client: Client, manager: User, nurse: User, head_office: User
) -> None:
    vaccine = VaccineFactory()
    for user, may in ((manager, False), (nurse, False), (head_office, True)):
        client.force_login(user)
        assert client.get("/admin/vaccines/").status_code == 200
        for path in ("new/", f"edit/{vaccine.pk}/", f"delete/{vaccine.pk}/"):
            assert client.get(f"/admin/vaccines/{path}").status_code == (200 if may else 302)
