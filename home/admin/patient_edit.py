"""Saving a patient: the log keeps what was changed, from what to what, and it leads back to the patient's page."""

from typing import Any

from django.urls import reverse
from wagtail.admin.views.generic import EditView
from wagtail.log_actions import log

from home.models import CareRole, Patient
from home.record.log_entries import EDIT, changes_between, hidden_changes, values_of


class LoggedEditView(EditView):
    def save_instance(self) -> Patient:
        before = Patient.objects.select_related("clinic").get(pk=self.object.pk)
        roles = _roles(before)
        patient: Patient = self.form.instance
        action = self.action_class(patient, user=self.request.user, form=self.form, log_action=False)
        action.execute(skip_permission_checks=True)
        data = {
            "changes": changes_between(
                values_of(before), values_of(patient), real=hidden_changes(before, patient)
            ),
            "people": list(_people(roles, _roles(patient))),
        }
        said = {name: each for name, each in data.items() if each}
        if said or self.form.has_changed():
            log(instance=patient, action=EDIT, user=self.request.user, data=said, content_changed=True)
        return patient

    def get_success_url(self) -> str:
        return reverse("patients:record", args=[self.object.pk])


def _roles(patient: Patient) -> dict[int, CareRole]:
    return {role.user_id: role for role in CareRole.objects.filter(patient_id=patient.pk)}


def _people(before: dict[int, CareRole], after: dict[int, CareRole]) -> Any:
    """What the log's `people` says: by their ids alone, so that a name that is erased isn't there."""
    for user_id, role in before.items():
        now = after.get(user_id)
        if now is None:
            yield {"user": user_id, "what": "removed"}
            continue
        if now.relation != role.relation:
            yield {"user": user_id, "what": "relation", "relation": now.relation}
        if now.alert_missed != role.alert_missed:
            yield {"user": user_id, "what": "told" if now.alert_missed else "not_told"}
