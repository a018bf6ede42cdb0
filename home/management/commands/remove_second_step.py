"""Lets somebody in again who lost the phone and the recovery codes: python manage.py remove_second_step ADDRESS."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from home.selectors import person_at
from home.sign_in.notices import NOTICES
from home.transactional.codes import account_changed_message
from home.transactional.queue import enqueue
from notifications.selectors.people import language_of


class Command(BaseCommand):
    help = "Remove the second step of the person with this e-mail address or number, who is told. Be sure who asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_at(options["address"])
        if user is None:
            raise CommandError("Nobody has this e-mail address or phone number.")
        with transaction.atomic():
            factors = list(Authenticator.objects.filter(user=user))
            Authenticator.objects.filter(user=user).delete()
            for factor in factors:
                authenticator_removed.send(Authenticator, request=None, user=user, authenticator=factor)
        if factors:
            kind, address = user.main_address()
            said = NOTICES["mfa/email/totp_deactivated"]
            enqueue(account_changed_message(kind, address, said, language=language_of(user.pk)))
        self.stdout.write("The second step is removed." if factors else "There was no second step.")
