"""A user, who signs in with an e-mail address or a phone number, because many patients have no e-mail."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from notifications.encryption.fields import EncryptedPhoneField, IndexOf
from notifications.phone_numbers import as_phone
from notifications.texts.formats import isolated


class UserManager(BaseUserManager["User"]):
    use_in_migrations = False

    def create_user(
        self, email: str | None = None, phone: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        """A new person; without a password they sign in with a code.

        The caller vouches for the addresses: they count as verified from `date_joined` on, which is now unless
        given. ValueError when there is neither an e-mail address nor a phone number, or the number is not valid.
        """
        if not email and not phone:
            raise ValueError("A user needs an e-mail address or a phone number.")
        number = as_phone(str(phone)) if phone else None
        if phone and number is None:
            raise ValueError(f"{phone} is not a phone number.")
        user = self.model(email=email, phone=number, **fields)
        for kind, address in (("email", email), ("phone", number)):
            if address and f"{kind}_verified_at" not in fields:
                setattr(user, f"{kind}_verified_at", user.date_joined)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str | None = None, phone: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        """Head office: sees every clinic."""
        return self.create_user(email, phone, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Patients are people who are cared for, and may have no user of their own.

    Nothing clinical is sent to an address that hasn't been verified (docs/decisions/0050).
    """

    email = models.EmailField(_("e-mail address"), null=True, blank=True, unique=True)
    phone = EncryptedPhoneField(_("phone number"), null=True, blank=True, max_length=20, indexed=True)
    email_verified_at = models.DateTimeField(
        _("e-mail address verified"), null=True, blank=True, editable=False
    )
    phone_verified_at = models.DateTimeField(
        _("phone number verified"), null=True, blank=True, editable=False
    )
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    """From then on nobody signs in here, and nobody's name or address is here: the row is what messages hang on."""

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email__isnull=False)
                | models.Q(phone__isnull=False)
                | models.Q(erased_at__isnull=False),
                name="user_email_or_phone",
                violation_error_message=_("Give an e-mail address or a phone number."),
            ),
            models.CheckConstraint(
                condition=models.Q(email__isnull=True) | models.Q(email=Lower("email")),
                name="user_email_lower_case",
            ),
            models.UniqueConstraint(IndexOf("phone"), name="user_phone_once"),
        ]

    def __str__(self) -> str:
        # Not by `erased_at`, which lists of names don't load.
        return isolated(self.get_full_name()) or self.email or str(self.phone or gettext("Erased person"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._tidy_addresses()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self._tidy_addresses()
        if self.email is None and self.phone is None and self.erased_at is None:
            raise ValidationError(_("Give an e-mail address or a phone number."), code="user_email_or_phone")
        if self.phone and User.objects.filter(phone=self.phone).exclude(pk=self.pk).exists():
            # The constraint says the same, but not beside the field.
            raise ValidationError({"phone": _("There is already somebody with this phone number.")})

    def _tidy_addresses(self) -> None:
        """Lower-case e-mail; NULL for none, since two empty texts would clash as the same address."""
        self.email = (self.email or "").strip().lower() or None
        if not isinstance(self.phone, PhoneNumber):
            self.phone = None

    def main_address(self) -> tuple[str, str]:
        """Where a person is told what happens to their account: ("email", …), or ("phone", …) without one."""
        return ("email", self.email) if self.email else ("phone", str(self.phone))

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.get_full_name() or str(self)
