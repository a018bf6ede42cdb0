"""Words of the demo: head office's of the dose reminder, which a nurse sees right away, and one clinic's own."""

from wagtail import hooks

from home.models import Clinic
from notifications import registry
from notifications.admin.template_form import initial_texts
from notifications.models import NotificationTemplate

_LOW_STOCK = {
    "title_en": "{{ medicine }} runs out {{ when }}",
    "title_af": "{{ medicine }} raak {{ when }} op",
    "body_en": (
        "{{ supply }} of {{ medicine }} runs out {{ when }}. Fetch more on a weekday between 8 and 12, at window 3. "
        "Bring your clinic card."
    ),
    "body_af": (
        "{{ supply }} van {{ medicine }} raak {{ when }} op. Kom haal nog op ’n weeksdag tussen 8 en 12, by venster 3. "
        "Bring u kliniekkaart saam."
    ),
}


def publish_templates(clinic: Clinic) -> None:
    """Publish the built-in words of the dose reminder as head office's, and this clinic's words of low stock in the
    inbox; each unless there are such.
    """
    dose_due = registry.get("medication.dose_due")
    _publish(dose_due.name, None, initial_texts(dose_due.texts))
    _publish("medication.low_stock", clinic.pk, _LOW_STOCK)


def _publish(event_type: str, scope_id: int | None, texts: dict[str, str]) -> None:
    if NotificationTemplate.objects.filter(event_type=event_type, scope_id=scope_id).exists():
        return
    # Who may publish is said by the hooks, which must be loaded before anybody asks. `migrate` does that, where it ran.
    hooks.search_for_hooks()
    template = NotificationTemplate(event_type=event_type, scope_id=scope_id, live=False, **texts)
    template.full_clean()
    template.save()
    template.save_revision().publish()
