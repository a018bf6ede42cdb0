"""A clinic with a row of each kind, another one beside it, and eight people who may or may not see them."""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.core.files.base import ContentFile
from django.utils import timezone
from knox.models import AuthToken
from wagtail.admin.models import EditingSession
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Page,
    PageViewRestriction,
    Site,
    Task,
    UploadedFile,
    Workflow,
)

from events.models import CalendarFeed, Programme, SeriesDate
from home.models import (
    Clinic,
    Consent,
    Conversation,
    DataExport,
    Erasure,
    Import,
    ImportRow,
    Invitation,
    Region,
    RegionRole,
    Relation,
    StaffInvitation,
    StaffRole,
    Transfer,
    User,
)
from notifications import registry
from notifications.channels.email.unsubscribe_links import token_for as unsubscribe_token
from notifications.models import (
    Announcement,
    EventRecord,
    InboundMessage,
    MessagePrice,
    MessageSeries,
    NotificationTemplate,
    PeriodicTask,
    PushSubscription,
    VoiceClip,
    WhatsAppTemplate,
)
from notifications.models.announcement import WORKFLOW
from notifications.quick_replies import token_for as answer_token
from notifications.types import Category
from tests.events.factories import AttendanceFactory, ClinicEventFactory, EventSeriesFactory, VisitFactory
from tests.factories import CareRoleFactory, ClinicFactory, PatientFactory, StaffRoleFactory, UserFactory
from tests.medications.factories import (
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
    VaccinationRecordFactory,
    VaccineFactory,
)
from tests.notifications.factories import DeliveryFactory, NotificationFactory

OURS = "Marikana"
"""Stands in each name of the first clinic's rows: nobody from elsewhere ever reads it."""
TOKEN = "a-token-that-was-sent"


@dataclass
class World:
    """`rows` are those of the first clinic, by the name of an address's argument or of a group of addresses."""

    people: dict[str, Any]
    rows: dict[str, object]
    tokens: dict[str, str] = field(default_factory=dict)


def build(word: str = OURS) -> World:
    """In the transaction of the caller, at the present moment; with this word in all names of the first clinic."""
    clinic, elsewhere = ClinicFactory(name=f"Clinic {word}"), ClinicFactory(name="Clinic Elsewhere")
    people = {
        "anonymous": AnonymousUser(),
        "patient": UserFactory(first_name="Pieter", last_name=word, email="patient@example.org"),
        "carer": UserFactory(first_name="Anna", last_name=word, email="carer@example.org"),
        "stranger": UserFactory(first_name="Zanele", email="stranger@example.org"),
        "nurse": UserFactory(first_name="Sister", last_name=word, email="nurse@example.org"),
        "other_nurse": UserFactory(first_name="Brother", email="other_nurse@example.org"),
        "manager": UserFactory(first_name="Manager", last_name=word, email="manager@example.org"),
        "head_office": UserFactory(first_name="Head", email="head_office@example.org", is_superuser=True),
    }
    StaffRoleFactory(clinic=clinic, user=people["nurse"])
    StaffRoleFactory(clinic=clinic, user=people["manager"], role=StaffRole.Role.MANAGER)
    StaffRoleFactory(clinic=elsewhere, user=people["other_nurse"])
    rows = _of_clinic(clinic, word, [people["patient"], people["carer"]])
    _of_clinic(elsewhere, "Elsewhere", [people["stranger"]])
    rows |= _of_all_clinics(people)
    tokens = {name: AuthToken.objects.create(user=user)[1] for name, user in people.items() if user.pk}
    return World(people, rows, tokens)


