"""A patient's medicines. Included under the language prefix."""

from django.urls import path

from medications.views import adherence, medicines, today, vaccinations

app_name = "medications"

urlpatterns = [
    path("today/", today.today, name="today"),
    path("doses/<int:dose_id>/", today.dose, name="dose"),
    path("doses/<int:dose_id>/take/", today.take, name="dose_take"),
    path("doses/<int:dose_id>/skip/", today.skip, name="dose_skip"),
    path("doses/<int:dose_id>/snooze/", today.snooze, name="dose_snooze"),
    path("doses/<int:dose_id>/undo/", today.undo, name="dose_undo"),
    path("medicines/", medicines.medicines, name="medicines"),
    path("medicines/<int:prescription_id>/", medicines.medicine, name="medicine"),
    path("medicines/<int:prescription_id>/collected/", medicines.collected, name="collected"),
    path("adherence/", adherence.adherence, name="adherence"),
    path("treatment/<int:patient_id>/csv/", adherence.treatment_as_csv, name="treatment_csv"),
    path("treatment/<int:patient_id>/fhir/", adherence.treatment_as_fhir, name="treatment_fhir"),
    path("vaccinations/", vaccinations.vaccinations, name="vaccinations"),
    path("vaccinations/<int:patient_id>/card/", vaccinations.vaccination_card, name="vaccination_card"),
]
