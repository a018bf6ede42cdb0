"""The template of the dose reminder, published, so that a nurse can change it right away."""

from notifications import registry
from notifications.admin.template_form import initial_texts
from notifications.models import NotificationTemplate

_TYPE = "medication.dose_due"


def publish_template() -> None:
    """Publish the built-in words as a template, unless there is one."""
    if NotificationTemplate.objects.filter(event_type=_TYPE).exists():
        return
    template = NotificationTemplate(event_type=_TYPE, live=False, **initial_texts(registry.get(_TYPE)))
    template.full_clean()
    template.save()
    template.save_revision().publish()
