"""A patient is registered at the desk: what is refused, what is asked, and how the number is confirmed."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.invitation.services import invitation_create, number_agreed
from home.models import AccessRecord, CareRole, Consent, Invitation, Patient, Relation, User
from home.privacy.consents import consents_withdraw
from home.privacy.gate import ConsentGate
from notifications.models import InboundMessage, NotificationPreferences
from notifications.preferences.settings import preferences_update
from notifications.replies.interpretation import carry_out
from tests.factories import CareRoleFactory, PatientFactory, UserFactory
from tests.home.conftest import Cast
from tests.home.transactional import Phones, phones, queued  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones", "queued")]

NEW = "/admin/patients/new/"
NUMBER = "+27725550163"
FATIMA = {
    "first_name": "Fatima",
    "last_name": "Jacobs",
    "date_of_birth": "27/5/1992",
    "sex": "f",
    "folder_number": "WYN-00417",
    "phone": "072 555 0163",
    "language": "af",
    "consent_reminders": "on",
    "consent_sms": "on",
}


@pytest.fixture(autouse=True)
def _nobody_counted() -> None:
    cache.clear()


@pytest.fixture
def nurse(client: Client, cast: Cast) -> Client:
    client.force_login(cast.nurse)
    return client


def register(nurse: Client, **changes: Any) -> Any:
    return nurse.post(
        NEW, {name: value for name, value in {**FATIMA, **changes}.items() if value is not None}
    )


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer
    return {name: " ".join(map(str, said)) for name, said in answer.context["form"].errors.items()}


def fatima() -> Patient:
    patient: Patient = Patient.objects.get(first_name="Fatima")
    return patient


def code() -> str:
    [found] = re.findall(r"\b\d{6}\b", Phones.sent[-1].body)
    return str(found)


def confirm(nurse: Client, patient: Patient, **data: str) -> Any:
    return nurse.post(f"/admin/patients/{patient.pk}/number/", data)


def reply(text: str, number: str = NUMBER, at: datetime | None = None) -> InboundMessage:
    row = InboundMessage.objects.create(
        provider="test",
        provider_id=text + str(timezone.now()),
        sender=number,
        text=text,
        received_at=at or timezone.now(),
        due_at=timezone.now(),
    )
    carry_out(row)
    return row


# Registering ------------------------------------------------------------------------------------------------------


def test_a_patient_is_registered_and_the_code_read_aloud_makes_the_account(nurse: Client, cast: Cast) -> None:
    answer = register(nurse)
    patient = fatima()
    assert answer["Location"] == f"/admin/patients/{patient.pk}/"
    assert (patient.clinic, patient.sex, patient.born_about) == (cast.clinic, "f", False)
    assert (patient.date_of_birth, str(patient.phone)) == (date(1992, 5, 27), NUMBER)
    assert not User.objects.filter(phone=NUMBER).exists()
    page = nurse.get(answer["Location"]).content.decode()
    assert 'name="code"' in page
    assert "072 555 0163" in page
    agreed_at = Invitation.objects.get().agreed_at
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        assert confirm(nurse, patient, code=f" {code()[:3]} {code()[3:]} ").status_code == 302
    user = User.objects.get(phone=NUMBER)
    assert (user.first_name, user.last_name, user.email) == ("Fatima", "Jacobs", None)
    assert user.phone_verified_at and not user.has_usable_password()
    assert CareRole.objects.get(patient=patient).relation == Relation.SELF
    assert NotificationPreferences.objects.get(user=user).language == "af"
    consents = {each.purpose: each for each in Consent.objects.filter(user=user)}
    assert set(consents) == {"reminders", "sms"}
    for each in consents.values():
        assert (each.given_at, each.how, each.witness, each.language) == (
            agreed_at,
            "spoken",
            cast.nurse,
            "en",
        )
    assert not ConsentGate().barred({"sms": [user.pk]}).get("sms")
    assert 'name="code"' not in nurse.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "Read it to the nurse"), ("af", "Lees dit vir die")])
@pytest.mark.parametrize("replies", [True, False])
def test_the_sms_is_one_and_says_nothing_of_health(
    nurse: Client, cast: Cast, settings: Any, language: str, words: str, replies: bool
) -> None:
    settings.SMS_REPLIES = replies
    register(nurse, language=language)
    [message] = Phones.sent
    assert (message.address, message.language) == (NUMBER, language)
    assert words in message.body
    assert len(message.body.encode("ascii")) <= 160
    assert ("YES" in message.body or "JA" in message.body) is replies
    assert f"/{language}/i/" in message.body
    assert not any(word in message.body for word in ("Fatima", "Jacobs", "Hillbrow", "medic"))


@pytest.mark.parametrize("text", ["YES", "Ja.", " yes ", "START", "ok"])
def test_a_yes_by_sms_leads_to_the_same(nurse: Client, cast: Cast, text: str) -> None:
    register(nurse)
    row = reply(text)
    user = User.objects.get(phone=NUMBER)
    assert (row.user, row.interpretation) == (user, "start")
    assert "STOP" in row.reply
    assert user.phone_verified_at
    assert set(Consent.objects.filter(user=user).values_list("purpose", flat=True)) == {"reminders", "sms"}
    assert reply("YES").interpretation != "stranger"
    assert User.objects.filter(phone=NUMBER).count() == 1


def test_a_yes_by_sms_turns_sms_on_again(nurse: Client, cast: Cast) -> None:
    owner = UserFactory(email=None, phone=NUMBER)
    reply("STOP")
    CareRoleFactory(patient=cast.zanele, user=owner)
    register(nurse)
    reply("YES")
    assert NotificationPreferences.objects.get(user=owner).sms_enabled
    assert Consent.objects.filter(user=owner, purpose="sms", withdrawn_at__isnull=True).exists()


@pytest.mark.parametrize(("email", "alone"), [(None, True), ("fatima@example.org", False)])
def test_a_yes_is_promised_sms_only_where_nothing_else_reaches_them(
    nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, email: str | None, alone: bool
) -> None:
    monkeypatch.setattr(Phones, "addresses", lambda self, user_ids: dict.fromkeys(user_ids, NUMBER))
    owner = UserFactory(email=email, phone=NUMBER)
    if email:
        Consent.objects.create(
            user=owner, purpose="email", version=1, language="en", how="site", given_at=timezone.now()
        )
    register(nurse)
    said = reply("YES").reply
    assert "Your number is confirmed" in said
    assert ("remind you here" in said) is alone


def test_a_yes_of_who_wants_no_reminders_is_promised_none(
    nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Phones, "addresses", lambda self, user_ids: dict.fromkeys(user_ids, NUMBER))
    owner = UserFactory(email=None, phone=NUMBER)
    CareRoleFactory(patient=cast.zanele, user=owner)
    consents_withdraw(user_id=owner.pk, purposes=["reminders"], how="site", now=timezone.now())
    register(nurse)
    assert "remind you here" not in reply("YES").reply


@pytest.mark.parametrize("text", ["NO", "nee", "STOP"])
def test_a_no_by_sms_makes_nothing_and_ends_it(nurse: Client, cast: Cast, text: str) -> None:
    register(nurse)
    row = reply(text)
    assert (row.user, row.interpretation) == (None, "stop")
    assert "kliniek" in row.reply  # in the language that was chosen
    assert not User.objects.filter(phone=NUMBER).exists()
    assert Invitation.objects.get().declined_at
    assert reply("YES").interpretation == "stranger"
    assert confirm(nurse, fatima(), code=code()).status_code == 302
    assert not CareRole.objects.filter(patient=fatima()).exists()


def test_a_no_of_who_is_reminded_already_ends_what_was_asked_alone(nurse: Client, cast: Cast) -> None:
    owner = UserFactory(email=None, phone=NUMBER)
    register(nurse)
    row = reply("NO")
    assert (row.user, row.interpretation) == (owner, "answer")
    assert "U ander herinnerings gaan aan" in row.reply
    assert "STOP" in row.reply
    assert Invitation.objects.get().declined_at
    assert not NotificationPreferences.objects.filter(user=owner, sms_enabled=False).exists()


def test_a_no_of_who_stopped_sms_is_promised_nothing(nurse: Client, cast: Cast) -> None:
    owner = UserFactory(email=None, phone=NUMBER)
    preferences_update(user_id=owner.pk, changes={"sms_enabled": False}, now=timezone.now())
    register(nurse)
    said = reply("NO").reply
    assert "geen herinneringe hier kry nie" in said
    assert "gaan aan" not in said


def test_whoever_was_asked_nothing_is_a_stranger(cast: Cast) -> None:
    assert reply("YES").interpretation == "stranger"


def test_a_yes_after_the_end_makes_nothing(nurse: Client, cast: Cast) -> None:
    register(nurse)
    assert (
        reply("YES", at=timezone.now() + Invitation.LIFE + timedelta(seconds=1)).interpretation == "stranger"
    )
    assert not User.objects.filter(phone=NUMBER).exists()


def test_the_link_in_the_sms_leads_to_the_same(nurse: Client, cast: Cast) -> None:
    register(nurse)
    [path] = re.findall(r"http://localhost:8000(/\S+)", Phones.sent[-1].body)
    own = Client()
    profile = {"first_name": "Fatima", "last_name": "Jacobs", "language": "af", "password": ""}
    assert own.post(path, profile).status_code == 302
    user = User.objects.get(phone=NUMBER)
    assert user.phone_verified_at
    assert Consent.objects.get(user=user, purpose="sms").how == "spoken"


def test_who_has_one_name_accepts_with_it(nurse: Client, cast: Cast) -> None:
    register(nurse, last_name=None)
    [path] = re.findall(r"http://localhost:8000(/\S+)", Phones.sent[-1].body)
    profile = {"first_name": "Fatima", "last_name": "", "language": "af", "password": ""}
    assert Client().post(path, profile).status_code == 302
    assert User.objects.get(phone=NUMBER).get_full_name() == "Fatima"


# The code ---------------------------------------------------------------------------------------------------------


def test_a_wrong_code_changes_nothing_and_five_end_it(nurse: Client, cast: Cast) -> None:
    register(nurse)
    right = code()
    wrong = "000000" if right != "000000" else "111111"
    for left in ("4 more times", "3 more times", "2 more times", "1 more time", "no longer works"):
        answer = confirm(nurse, fatima(), code=wrong)
        assert answer.status_code == 200
        assert left in answer.content.decode()
    assert "no longer works" in confirm(nurse, fatima(), code=right).content.decode()
    assert not CareRole.objects.filter(patient=fatima()).exists()
    confirm(nurse, fatima(), again="1")
    assert confirm(nurse, fatima(), code=code()).status_code == 302
    assert CareRole.objects.filter(patient=fatima()).exists()


def test_a_code_works_half_an_hour_and_the_newest_alone(nurse: Client, cast: Cast) -> None:
    register(nurse)
    first = code()
    confirm(nurse, fatima(), again="1")
    if first != code():
        assert confirm(nurse, fatima(), code=first).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=30, seconds=1)):
        assert "no longer works" in confirm(nurse, fatima(), code=code()).content.decode()
        assert not CareRole.objects.filter(patient=fatima()).exists()


@pytest.mark.parametrize("typed", ["", "abc", "\x00", "9" * 5000, "١٢٣٤٥٦"])
def test_nonsense_for_a_code_is_answered(nurse: Client, cast: Cast, typed: str) -> None:
    register(nurse)
    assert confirm(nurse, fatima(), code=typed).status_code == 200
    assert not CareRole.objects.filter(patient=fatima()).exists()


def test_no_number_is_sent_codes_without_end(nurse: Client, cast: Cast) -> None:
    register(nurse)
    for _ in range(8):
        confirm(nurse, fatima(), again="1")
    assert len(Phones.sent) == 4


def test_nor_from_the_list_of_invitations(nurse: Client, cast: Cast) -> None:
    register(nurse)
    pk = Invitation.objects.get().pk
    first = nurse.post(f"/admin/invitations/{pk}/send/", follow=True).content.decode()
    assert "A code is on its way" in first
    for _ in range(8):
        nurse.post(f"/admin/invitations/{pk}/send/")
    assert len(Phones.sent) == 4


def test_the_database_does_not_tell_the_code(nurse: Client, cast: Cast) -> None:
    register(nurse)
    row = Invitation.objects.get()
    assert code() not in str(row.__dict__)
    assert row.code_digest != Invitation.digest_of(code())


def test_another_clinics_nurse_confirms_nothing(client: Client, nurse: Client, cast: Cast) -> None:
    register(nurse)
    client.force_login(cast.other_nurse)
    assert confirm(client, fatima(), code=code()).status_code == 404
    assert client.post(f"/admin/patients/{fatima().pk}/card/").status_code == 404


def test_the_question_can_be_taken_back(nurse: Client, cast: Cast) -> None:
    register(nurse)
    confirm(nurse, fatima(), withdraw="1")
    assert Invitation.objects.get().revoked_at
    assert reply("YES").interpretation == "stranger"


def test_a_question_that_was_answered_meanwhile_is_not_taken_back(
    nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(nurse)
    monkeypatch.setattr("home.admin.number.invitation_revoke", lambda **kwargs: False)
    answer = nurse.post(f"/admin/patients/{fatima().pk}/number/", {"withdraw": "1"}, follow=True)
    page = answer.content.decode()
    assert "answered meanwhile" in page
    assert "Nothing is asked" not in page


# Consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"consent_sms": None},
        {"consent_reminders": None},
        {"consent_sms": None, "consent_email": "on"},
        {"phone": None, "consent_sms": None},
    ],
)
def test_without_a_yes_to_reminders_and_sms_nothing_is_sent(nurse: Client, cast: Cast, changes: Any) -> None:
    assert register(nurse, **changes).status_code == 302
    assert not Phones.sent
    assert not Invitation.objects.exists()
    assert fatima()


def test_what_was_withdrawn_after_the_desk_stays_so(nurse: Client, cast: Cast) -> None:
    owner = UserFactory(email=None, phone=NUMBER)
    register(nurse)
    later = timezone.now() + timedelta(minutes=1)
    Consent.objects.create(
        user=owner, purpose="sms", version=1, language="en", how="site", given_at=later, withdrawn_at=later
    )
    with time_machine.travel(later + timedelta(minutes=1)):
        confirm(nurse, fatima(), code=code())
    assert not Consent.objects.filter(user=owner, purpose="sms", withdrawn_at__isnull=True).exists()


def test_whatsapp_is_accepted_and_not_shown(nurse: Client, cast: Cast) -> None:
    assert "consent_whatsapp" not in nurse.get(NEW).content.decode()
    assert register(nurse, consent_whatsapp="on").status_code == 302
    assert Invitation.objects.get().purposes == ["reminders", "sms"]


@pytest.fixture
def whatsapp(settings: Any) -> None:
    """The site has WhatsApp too."""
    settings.NOTIFICATION_CHANNELS = [
        *settings.NOTIFICATION_CHANNELS,
        "notifications.channels.whatsapp.channel.WhatsAppChannel",
    ]
    settings.WHATSAPP_PROVIDER = "file"


def test_where_there_is_whatsapp_it_is_asked_and_agreed_to(nurse: Client, cast: Cast, whatsapp: None) -> None:
    assert "My clinic may write to me by WhatsApp." in nurse.get(NEW).content.decode()
    assert register(nurse, consent_whatsapp="on").status_code == 302
    assert Invitation.objects.get().purposes == ["reminders", "sms", "whatsapp"]


def test_a_yes_to_whatsapp_alone_is_not_lost_in_silence(nurse: Client, cast: Cast, whatsapp: None) -> None:
    answer = register(nurse, consent_whatsapp="on", consent_sms=None)
    assert "Tick SMS too" in errors(answer)["consent_whatsapp"]
    assert not Invitation.objects.exists()


# Who has an account already ---------------------------------------------------------------------------------------


def test_registering_never_tells_whether_a_number_has_an_account_elsewhere(nurse: Client, cast: Cast) -> None:
    """Asked alike, answered alike, with as many queries (docs/decisions/0076)."""
    CareRoleFactory(patient=cast.zanele, user=UserFactory(email=None, phone=NUMBER, first_name="Zanele"))
    seen = []
    register(nurse, first_name="Warm", last_name="Up", phone="0835550000", folder_number=None)
    for at, phone in enumerate((NUMBER, "0835550117")):
        with CaptureQueriesContext(connection) as queries:
            answer = register(
                nurse,
                first_name=f"Nr{at}",
                last_name=f"Q{at}",
                folder_number=None,
                phone=phone,
                date_of_birth=f"{at + 1}/1/1970",
            )
        page = nurse.get(answer["Location"]).content.decode()
        assert "Zanele" not in page
        seen.append((answer.status_code, len(queries)))
    assert seen[0] == seen[1]


def test_the_owner_of_an_account_elsewhere_is_linked_as_who_shares_the_phone(
    nurse: Client, cast: Cast
) -> None:
    zanele = UserFactory(email=None, phone=NUMBER)
    CareRoleFactory(patient=cast.zanele, user=zanele)
    register(nurse)
    assert confirm(nurse, fatima(), code=code()).status_code == 302
    role = CareRole.objects.get(patient=fatima())
    assert (role.user, role.relation, role.alert_missed) == (zanele, Relation.CARER, False)
    # Nobody asked the patient whether carers are told.
    assert not Consent.objects.filter(patient=fatima(), purpose="carers").exists()


def test_an_account_that_is_no_patients_becomes_the_patients(nurse: Client, cast: Cast) -> None:
    owner = UserFactory(email="f@example.org", phone=NUMBER, phone_verified_at=None)
    register(nurse)
    confirm(nurse, fatima(), code=code())
    owner.refresh_from_db()
    assert owner.phone_verified_at
    assert CareRole.objects.get(patient=fatima()).relation == Relation.SELF


def test_a_number_of_an_account_out_of_use_is_refused(nurse: Client, cast: Cast) -> None:
    UserFactory(email=None, phone=NUMBER, is_active=False)
    register(nurse)
    assert "can’t be used" in confirm(nurse, fatima(), code=code()).content.decode()
    assert not CareRole.objects.filter(patient=fatima()).exists()


# Whose number it is -----------------------------------------------------------------------------------------------


@pytest.fixture
def anna(cast: Cast) -> Patient:
    patient: Patient = PatientFactory(
        clinic=cast.clinic, first_name="Anna", last_name="Adams", phone=NUMBER, date_of_birth=date(1960, 1, 1)
    )
    return patient


@pytest.mark.parametrize("answer", [None, "", "nonsense", "same-99999"])
def test_a_number_that_somebody_has_is_asked_about(
    nurse: Client, cast: Cast, anna: Patient, answer: Any
) -> None:
    refused = register(nurse, number_is=answer, number_asked=NUMBER)
    assert "Anna Adams" in errors(refused)["phone"]
    page = refused.content.decode()
    assert f'value="same-{anna.pk}"' in page
    assert all(f'value="{each}"' in page for each in ("guardian", "carer", "shared"))
    assert not Phones.sent
    assert not Patient.objects.filter(first_name="Fatima").exists()


def test_the_same_person_leads_to_the_patient_who_is_here(nurse: Client, cast: Cast, anna: Patient) -> None:
    answer = register(nurse, number_is=f"same-{anna.pk}", number_asked=NUMBER)
    assert answer["Location"] == f"/admin/patients/{anna.pk}/"
    assert not Patient.objects.filter(first_name="Fatima").exists()
    assert not Phones.sent


@pytest.mark.parametrize(
    ("answer", "relation", "alert", "asked_of_patient"),
    [("guardian", "guardian", True, False), ("carer", "carer", True, True), ("shared", "carer", False, True)],
)
def test_an_answer_decides_what_the_owner_becomes(
    nurse: Client, cast: Cast, anna: Patient, answer: str, relation: str, alert: bool, asked_of_patient: bool
) -> None:
    register(nurse, number_is=answer, number_asked=NUMBER)
    assert confirm(nurse, fatima(), code=code()).status_code == 302
    role = CareRole.objects.get(patient=fatima())
    assert (role.relation, role.alert_missed) == (relation, alert)
    assert role.user.get_full_name() == "Anna Adams"
    assert Consent.objects.filter(patient=fatima(), purpose="carers").exists() is asked_of_patient
    assert set(Consent.objects.filter(user=role.user).values_list("purpose", flat=True)) == {
        "reminders",
        "sms",
    }


def test_the_number_of_a_carer_is_asked_about_too(nurse: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.anna.pk).update(phone=NUMBER)
    cast.anna.refresh_from_db()
    cast.anna.save()
    assert "Anna Nkosi" in errors(register(nurse))["phone"]


def test_a_number_of_another_clinics_patient_is_not_asked_about(nurse: Client, cast: Cast) -> None:
    PatientFactory(clinic=cast.other_clinic, phone=NUMBER)
    assert register(nurse).status_code == 302


def test_an_answer_about_one_number_is_none_about_another(nurse: Client, cast: Cast, anna: Patient) -> None:
    asked = register(nurse, number_is="guardian")
    assert f'name="number_asked" value="{NUMBER}"' in asked.content.decode()
    PatientFactory(clinic=cast.clinic, first_name="Bongi", last_name="Zulu", phone="+27835550117")
    again = register(nurse, phone="083 555 0117", number_is="guardian", number_asked=NUMBER)
    assert "Bongi Zulu" in errors(again)["phone"]
    assert "checked" not in str(again.context["form"]["number_is"])
    answer = register(nurse, phone="083 555 0118", number_is="guardian", number_asked=NUMBER)
    assert answer.status_code == 302
    assert Invitation.objects.get().relation == Relation.SELF
    assert confirm(nurse, fatima(), code=code()).status_code == 302
    assert CareRole.objects.get(patient=fatima()).relation == Relation.SELF


# Guardian and carer -----------------------------------------------------------------------------------------------

GUARDIAN = {
    "first_name": "Lwazi",
    "phone": None,
    "date_of_birth": "14 months",
    "carer_first_name": "Anna",
    "carer_last_name": "van der Merwe",
    "carer_phone": "071 555 0148",
    "carer_relation": "guardian",
}


def test_the_guardian_of_a_child_gets_the_code(nurse: Client, cast: Cast) -> None:
    assert register(nurse, **GUARDIAN).status_code == 302
    lwazi = Patient.objects.get(first_name="Lwazi")
    assert lwazi.born_about
    assert Phones.sent[-1].address == "+27715550148"
    assert confirm(nurse, lwazi, code=code()).status_code == 302
    role = CareRole.objects.get(patient=lwazi)
    assert (role.relation, role.alert_missed) == ("guardian", True)
    assert role.user.get_full_name() == "Anna van der Merwe"
    assert Consent.objects.filter(user=role.user, purpose="sms").exists()


def test_a_carer_beside_the_patients_own_number_gets_a_link(nurse: Client, cast: Cast) -> None:
    register(
        nurse,
        **{
            **GUARDIAN,
            "first_name": "Fatima",
            "phone": NUMBER,
            "carer_relation": "carer",
            "carer_agrees": "on",
        },
    )
    assert [each.address for each in Phones.sent] == [NUMBER, "+27715550148"]
    assert not re.search(r"\b\d{6}\b", Phones.sent[1].body.replace("localhost:8000", ""))
    assert Consent.objects.get(patient=fatima(), purpose="carers").witness == cast.nurse


@pytest.mark.parametrize("agrees", [None, "on"])
def test_that_carers_are_told_is_agreed_to_only_where_it_was_said(
    nurse: Client, cast: Cast, agrees: str | None
) -> None:
    register(nurse, **{**GUARDIAN, "carer_relation": "carer", "carer_agrees": agrees})
    lwazi = Patient.objects.get(first_name="Lwazi")
    assert confirm(nurse, lwazi, code=code()).status_code == 302
    assert CareRole.objects.get(patient=lwazi).relation == Relation.CARER
    assert Consent.objects.filter(patient=lwazi, purpose="carers").exists() is bool(agrees)


def test_that_carers_are_told_stays_withdrawn(nurse: Client, cast: Cast, anna: Patient) -> None:
    register(nurse, number_is="shared", number_asked=NUMBER)
    later = timezone.now() + timedelta(minutes=1)
    Consent.objects.create(
        patient=fatima(),
        purpose="carers",
        version=1,
        language="en",
        how="spoken",
        given_at=later,
        withdrawn_at=later,
    )
    with time_machine.travel(later + timedelta(minutes=1)):
        assert confirm(nurse, fatima(), code=code()).status_code == 302
    assert not Consent.objects.filter(patient=fatima(), withdrawn_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"carer_phone": None}, "carer_phone"),
        ({"carer_phone": "021 555 0104"}, "carer_phone"),
        ({"carer_phone": "+263771234567"}, "carer_phone"),
        ({"carer_phone": "071", "phone": None}, "carer_phone"),
        ({"carer_first_name": None}, "carer_first_name"),
        ({"carer_phone": NUMBER, "phone": NUMBER}, "carer_phone"),
    ],
)
def test_what_is_wrong_with_a_carer_is_said_beside_it(
    nurse: Client, cast: Cast, changes: Any, field: str
) -> None:
    assert set(errors(register(nurse, **{**GUARDIAN, **changes}))) == {field}
    assert Patient.objects.count() == 2


# Bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"first_name": ""}, "first_name", "required"),
        ({"first_name": "123"}, "first_name", "letters"),
        ({"first_name": "--"}, "first_name", "letters"),
        ({"first_name": "x" * 151}, "first_name", "150"),
        ({"last_name": "072 555 0163"}, "last_name", "letters"),
        ({"date_of_birth": "27/5/92"}, "date_of_birth", "in full"),
        ({"date_of_birth": "5/27/1992"}, "date_of_birth", "day first"),
        ({"date_of_birth": "31/2/1992"}, "date_of_birth", "no such day"),
        ({"date_of_birth": "1/1/2999"}, "date_of_birth", "check the year"),
        ({"date_of_birth": "1/1/2099"}, "date_of_birth", "still to come"),
        ({"date_of_birth": "500"}, "date_of_birth", "old"),
        ({"date_of_birth": "soon"}, "date_of_birth", "not a date"),
        ({"sex": "female"}, "sex", "valid"),
        ({"language": "xh"}, "language", "valid"),
        ({"phone": "+263 77 123 4567"}, "phone", "another country (+263)"),
        ({"phone": "072 555"}, "phone", "082 123 4567"),
        ({"phone": "0725550163 / 0835550117"}, "phone", "082 123 4567"),
        ({"phone": "021 555 0104"}, "phone", "landline"),
        ({"phone": None}, "phone", "which number"),
        ({"folder_number": "--"}, "folder_number", "digits or letters"),
        ({"folder_number": "9" * 41}, "folder_number", "40"),
        ({"id_number": "920527016308"}, "id_number", "13 digits"),
        ({"id_number": "9213270163081"}, "id_number", "date of birth"),
        ({"id_number": "8001015009088"}, "id_number", "no such"),
        ({"id_number": "8001015009087"}, "id_number", "1 January 1980"),
        ({"id_number": "8001015009087", "date_of_birth": "1/1/1980"}, "id_number", "male"),
        ({"id_number": "8001015009087", "date_of_birth": "12", "sex": "m"}, "id_number", "1 January 1980"),
        ({"clinic": "99999"}, "clinic", "valid"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_saved(
    nurse: Client, cast: Cast, changes: Any, field: str, words: str
) -> None:
    said = errors(register(nurse, **changes))
    assert set(said) == {field}
    assert words in said[field]
    assert Patient.objects.count() == 2
    assert not Phones.sent


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"first_name": " FATIMA ", "last_name": "O'Brien"},
            {"first_name": "FATIMA", "last_name": "O'Brien"},
        ),
        ({"last_name": "van der Merwe"}, {"last_name": "van der Merwe"}),
        ({"last_name": None}, {"last_name": ""}),
        ({"first_name": "فاطمة", "last_name": "يعقوب"}, {"first_name": "فاطمة"}),
        ({"first_name": "Fa\u200btima\u202e"}, {"first_name": "Fa tima"}),
        ({"first_name": "Fatima\x00"}, {"first_name": "Fatima"}),
        ({"first_name": "Fatima\u00a0 Z"}, {"first_name": "Fatima Z"}),
        ({"phone": "+27(0)72 555 0163"}, {"phone": NUMBER}),
        ({"phone": "\u202a+27\u00a072\u00a0555\u00a00163\u202c"}, {"phone": NUMBER}),
        ({"phone": "0027 72 555 0163"}, {"phone": NUMBER}),
        ({"date_of_birth": "34"}, {"born_about": True}),
        ({"date_of_birth": "1961"}, {"born_about": True, "date_of_birth": date(1961, 7, 1)}),
        ({"date_of_birth": "27 Mei 1992"}, {"born_about": False, "date_of_birth": date(1992, 5, 27)}),
        (
            {"date_of_birth": None, "sex": None, "id_number": "800101 5009 087"},
            {"date_of_birth": date(1980, 1, 1), "sex": "m", "id_number": "8001015009087"},
        ),
        (
            {"date_of_birth": "46", "sex": "x", "id_number": "8001015009087"},
            {"date_of_birth": date(1980, 1, 1), "sex": "x", "born_about": False},
        ),
        ({"phone": "021 555 0104", "consent_sms": None}, {"phone": "+27215550104"}),
    ],
)
def test_what_people_really_type_is_taken(nurse: Client, cast: Cast, changes: Any, expected: Any) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=timezone.get_default_timezone())):
        assert register(nurse, **changes).status_code == 302
    patient = Patient.objects.latest("pk")
    found = {name: getattr(patient, name) for name in expected}
    assert {**found, **({"phone": str(patient.phone)} if "phone" in expected else {})} == expected


@pytest.mark.parametrize(
    ("mine", "typed"), [("WYN-00417", "WYN-00417"), ("WYN-00417", "wyn 00417"), ("wyn00417", "WYN-00417")]
)
def test_a_folder_number_that_exists_is_said_with_the_patient(
    nurse: Client, cast: Cast, mine: str, typed: str
) -> None:
    other = PatientFactory(clinic=cast.clinic, first_name="Sipho", last_name="Nkosi", folder_number=mine)
    answer = register(nurse, folder_number=typed)
    assert f"/admin/patients/{other.pk}/" in errors(answer)["folder_number"]
    assert f'<a href="/admin/patients/{other.pk}/"><bdi>Sipho Nkosi</bdi></a>' in answer.content.decode()
    assert Patient.objects.count() == 3


def test_an_identity_number_that_exists_is_said_with_the_patient(nurse: Client, cast: Cast) -> None:
    other = PatientFactory(
        clinic=cast.clinic, first_name="Sipho", last_name="Nkosi", id_number="8001015009087"
    )
    said = errors(register(nurse, id_number="800101 5009 087", date_of_birth=None, sex=None))
    assert f"/admin/patients/{other.pk}/" in said["id_number"]


def test_numbers_of_another_clinic_say_nothing(nurse: Client, cast: Cast) -> None:
    PatientFactory(clinic=cast.other_clinic, folder_number="WYN-00417", id_number="8001015009087")
    data = {"id_number": "8001015009087", "date_of_birth": None, "sex": None}
    assert register(nurse, **data).status_code == 302


def test_a_folder_number_whose_end_is_anothers_is_free(nurse: Client, cast: Cast) -> None:
    PatientFactory(clinic=cast.clinic, folder_number="XWYN-00417")
    assert register(nurse).status_code == 302


def test_head_office_says_at_which_clinic(client: Client, cast: Cast) -> None:
    client.force_login(cast.head_office)
    assert set(errors(register(client))) == {"clinic"}
    assert register(client, clinic=cast.other_clinic.pk).status_code == 302
    assert fatima().clinic == cast.other_clinic


@pytest.mark.parametrize(
    ("first", "last", "born"),
    [
        ("Fatema", "Jacobs", "27/5/1992"),
        ("Fatima", "Adams", "27/5/1992"),
        ("Jacobs", "Fatima", None),
        ("Fatima", "Jacobs", "34"),
    ],
)
def test_names_that_are_nearly_the_same_are_asked_about(
    nurse: Client, cast: Cast, first: str, last: str, born: str | None
) -> None:
    other = PatientFactory(
        clinic=cast.clinic, first_name="Fatima", last_name="Jacobs", date_of_birth=date(1992, 5, 27)
    )
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=timezone.get_default_timezone())):
        answer = register(nurse, first_name=first, last_name=last, date_of_birth=born)
        assert set(errors(answer)) == {"somebody_else"}
        assert f"/admin/patients/{other.pk}/" in answer.content.decode()
        again = register(
            nurse, first_name=first, last_name=last, date_of_birth=born, somebody_else=[other.pk]
        )
    assert again.status_code == 302


@pytest.mark.parametrize("to", ["register", "edit"])
@pytest.mark.parametrize("shown", ["lookalike", "folder"])
def test_whom_a_refused_form_shows_is_noted(nurse: Client, cast: Cast, to: str, shown: str) -> None:
    if to == "edit":
        register(nurse, first_name="Nomsa", last_name="Zwane")
    mine = Patient.objects.latest("pk")
    others = {
        "lookalike": {"first_name": "Fatima", "date_of_birth": date(1992, 5, 27)},
        "folder": {"first_name": "Sipho", "folder_number": "TAKEN-1"},
    }
    other = PatientFactory(clinic=cast.clinic, last_name="Jacobs", **others[shown])
    changes = {"folder_number": "TAKEN-1"} if shown == "folder" else {}
    if to == "register":
        refused = register(nurse, **changes)
    else:
        named = {} if shown == "folder" else {"first_name": "Fatima", "last_name": "Jacobs"}
        refused = edit(nurse, mine, **changes, **named)
    assert errors(refused)
    assert f"/admin/patients/{other.pk}/" in refused.content.decode()
    assert AccessRecord.objects.get(patient=other).kind == "listed"


# The card ---------------------------------------------------------------------------------------------------------


def card(nurse: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    links: list[str] = []
    monkeypatch.setattr("home.admin.number.qr_code", lambda link: links.append(link) or "")
    page = nurse.post(f"/admin/patients/{patient.pk}/card/").content.decode()
    return page, links[-1].removeprefix("http://localhost:8000")


def test_a_card_leads_to_an_account_whose_number_is_still_to_be_proved(
    nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(nurse)
    page, path = card(nurse, fatima(), monkeypatch)
    sheet = page[page.index('<section class="card-print"') : page.index("</section>")]
    assert "Fatima" in sheet
    assert not any(word in sheet for word in ("Jacobs", "Hillbrow", "0163", "medic", "medis"))
    own = Client()
    profile = {"first_name": "Fatima", "last_name": "Jacobs", "language": "af", "password": ""}
    assert own.get(path).status_code == 200
    assert own.post(path, profile)["Location"] == "/af/contact/phone/" or own.get(path)
    user = User.objects.get(phone=NUMBER)
    assert user.phone_verified_at is None
    assert CareRole.objects.get(patient=fatima()).user == user
    assert Client().get(path).status_code in (404, 410)


def test_a_card_is_really_drawn_and_another_ends_it(
    nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(nurse)
    drawn = nurse.post(f"/admin/patients/{fatima().pk}/card/")
    assert "<svg" in drawn.content.decode()
    assert "no-store" in drawn["Cache-Control"]
    _page, first = card(nurse, fatima(), monkeypatch)
    _page, second = card(nurse, fatima(), monkeypatch)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200
    with time_machine.travel(timezone.now() + Invitation.LIFE + timedelta(seconds=1)):
        assert Client().get(second).status_code == 410


def test_who_has_an_account_gets_no_card_for_a_second_one(nurse: Client, cast: Cast) -> None:
    register(nurse)
    assert "Print a card" in nurse.get(f"/admin/patients/{fatima().pk}/").content.decode()
    confirm(nurse, fatima(), code=code())
    edit(nurse, fatima(), phone="083 555 0117")
    page = nurse.get(f"/admin/patients/{fatima().pk}/").content.decode()
    assert "Send another code" in page
    assert "Print a card" not in page
    refused = nurse.post(f"/admin/patients/{fatima().pk}/card/", follow=True).content.decode()
    assert "has an account" in refused
    assert not Invitation.objects.filter(card_digest__isnull=False).exists()


# Another number ---------------------------------------------------------------------------------------------------


def edit(nurse: Client, patient: Patient, **changes: Any) -> Any:
    data = {
        "clinic": patient.clinic_id,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "date_of_birth": "27/5/1992",
        "sex": "f",
        "folder_number": patient.folder_number or "",
        "phone": str(patient.phone or ""),
        "care_roles-TOTAL_FORMS": 0,
        "care_roles-INITIAL_FORMS": 0,
        "care_roles-MIN_NUM_FORMS": 0,
        "care_roles-MAX_NUM_FORMS": 1000,
    }
    return nurse.post(f"/admin/patients/edit/{patient.pk}/", {**data, **changes})


def test_a_changed_number_is_asked_anew(nurse: Client, cast: Cast) -> None:
    register(nurse)
    confirm(nurse, fatima(), code=code())
    user = User.objects.get(phone=NUMBER)
    assert edit(nurse, fatima(), phone="083 555 0117").status_code == 302
    assert Phones.sent[-1].address == "+27835550117"
    assert "/i/" not in Phones.sent[-1].body
    user.refresh_from_db()
    assert str(user.phone) == NUMBER
    assert confirm(nurse, fatima(), code=code()).status_code == 302
    user.refresh_from_db()
    assert str(user.phone) == "+27835550117"
    assert CareRole.objects.filter(patient=fatima()).count() == 1


def test_an_identity_number_makes_an_estimated_day_exact(nurse: Client, cast: Cast) -> None:
    estimated = PatientFactory(
        clinic=cast.clinic, first_name="Sam", date_of_birth=date(1981, 7, 1), born_about=True
    )
    data = {"date_of_birth": "1/7/1981", "sex": "m"}
    assert edit(nurse, estimated, **data).status_code == 302
    estimated.refresh_from_db()
    assert estimated.born_about
    assert edit(nurse, estimated, **data, id_number="800101 5009 087").status_code == 302
    estimated.refresh_from_db()
    assert (estimated.date_of_birth, estimated.born_about) == (date(1980, 1, 1), False)


def test_a_number_changed_before_it_was_confirmed_ends_the_first_question(nurse: Client, cast: Cast) -> None:
    register(nurse)
    first = code()
    edit(nurse, fatima(), phone="083 555 0117")
    assert reply("YES").interpretation == "stranger"
    assert Invitation.objects.filter(revoked_at__isnull=True).get().purposes == ["reminders", "sms"]
    if first != code():
        assert confirm(nurse, fatima(), code=first).status_code == 200
    confirm(nurse, fatima(), code=code())
    assert User.objects.filter(phone="+27835550117").exists()


def test_a_changed_number_is_asked_in_the_patients_language(nurse: Client, cast: Cast) -> None:
    register(nurse)
    confirm(nurse, fatima(), code=code())
    edit(nurse, fatima(), phone="083 555 0117")
    assert Phones.sent[-1].language == "af"
    assert "Lees dit vir die" in Phones.sent[-1].body


def test_no_code_goes_to_a_landline(nurse: Client, cast: Cast) -> None:
    register(nurse)
    confirm(nurse, fatima(), code=code())
    sent = len(Phones.sent)
    assert edit(nurse, fatima(), phone="021 555 0104").status_code == 302
    assert str(fatima().phone) == "+27215550104"
    assert len(Phones.sent) == sent
    assert not Invitation.objects.filter(accepted_at__isnull=True).exists()


def test_a_form_that_changes_no_number_asks_nothing(nurse: Client, cast: Cast) -> None:
    register(nurse)
    sent = len(Phones.sent)
    assert edit(nurse, fatima(), sex="x").status_code == 302
    assert fatima().sex == "x"
    assert len(Phones.sent) == sent


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "+263771234567"}, "phone"),
        ({"id_number": "123"}, "id_number"),
        ({"folder_number": "TAKEN-1"}, "folder_number"),
    ],
)
def test_the_edit_form_refuses_as_the_first_one_does(
    nurse: Client, cast: Cast, changes: Any, field: str
) -> None:
    PatientFactory(clinic=cast.clinic, first_name="Sipho", folder_number="taken1")
    register(nurse)
    assert set(errors(edit(nurse, fatima(), **changes))) == {field}


def test_a_number_that_is_asked_for_somebody_else_is_refused_beside_it(nurse: Client, cast: Cast) -> None:
    register(nurse)
    confirm(nurse, fatima(), code=code())
    invitation_create(
        patient=fatima(),
        relation=Relation.GUARDIAN,
        phone="+27835550117",
        invited_by=cast.nurse,
        now=timezone.now(),
    )
    refused = edit(nurse, fatima(), phone="083 555 0117", sex="x")
    assert "already been sent there" in errors(refused)["phone"]
    assert (str(fatima().phone), fatima().sex) == (NUMBER, "f")


def test_a_folder_number_that_is_taken_meanwhile_is_said_above_the_form(
    nurse: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    PatientFactory(clinic=cast.clinic, first_name="Sipho", folder_number="TAKEN-1")
    register(nurse)
    monkeypatch.setattr("home.admin.patients.numbers_check", lambda *args, **kwargs: set())
    monkeypatch.setattr(Patient, "validate_unique", lambda *args, **kwargs: None)
    monkeypatch.setattr(Patient, "validate_constraints", lambda *args, **kwargs: None)
    refused = edit(nurse, fatima(), folder_number="TAKEN-1")
    assert "has just registered" in errors(refused)["__all__"]
    assert fatima().folder_number == "WYN-00417"


def test_saying_yes_twice_at_one_moment_is_once(nurse: Client, cast: Cast) -> None:
    register(nurse)
    pk = Invitation.objects.get().pk
    number_agreed(invitation_id=pk, now=timezone.now())
    with pytest.raises(Exception, match="no longer works"):
        number_agreed(invitation_id=pk, now=timezone.now())
    assert CareRole.objects.filter(patient=fatima()).count() == 1
