"""A patient's medicines. Included under the language prefix."""

from django.urls import path

from medications.views import (
    adherence,
    dose_answers,
    dose_form,
    history,
    medicines,
    record,
    today,
    vaccinations,
)

app_name = "medications"

urlpatterns = [
    path("today/", today.today, name="today"),
    path("doses/<int:dose_id>/", dose_answers.dose, name="dose"),
    path("doses/<int:dose_id>/take/", dose_answers.take, name="dose_take"),
    path("doses/<int:dose_id>/skip/", dose_answers.skip, name="dose_skip"),
    path("doses/<int:dose_id>/snooze/", dose_answers.snooze, name="dose_snooze"),
    path("doses/<int:dose_id>/undo/", dose_answers.undo, name="dose_undo"),
    path("doses/<int:dose_id>/answer/", dose_form.answer, name="dose_answer"),
    path("medicines/", medicines.medicines, name="medicines"),
    path("medicines/<int:prescription_id>/", medicines.medicine, name="medicine"),
    path("medicines/<int:prescription_id>/collected/", medicines.collected, name="collected"),
    path("adherence/", adherence.adherence, name="adherence"),
    path("treatment/<int:patient_id>/csv/", adherence.treatment_as_csv, name="treatment_csv"),
    path("treatment/<int:patient_id>/fhir/", adherence.treatment_as_fhir, name="treatment_fhir"),
    path("medicines/<int:prescription_id>/record/", record.record, name="record"),
    path("medicines/<int:prescription_id>/history/", history.history, name="history"),
    path("vaccinations/", vaccinations.vaccinations, name="vaccinations"),
    path("vaccinations/<int:patient_id>/card/", vaccinations.vaccination_card, name="vaccination_card"),
]
