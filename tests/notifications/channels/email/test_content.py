"""What a mail server gets is the very mail that Django would have sent."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.core.mail import EmailMultiAlternatives

from notifications.channels.email.content import content

LONG = "Take it with food. " * 60


def mail(**changes: str) -> EmailMultiAlternatives:
    said = {"subject": "You have a reminder", "text": "It is time.", "html": "<p>It is time.</p>", **changes}
    made = EmailMultiAlternatives(
        said["subject"],
        said["text"],
        "MedGuard <reminders@clinic.example>",
        ["thandi@example.org"],
        headers={"Message-ID": "<medguard-7@clinic.example>", "Date": "Tue, 24 Nov 2026 08:00:00 +0200"},
    )
    made.attach_alternative(said["html"], "text/html")
    return made


def read(sent: bytes) -> EmailMessage:
    return message_from_bytes(sent, policy=SMTP)  # type: ignore[return-value]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subject": "U het 'n herinnering – môre", "text": "Môre, reën.", "html": "<p>Môre, reën.</p>"},
        {"subject": "A reminder of what is to come " * 10},
        {"text": "One.\nTwo.\r\nThree.\rFour.\n\n", "html": "<p>\n.\n</p>\r\n"},
        {"text": "From here on.\n.\n--\n-- \n"},
        {"text": LONG},
        {"html": f"<p>{LONG.replace('food', 'reën')}</p>"},
    ],
)
def test_it_is_what_django_makes(changes: dict[str, str]) -> None:
    ours = read(content(mail(**changes)))
    theirs = read(mail(**changes).message().as_bytes(linesep="\r\n"))
    assert ours.get_content_type() == theirs.get_content_type()
    for name, value in theirs.items():
        if not name.startswith("Content-"):
            assert ours.get_all(name) == [value]
    assert len(ours.items()) <= len(theirs.items()) + 1
    parts = [
        [(part.get_content_type(), part.get_content()) for part in each.iter_parts()]
        for each in (ours, theirs)
    ]
    assert parts[0] == parts[1]


def test_no_line_is_longer_than_mail_may_have() -> None:
    for changes in ({"text": LONG}, {"html": LONG}):
        assert max(map(len, content(mail(**changes)).split(b"\r\n"))) <= 998


def test_each_line_ends_as_in_mail() -> None:
    sent = content(mail(text="One.\nTwo.\r\nThree.\rFour."))
    assert sent.count(b"\n") == sent.count(b"\r") == sent.count(b"\r\n")