def _of_clinic(clinic: Clinic, word: str, people: list[User]) -> dict[str, object]:
    """Everything of a patient of this clinic, cared for by these people, the first of whom the messages are for."""
    now = timezone.now()
    patient = PatientFactory(clinic=clinic, first_name="Pieter", last_name=word)
    relations = [Relation.SELF, Relation.CARER]
    for user, relation in zip(people, relations, strict=False):
        CareRoleFactory(patient=patient, user=user, relation=relation, alert_missed=True)
    reader = people[0]
    prescription = PrescriptionFactory(patient=patient, instructions_en=f"With food, {word}")
    dose = DoseFactory(
        schedule=DoseScheduleFactory(prescription=prescription), due_at=now - timedelta(minutes=5)
    )
    StockBatchFactory(prescription=prescription, batch_number=f"Home {word}")
    stock = StockBatchFactory(
        prescription=None, clinic=clinic, medicine=prescription.medicine, batch_number=f"Shelf {word}"
    )
    vaccination = VaccinationRecordFactory(patient=patient, next_due_date=now.date())
    event = ClinicEventFactory(clinic=clinic, title_en=f"Club {word}", starts_at=now + timedelta(days=2))
    attendance = AttendanceFactory(event=event, user=reader)
    visit = VisitFactory(patient=patient, day=now.date() + timedelta(days=2), note=f"Of {word}")
    about = {"recipient": reader, "scope_id": clinic.pk, "subject_id": patient.pk}
    message = NotificationFactory(**about, title=f"For {word}", body=f"To {word}.")
    delivery = DeliveryFactory(notification=message, channel="email", address=f"{word}@example.org")
    waiting = NotificationFactory(
        **about,
        title=f"Later for {word}",
        scheduled_status="pending",
        scheduled_at=now + timedelta(days=1),
        sent_at=None,
    )
    device = PushSubscription.objects.create(
        user=reader, endpoint=f"https://push.example.org/{word}", device=word, created_at=now
    )
    feed = CalendarFeed.objects.create(user=reader, created_at=now)
    invitation = Invitation.objects.create(
        patient=patient,
        relation=Relation.CARER,
        phone="+27825550142",
        digest=Invitation.digest_of(TOKEN + word),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    to_work = StaffInvitation.objects.create(
        clinic=clinic,
        role=StaffRole.Role.NURSE,
        email=f"new.{word.lower()}@example.org",
        digest=StaffInvitation.digest_of(f"{TOKEN}-to-work{word}"),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    consent = Consent.objects.filter(user=reader).latest("pk")
    export = DataExport.objects.create(
        user=reader,
        state="ready",
        due_at=now,
        asked_at=now,
        expires_at=now + timedelta(days=1),
        **DataExport.sealed(word.encode()),
    )
    erasure = Erasure.objects.create(
        patient=PatientFactory(clinic=clinic, first_name="Gone", last_name=word),
        asked_by=reader,
        asked_at=now,
        due_at=now,
    )
    transfer = Transfer.objects.create(
        patient=PatientFactory(clinic=clinic, first_name="Moving", last_name=word),
        from_clinic=clinic,
        to_clinic=ClinicFactory(name=f"Third for {word}"),
        asked_at=now,
    )
    programme = Programme.objects.create(title_en=f"Programme {word}")
    series = EventSeriesFactory(clinic=clinic, title_en=f"Series {word}", programme=programme)
    SeriesDate.objects.create(
        series=series, clinic=clinic, starts_at=now, outcome=SeriesDate.Outcome.MADE, noted_at=now
    )
    text = InboundMessage.objects.create(
        provider="file",
        provider_id=word,
        user=reader,
        text=f"Written by {word}",
        received_at=now,
        due_at=now,
        finished_at=now,
        interpretation="unknown_words",
        scope_id=clinic.pk,
        subject_id=patient.pk,
    )
    conversation = Conversation.objects.create(
        clinic=clinic, patient=patient, user=reader, channel="sms", opened_at=now, last_at=now, last_text=text
    )
    run = Import.objects.create(
        kind="patients",
        clinic=clinic,
        file_name=f"Of {word}.csv",
        digest=word,
        headings='["Name", "Surname"]',
        state="checked",
        uploaded_at=now,
        due_at=now,
        finished_at=now,
    )
    ImportRow.objects.create(
        of=run,
        number=2,
        state="refused",
        cells=json.dumps(["Pieter", word]),
        said=json.dumps({"name": f"Pieter {word}", "problems": [["phone", f"Not of {word}"]]}),
    )
    announcement = Announcement.objects.create(
        live=False,
        title={"en": f"Closed, {word}", "af": f"Gesluit, {word}"},
        message={"en": "On Friday.", "af": "Vrydag."},
        audiences=["patients"],
        within={"clinic": clinic.pk},
        delete_at=now + timedelta(days=1),
    )
    announcement.save_revision()
    message_series = MessageSeries.objects.create(
        live=False,
        name=f"After a birth, {word}",
        start="birth",
        steps=[{"day": 1, "title": announcement.title, "message": announcement.message}],
        within={"clinic": clinic.pk},
    )
    message_series.save_revision()
    return {
        "act": "start",
        "announcements": announcement.pk,
        "message_series": message_series.pk,
        "attendance_id": attendance.pk,
        "device_id": device.pk,
        "dose_id": dose.pk,
        "erasure_id": erasure.pk,
        "erasures": erasure.pk,
        "event_id": event.pk,
        "export_id": export.pk,
        "key": feed.key,
        "message_id": message.pk,
        "notification_id": message.pk,
        "patient_id": patient.pk,
        "my_data:erasure": patient.pk,
        "prescription_id": prescription.pk,
        "clinic_events": event.pk,
        "clinic_stock": stock.pk,
        "clinics": clinic.pk,
        "consents": consent.pk,
        "conversations": conversation.pk,
        "event_series": series.pk,
        "invitation:token": TOKEN + word,
        "imports": run.pk,
        "import_id": run.pk,
        "invitations": invitation.pk,
        "staff_invitation:token": f"{TOKEN}-to-work{word}",
        "staff_invitations": to_work.pk,
        "notification_deliveries": delivery.pk,
        "notification_messages": message.pk,
        "notification_scheduled": waiting.pk,
        "patient_chooser": patient.pk,
        "patients": patient.pk,
        "prescriptions": prescription.pk,
        "programmes": programme.pk,
        "transfers": transfer.pk,
        "staff": StaffRole.objects.filter(clinic=clinic).order_by("pk").values_list("pk", flat=True)[0],
        "vaccinations": vaccination.pk,
        "visit_id": visit.pk,
        "visits": visit.pk,
        "notifications:answer": answer_token(message.pk, "take"),
        "notifications:unsubscribe": unsubscribe_token(reader.pk, [Category.SYSTEM]),
    }


def _of_all_clinics(people: dict[str, Any]) -> dict[str, object]:
    """What belongs to the site: its pages, pictures, texts, tasks and accounts."""
    now = timezone.now()
    page = Page.objects.filter(depth=2).get()
    child = (page.get_children().first() or page).specific
    image = Image.objects.create(title="A picture", file=get_test_image_file())
    document = Document.objects.create(title="A paper", file=ContentFile(b"text", name="paper.txt"))
    template = _template("medication.dose_due")
    broken = EventRecord.objects.create(
        event_type="medication.dose_due",
        payload={},
        state="failed",
        created_at=now,
        due_at=now,
        finished_at=now,
        delete_at=now,
    )
    upload = UploadedFile.objects.create(
        file=ContentFile(b"text", name="u.txt"), uploaded_by_user=people["head_office"]
    )
    session = EditingSession.objects.create(
        user=people["head_office"], content_object=child, last_seen_at=now
    )
    restriction = PageViewRestriction.objects.create(page=child, restriction_type="password", password="p")
    workflow = Workflow.objects.exclude(name=WORKFLOW).get()
    collection = Collection.get_first_root_node().add_child(name="A")
    revision = child.save_revision()
    in_workflow = workflow.start(child, people["head_office"])
    hidden = CollectionViewRestriction(collection=collection, restriction_type="password", password="p")
    hidden.save()
    task, _new = PeriodicTask.objects.get_or_create(
        name="Old notifications", defaults={"cron": "0 3 * * *", "last_slot": now}
    )
    clip = VoiceClip.objects.create(
        text="greeting", language="en", file=ContentFile(b"sound", name="hello.wav")
    )
    district = Region.objects.create(name="A district")
    return {
        "voice:key": clip.key,
        "voice_clips": clip.pk,
        "destination_id": page.pk,
        "doc_id": document.pk,
        ":kind": "csv",
        "districts": district.pk,
        "district_managers": RegionRole.objects.create(region=district, user=UserFactory()).pk,
        "document_id": document.pk,
        "filename": document.filename,
        "image_id": image.pk,
        "path": image.get_rendition("width-100").file.name.removeprefix("images/"),
        "medicines": MedicineFactory().pk,
        "notification_publications": broken.pk,
        "documents": document.pk,
        "images": image.pk,
        "pages": child.pk,
        "wagtailadmin_pages": child.pk,
        "object_id": child.pk,
        "page_id": child.pk,
        "page_pk": child.pk,
        "page_to_move_id": child.pk,
        "page_view_restriction_id": restriction.pk,
        "parent_page_id": page.pk,
        "periodic_tasks": task.pk,
        "message_prices": MessagePrice.objects.create(
            provider="twilio", amount=Decimal("0.25"), valid_from=timezone.localdate()
        ).pk,
        "restriction_id": hidden.pk,
        "revision_id": revision.pk,
        "session_id": session.pk,
        "task_id": Task.objects.exclude(name=WORKFLOW).get().pk,
        "task_state_id": in_workflow.current_task_state.pk,
        "uploaded_file_id": upload.pk,
        "user_pk": people["patient"].pk,
        "vaccines": VaccineFactory().pk,
        "category": "stock",
        "rule": "quiet-hours",
        "collection_id": collection.pk,
        "wagtailadmin_collections": collection.pk,
        "whatsapp_templates": WhatsAppTemplate.objects.create(
            name="medguard_message", language="en", body="You have a message from your clinic."
        ).pk,
        "wagtailadmin_workflows": workflow.pk,
        "wagtaildocs_chooser": document.pk,
        "wagtailimages_chooser": image.pk,
        "wagtailsites": Site.objects.get().pk,
        "wagtailsnippets_notifications_notificationtemplate": template.pk,
        "wagtailsnippets_notifications_notificationtemplate:revision_id": template.save_revision().pk,
        "wagtailusers_groups": Group.objects.get(name="Nurses").pk,
        "wagtailusers_users": people["patient"].pk,
        "workflow_pk": workflow.pk,
        "workflow_state_id": in_workflow.pk,
    }


def _template(event_type: str) -> NotificationTemplate:
    """With the built-in words."""
    texts = registry.get(event_type).texts
    words = {
        f"{name}_{language}": value for language in texts for name, value in asdict(texts[language]).items()
    }
    return NotificationTemplate.objects.create(event_type=event_type, **words)
