"""What the SMS providers take, as head office writes it down from their lists or bills."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList

from notifications.admin.export import ExportingViewSet
from notifications.admin.menu import SETTINGS
from notifications.channels.sms.gateways.registry import GATEWAYS
from notifications.models import SmsPrice


def provider_choices() -> list[tuple[str, Any]]:
    return [(name, gateway.label) for name, gateway in GATEWAYS.items()]


class SmsPriceForm(WagtailAdminModelForm):
    provider = forms.ChoiceField(label=_("Provider"), choices=provider_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = timezone.localdate()


class SmsPriceViewSet(ExportingViewSet):
    """A new price is a new row with its day: what was sent before it keeps what it cost."""

    model = SmsPrice
    name = "sms_prices"
    url_prefix = "sms-prices"
    icon = "tag"
    menu_label = _("Prices of SMS")
    menu_hook = SETTINGS
    menu_order = 45
    add_words = _("Add a price")
    copy_view_enabled = False
    list_display = ["provider", "prefix", "per_part", "valid_from"]
    edit_handler = ObjectList(
        [
            FieldPanel("provider"),
            FieldRowPanel([FieldPanel("prefix"), FieldPanel("per_part")]),
            FieldPanel("valid_from"),
        ],
        base_form_class=SmsPriceForm,
    )
