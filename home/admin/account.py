"""What somebody on the staff sets for themselves: as Wagtail has it, without a choice of colours."""

from django import forms
from wagtail.admin.auth import require_admin_access
from wagtail.admin.forms.account import ThemePreferencesForm
from wagtail.admin.views import account


class _ViewingForm(ThemePreferencesForm):
    """Light and dark follow the computer, as on the pages of patients."""

    class Meta(ThemePreferencesForm.Meta):
        fields = [name for name in ThemePreferencesForm.Meta.fields if name != "theme"]


class _ViewingPanel(account.ThemeSettingsPanel):
    form_class: type[forms.ModelForm] = _ViewingForm  # type: ignore[type-arg]  # Django's take no arguments when they run


class AccountView(account.AccountView):
    def get_panels(self) -> list[account.BaseSettingsPanel]:
        return [
            _ViewingPanel(panel.request, panel.user, panel.profile)
            if isinstance(panel, account.ThemeSettingsPanel)
            else panel
            for panel in super().get_panels()
        ]


account_page = require_admin_access(AccountView.as_view())
