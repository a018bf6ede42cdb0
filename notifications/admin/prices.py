"""What the providers take, as head office writes it down from their lists or bills."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList

from notifications.admin.export import ExportingViewSet
from notifications.admin.menu import SETTINGS
from notifications.channels.sms.gateways.registry import GATEWAYS as SMS
from notifications.channels.voice.gateways.registry import GATEWAYS as VOICE
from notifications.channels.whatsapp.gateways.registry import GATEWAYS as WHATSAPP
from notifications.models import MessagePrice
from notifications.rules.prices import Unit

PROVIDERS: Mapping[str, Mapping[str, Any]] = {
    Unit.SMS_PART: SMS,
    Unit.TEMPLATE: WHATSAPP,
    Unit.FREE_TEXT: WHATSAPP,
    Unit.CALL: VOICE,
    Unit.MINUTE: VOICE,
}
"""Who may take money for what."""


def provider_choices() -> list[tuple[str, Any]]:
    """Each once, whatever it is for; one that does several things is called the same for all of them."""
    return list({name: each.label for those in PROVIDERS.values() for name, each in those.items()}.items())


class MessagePriceForm(WagtailAdminModelForm):
    provider = forms.ChoiceField(label=gettext_lazy("Provider"), choices=provider_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        unit, provider = cleaned.get("unit"), cleaned.get("provider")
        if unit and provider and provider not in PROVIDERS[unit]:
            possible = ", ".join(str(each.label) for each in PROVIDERS[unit].values())
            said = _("This provider has nothing to do with that. Choose one of these: %(providers)s.")
            self.add_error("provider", ValidationError(said % {"providers": possible}, code="provider"))
        return cleaned


class MessagePriceViewSet(ExportingViewSet):
    """A new price is a new row with its day: what was sent before it keeps what it cost."""

    model = MessagePrice
    name = "message_prices"
    url_prefix = "message-prices"
    icon = "tag"
    menu_label = gettext_lazy("Prices of messages")
    menu_hook = SETTINGS
    menu_order = 45
    add_words = gettext_lazy("Add a price")
    copy_view_enabled = False
    list_display = ["get_unit_display", "provider", "prefix", "amount", "valid_from"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("unit"), FieldPanel("provider")]),
            FieldRowPanel([FieldPanel("prefix"), FieldPanel("amount")]),
            FieldPanel("valid_from"),
        ],
        base_form_class=MessagePriceForm,
    )
