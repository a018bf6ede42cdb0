"""What head office still has to do before a clinic can start: a page, and a panel on the first page until it is done.

It reads the environment and changes nothing of it: it names the variables, and whoever runs the machine sets them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.auth import permission_denied
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.models import Clinic, StaffRole

SENDER_FOR_TRYING_OUT = "medguard.test"
"""The domain of the sender that mail has unless another is set; nobody receives anything there."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what it is, how in plain words, by which variables and on which pages.

    What isn't `needed` to begin is worth doing all the same.
    """

    title: str
    is_done: bool
    how: str
    variables: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    needed: bool = True


def first_steps() -> list[Step]:
    """All steps in their order, in the active language. Two queries."""
    return [*_people(), *_site(), *_ways()]


def left(steps: list[Step]) -> int:
    """How many of these must still be done before a clinic can start."""
    return sum(step.needed and not step.is_done for step in steps)


def _people() -> list[Step]:
    nurses = StaffRole.objects.filter(role=StaffRole.Role.NURSE, clinic__isnull=False, user__is_active=True)
    return [
        Step(
            _("The first clinic"),
            Clinic.objects.exists(),
            _("Give its name and its phone number, which patients are told to call."),
            links=((_("Add a clinic"), reverse("clinics:add")),),
        ),
        Step(
            _("The first nurse"),
            nurses.exists(),
            _(
                "Invite the nurse by e-mail: nurses choose their own password, and set up the second step. Who has no "
                "e-mail address gets an account with a phone number; then say at which clinic they work."
            ),
            links=(
                (_("Invite somebody"), reverse("staff_invitations:add")),
                (_("Make an account"), reverse("wagtailusers_users:add")),
                (_("Say where they work"), reverse("staff:add")),
            ),
        ),
    ]


def _site() -> list[Step]:
    return [
        Step(
            _("The site’s address"),
            _is_on_https(),
            _(
                "It must begin with https://, so that nobody reads along, and notifications work on phones. Messages "
                "link to it. A proxy in front of the site does the encryption; say how many there are. It is "
                "%(url)s now."
            )
            % {"url": settings.WAGTAILADMIN_BASE_URL},
            ("BASE_URL", "TRUSTED_PROXIES"),
        ),
        Step(
            _("A key of its own for what is encrypted"),
            bool(settings.FIELD_ENCRYPTION_KEYS),
            _(
                "Phone numbers, answers and backups are encrypted. Without a key of its own the site makes one from "
                "SECRET_KEY, and who loses that loses both. Keep a copy where the backups are not."
            ),
            ("FIELD_ENCRYPTION_KEYS",),
            needed=False,
        ),
        Step(
            _("Who is told of errors"),
            bool(settings.ADMINS),
            _("These people get a mail when the site runs into an error. No patient is named in it."),
            ("ADMINS",),
            needed=False,
        ),
    ]


def _ways() -> list[Step]:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return [
        Step(
            _("The sender of e-mail"),
            not sender.endswith(f"@{SENDER_FOR_TRYING_OUT}"),
            _("An address of yours that people may answer. It is %(sender)s now.") % {"sender": sender},
            ("DEFAULT_FROM_EMAIL",),
        ),
        Step(
            _("How e-mail leaves"),
            not settings.EMAIL_FILE_PATH,
            _(
                "Your mail server, or an e-mail service. Until then e-mail is written to files, and reaches nobody."
            ),
            ("EMAIL_URL",),
        ),
        Step(
            _("How SMS leave"),
            "file" not in settings.SMS_PROVIDERS,
            _(
                "A provider of SMS, and its keys. Until then SMS are written to files, and reach nobody: a patient "
                "with a plain phone gets no reminder."
            ),
            ("SMS_PROVIDERS", "AFRICASTALKING_*", "TWILIO_*"),
        ),
        Step(
            _("Answers by SMS"),
            settings.SMS_REPLIES,
            _(
                "So that patients can answer 1 for taken, and STOP. Lead the provider’s answers to this site, as the "
                "operations guide says, and then turn it on."
            ),
            ("SMS_REPLIES",),
            needed=False,
        ),
        Step(
            _("Notifications on phones"),
            _is_on_https(),
            _(
                "They cost nothing, and work as soon as the address begins with https://. The key is made by itself. "
                "Keep it: with another key everybody has to turn them on anew."
            ),
            ("VAPID_PRIVATE_KEY", "VAPID_SUBJECT"),
            needed=False,
        ),
    ]


def _is_on_https() -> bool:
    return bool(settings.WAGTAILADMIN_BASE_URL.startswith("https://"))


class FirstStepsView(WagtailAdminTemplateMixin, TemplateView):
    """For head office alone."""

    page_title = gettext_lazy("First steps")
    header_icon = "list-ul"
    template_name = "home/admin/first_steps.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = first_steps()
        return {**super().get_context_data(**kwargs), "steps": steps, "left": left(steps)}


class FirstStepsPanel(Component):
    """How many steps are left, for head office of a real site; nothing once all that is needed is done. Two queries."""

    name = "first_steps"
    template_name = "home/admin/first_steps_panel.html"
    order = 10

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        if settings.DEBUG or not parent_context["request"].user.is_superuser:
            return {"left": 0}
        steps = first_steps()
        missing = [step.title for step in steps if step.needed and not step.is_done]
        return {"left": left(steps), "missing": missing}
