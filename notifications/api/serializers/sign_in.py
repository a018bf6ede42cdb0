"""Signing in."""

from rest_framework import serializers

from notifications.api.fields import Body, Moment, Text

MAX_EMAIL = 254


class SignInSerializer(Body):
    email = Text(max_length=MAX_EMAIL)
    password = Text(max_length=1000, trim_whitespace=False)
    code = Text(
        max_length=20,
        required=False,
        help_text="The code of the second step, for those who have set one up. Each works once.",
    )

    def validate_email(self, email: str) -> str:
        """As it is kept; a letter may become two in that."""
        email = email.lower()
        if len(email) > MAX_EMAIL:
            self.fields["email"].fail("max_length", max_length=MAX_EMAIL)
        return email


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(help_text="For the header `Authorization: Token …`. It is shown only once.")
    expiry = Moment(help_text="The token is valid until then.")
