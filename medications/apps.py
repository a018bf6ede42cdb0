from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_NURSES_TOO = (
    *(
        f"{action}_{model}"
        for action in ("view", "add", "change")
        for model in ("prescription", "stockbatch")
    ),
    *(f"{action}_vaccinationrecord" for action in ("view", "add", "change", "delete")),
    "view_vaccine",
    "view_medicine",
)
_MANAGERS = ("add_medicine", "change_medicine", "delete_medicine")


class MedicationsConfig(AppConfig):
    name = "medications"
    verbose_name = _("Medication")

    def ready(self) -> None:
        """Connect the receivers. They import models, which is possible only once the apps are ready."""
        import_module("medications.receivers")
        import_module("medications.presentation.record_history")
        groups = import_module("home.groups")
        groups.permit(*(f"medications.{codename}" for codename in _NURSES_TOO))
        groups.permit(*(f"medications.{codename}" for codename in _MANAGERS), groups=(groups.MANAGERS,))
