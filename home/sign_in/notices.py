"""What a person is told when the ways in to their account change, by the names of allauth's own mails."""

from django.utils.translation import gettext_lazy as _

NOTICES = {
    "account/email/password_changed": _("Your MedGuard password was changed."),
    "account/email/password_reset": _("Your MedGuard password was replaced by a new one."),
    "account/email/password_set": _("Your MedGuard account has a password now."),
    "mfa/email/recovery_codes_generated": _("Your MedGuard account has new recovery codes."),
    "mfa/email/totp_activated": _("Your MedGuard account has a second step at sign-in now."),
    "mfa/email/totp_deactivated": _("The second step at sign-in of your MedGuard account was removed."),
}
