"""Staff's pages of consents: what they find, write down and withdraw, of their own clinics alone."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from home.carers import CARERS
from home.models import Consent, Relation, User
from home.privacy.consents import consents_give, consents_of, consents_withdraw
from home.privacy.sentences import REMINDERS, SENTENCES
from notifications.models import NotificationPreferences
from tests.factories import CareRoleFactory, PatientFactory
from tests.home.conftest import Cast

pytestmark = pytest.mark.django_db
How = Consent.How


@pytest.fixture(autouse=True)
def nurse(client: Client, cast: Cast) -> User:
    client.force_login(cast.nurse)
    return cast.nurse


def give(user: User, *purposes: str, version: int = 1) -> None:
    consents_give(user_id=user.pk, purposes=purposes, how=How.PAPER, language="en", now=timezone.now())
    Consent.objects.filter(user=user, purpose__in=purposes).update(version=version)


def page(client: Client, address: str) -> str:
    answer = client.get(f"/admin/{address}")
    assert answer.status_code == 200, address
    return answer.content.decode()


class TestList:
    def test_it_has_the_people_of_ones_own_clinics(self, client: Client, cast: Cast) -> None:
        zanele = CareRoleFactory(patient=cast.zanele, user__first_name="Zanele", user__last_name="Dlamini")
        for address in ("consents/", "consents/results/", "consents/?q=Zanele"):
            assert "Dlamini" not in page(client, address)
        assert "Anna" in page(client, "consents/?q=anna")
        # Whoever also cares for one of this clinic's patients is asked here too.
        CareRoleFactory(patient=cast.pieter, user=zanele.user, relation=Relation.CARER)
        assert "Dlamini" in page(client, "consents/")

    def test_it_is_filtered(self, client: Client, cast: Cast) -> None:
        Consent.objects.all().delete()
        give(cast.anna, "email")
        give(cast.anna, "sms", version=0)
        give(cast.anna, "push")
        consents_withdraw(user_id=cast.anna.pk, purposes=["push"], how=Consent.Ended.SMS, now=timezone.now())
        for query, found in (
            ("", {"email", "sms", "push"}),
            ("state=to_confirm", {"sms"}),
            ("state=in_force", {"email", "sms"}),
            ("state=withdrawn", {"push"}),
            ("purpose=email", {"email"}),
            ("how=spoken", set()),
            ("state=odd&how=odd", {"email", "sms", "push"}),
        ):
            listed = client.get(f"/admin/consents/?{query}").context["object_list"]
            assert {row.purpose for row in listed} == found, query

    def test_nothing_is_edited_or_deleted(self, client: Client, cast: Cast) -> None:
        row = consents_of(user_id=cast.anna.pk).get(purpose="email")
        client.force_login(cast.manager)
        for address in (f"edit/{row.pk}/", f"delete/{row.pk}/", "new/"):
            assert client.get(f"/admin/consents/{address}").status_code == 404
        assert "/edit/" not in page(client, "consents/").partition("<main")[2]

    @pytest.mark.parametrize("address", ["consents/", "consents/patient/{}/", "patients/edit/{}/"])
    def test_its_queries_are_constant(
        self, client: Client, cast: Cast, address: str, django_assert_max_num_queries: Any
    ) -> None:
        address = address.format(cast.pieter.pk)
        page(client, address)
        counted = []
        for _ in range(2):
            CareRoleFactory.create_batch(2, patient=cast.pieter, relation=Relation.CARER)
            with django_assert_max_num_queries(60) as asked:
                page(client, address)
            # A patient's form asks once for each of its care roles' people.
            counted.append(len(asked) - (2 * len(counted) if address.startswith("patients") else 0))
        assert counted[0] == counted[1]


class TestWritingDown:
    def test_the_sentences_are_read_out_in_the_persons_language(self, client: Client, cast: Cast) -> None:
        NotificationPreferences.objects.create(user=cast.anna, language="af")
        address = f"consents/patient/{cast.pieter.pk}/record/?person={cast.anna.pk}"
        assert SENTENCES["sms"][1]["af"] in page(client, address)
        assert SENTENCES["sms"][1]["en"] in page(client, f"{address}&language=en")

    def test_what_was_said_is_kept_with_its_witness(self, client: Client, cast: Cast) -> None:
        Consent.objects.all().delete()
        NotificationPreferences.objects.create(user=cast.anna, language="af", sms_enabled=False)
        address = f"/admin/consents/patient/{cast.pieter.pk}/record/"
        said = {"purposes": [REMINDERS, "sms"], "how": "spoken"}
        assert client.post(f"{address}?person={cast.anna.pk}", said).status_code == 302
        for row in consents_of(user_id=cast.anna.pk):
            assert (row.how, row.language, row.version, row.witness) == (How.SPOKEN, "af", 1, cast.nurse)
        assert NotificationPreferences.objects.get(user=cast.anna).sms_enabled
        client.post(address, {"purposes": [CARERS], "how": "paper"})
        assert consents_of(patient_id=cast.pieter.pk).get().witness == cast.nurse

    @pytest.mark.parametrize(
        ("relation", "ticked", "written"), [("carer", True, 1), ("carer", False, 0), ("guardian", True, 0)]
    )
    def test_a_patient_may_say_so_when_the_carer_is_invited(
        self, client: Client, cast: Cast, relation: str, ticked: bool, written: int
    ) -> None:
        Consent.objects.all().delete()
        asked = {"patient": cast.pieter.pk, "relation": relation, "language": "en"}
        asked |= {"address": "daughter@example.org", **({"patient_agrees": "on"} if ticked else {})}
        assert SENTENCES[CARERS][1]["en"] in page(client, "invitations/new/")
        assert client.post("/admin/invitations/new/", asked).status_code == 302
        rows = consents_of(patient_id=cast.pieter.pk)
        assert [(row.purpose, row.how, row.witness) for row in rows] == written * [
            (CARERS, How.SPOKEN, cast.nurse)
        ]

    @pytest.mark.parametrize(
        "said", [{}, {"purposes": ["sms"]}, {"how": "paper"}, {"purposes": ["odd"], "how": "site"}]
    )
    def test_less_is_refused_beside_its_field(self, client: Client, cast: Cast, said: dict[str, Any]) -> None:
        before = Consent.objects.count()
        address = f"/admin/consents/patient/{cast.pieter.pk}/record/?person={cast.anna.pk}"
        answer = client.post(address, said)
        assert answer.context["form"].errors
        assert Consent.objects.count() == before

    def test_of_others_nothing_is_found(self, client: Client, cast: Cast) -> None:
        stranger = CareRoleFactory().user
        for address in (
            f"patient/{cast.zanele.pk}/",
            f"patient/{cast.zanele.pk}/record/",
            f"patient/{cast.pieter.pk}/record/?person={stranger.pk}",
            f"patient/{cast.pieter.pk}/record/?person=x",
        ):
            for verb in (client.get, client.post):
                assert verb(f"/admin/consents/{address}").status_code == 404, address


class TestWithdrawing:
    def test_it_says_what_ends_and_asks_why(self, client: Client, cast: Cast) -> None:
        row = consents_of(patient_id=cast.pieter.pk).get()
        address = f"/admin/consents/{row.pk}/withdraw/"
        assert "carers are told nothing about this patient" in client.get(address).content.decode()
        assert client.post(address, {"reason": " "}).context["form"].errors
        assert client.post(address, {"reason": "He asked by phone."}).status_code == 302
        row.refresh_from_db()
        assert (row.withdrawn_how, row.withdrawn_by) == (Consent.Ended.STAFF, cast.nurse)
        assert "He asked by phone." in page(client, f"consents/patient/{cast.pieter.pk}/")
        assert client.get(address).status_code == 404

    def test_another_clinics_is_not_found(self, client: Client, cast: Cast) -> None:
        role = CareRoleFactory(patient=cast.zanele)
        row = consents_of(user_id=role.user_id).get(purpose="email")
        assert client.post(f"/admin/consents/{row.pk}/withdraw/", {"reason": "x"}).status_code == 404
        row.refresh_from_db()
        assert row.stands


def test_a_patients_page_says_who_is_not_told(client: Client, cast: Cast) -> None:
    address = f"patients/edit/{cast.pieter.pk}/"
    assert "no consent to reminders" not in page(client, address)
    Consent.objects.all().delete()
    warned = page(client, address)
    assert "1 carer is told nothing" in warned
    assert "Reminders stay in the inbox of <bdi>Anna" in warned
    give(cast.anna, REMINDERS)
    assert "no consent to reminders" in page(client, address)
    give(cast.anna, "sms")
    assert "no consent to reminders" not in page(client, address)


def test_who_may_not_see_patients_sees_no_consents(client: Client, cast: Cast) -> None:
    client.force_login(CareRoleFactory(patient=PatientFactory(clinic=cast.clinic)).user)
    for address in ("", f"patient/{cast.pieter.pk}/", f"patient/{cast.pieter.pk}/record/"):
        assert client.get(f"/admin/consents/{address}").status_code in (302, 403)
