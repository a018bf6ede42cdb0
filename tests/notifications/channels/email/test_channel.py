"""E-mail through a real SMTP server, friendly and otherwise."""

import email
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from notifications.channels import idle
from notifications.channels.email.channel import EmailChannel
from notifications.exceptions import ChannelError
from notifications.types import Item, Message, Priority, QuickReplyOption

BRIEF = 0.3
"""Seconds."""
USUAL = EmailChannel.timeout
"""Seconds after which a server is given up where nobody says otherwise."""

MESSAGE = Message(
    key="medguard-7",
    address="thandi@example.org",
    subject="You have a reminder",
    body="Metformin <b>500 mg</b> is due.\nTake it with food.",
    language="en",
    url="https://clinic.example/en/today/",
    priority=Priority.NORMAL,
)


@dataclass
class Postman:
    """What the server was given. `answers` are what it says at RCPT, in order, instead of yes."""

    mails: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    answers: list[str] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers and (answer := self.answers.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(email.message_from_bytes(envelope.content, policy=modern))
        return "250 OK"


@pytest.fixture
def postman(settings: Settings) -> Iterator[Postman]:
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    use(settings, controller.port)
    yield postman
    controller.stop()


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return probe.getsockname()[1]


def use(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "MedGuard <reminders@clinic.example>"
    settings.BASE_URL = "https://clinic.example"


def send(*messages: Message) -> list[Any]:
    """What came of each: a SendResult or a ChannelError."""
    results: list[Any] = []
    with EmailChannel().session() as one:
        for message in messages:
            try:
                results.append(one(message))
            except ChannelError as error:
                results.append(error)
    return results


def part(mail: EmailMessage, kind: str) -> str:
    return mail.get_body((kind,)).get_content()


def test_a_mail_says_the_same_in_text_and_in_html(postman: Postman) -> None:
    [result] = send(MESSAGE)
    [mail] = postman.mails
    assert (mail["To"], mail["Subject"]) == ("thandi@example.org", "You have a reminder")
    assert mail.get_content_type() == "multipart/alternative"
    for text in (part(mail, "plain"), part(mail, "html")):
        assert "Take it with food." in text
        assert "https://clinic.example/en/today/" in text
        assert "https://clinic.example/en/preferences/" in text
    assert part(mail, "plain").splitlines()[:2] == ["Metformin <b>500 mg</b> is due.", "Take it with food."]
    assert "Metformin &lt;b&gt;500 mg&lt;/b&gt; is due.<br>Take it with food." in part(mail, "html")
    assert "<title>You have a reminder</title>" in part(mail, "html")
    assert result.provider_id == mail["Message-ID"]


ANSWERABLE = replace(
    MESSAGE,
    user_id=12,
    categories=("medication",),
    answers=(
        QuickReplyOption("taken", "Taken", "7:taken:abc"),
        QuickReplyOption("later", "Later", "7:later:def"),
    ),
)


def test_its_styles_stand_in_the_elements_and_the_dark_colours_in_the_head(postman: Postman) -> None:
    send(ANSWERABLE)
    html = part(postman.mails[0], "html")
    head, _, body = html.partition("<body")
    assert head.count("<style") == 1
    assert "prefers-color-scheme: dark" in head
    assert "<style" not in body
    assert 'style="margin: 0;padding: 0;background: #f5f2ec;"' in body
    assert all("style=" in tag for tag in re.findall(r"<td[^>]*>", body))


def test_a_message_that_takes_answers_has_a_link_for_each(postman: Postman) -> None:
    send(ANSWERABLE)
    text, html = (part(postman.mails[0], kind) for kind in ("plain", "html"))
    for label, token in (("Taken", "7:taken:abc"), ("Later", "7:later:def")):
        url = f"https://clinic.example/en/answer/{token}/"
        assert f"{label}:\n{url}" in text.replace("\r\n", "\n")
        assert re.search(rf'<a href="{url}"[^>]*>{label}</a>', html)


def test_it_can_be_unsubscribed_from_with_one_click(postman: Postman) -> None:
    send(ANSWERABLE)
    [mail] = postman.mails
    url = mail["List-Unsubscribe"].strip(" <>")
    assert url.startswith("https://clinic.example/en/unsubscribe/12:medication:")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in part(mail, "plain")
    assert f'href="{url}"' in part(mail, "html")


def test_one_click_is_offered_over_https_only(postman: Postman, settings: Settings) -> None:
    settings.BASE_URL = "http://localhost:8000"
    send(ANSWERABLE)
    assert "localhost" in postman.mails[0]["List-Unsubscribe"]
    assert postman.mails[0]["List-Unsubscribe-Post"] is None


def test_what_is_nobodys_in_particular_can_not_be_unsubscribed_from(postman: Postman) -> None:
    send(MESSAGE)
    assert postman.mails[0]["List-Unsubscribe"] is None
    assert "/unsubscribe/" not in part(postman.mails[0], "html") + part(postman.mails[0], "plain")


def test_several_messages_that_were_held_are_one_mail(postman: Postman) -> None:
    items = (
        Item("Metformien raak op", "Reël <b>betyds</b>.", "https://clinic.example/af/medicines/"),
        Item("Diabetesklub", "Môre om 10:00.\nBring u kaart saam.", "https://clinic.example/af/events/3/"),
        Item("Vra @@haar@@", "", "https://clinic.example/af/inbox/"),
    )
    send(replace(MESSAGE, language="af", body="", items=items, user_id=12, categories=("event", "stock")))
    [mail] = postman.mails
    assert "/unsubscribe/12:event.stock:" in mail["List-Unsubscribe"]
    for text in (part(mail, "plain"), part(mail, "html")):
        assert "U het 3 boodskappe:" in text
        for item in items:
            assert item.title in text
            assert item.url in text
    assert "Reël &lt;b&gt;betyds&lt;/b&gt;." in part(mail, "html")
    assert "Môre om 10:00.<br>Bring u kaart saam." in part(mail, "html")


def test_a_mail_is_in_the_language_of_its_message(postman: Postman) -> None:
    send(replace(MESSAGE, language="af", subject="U het 'n herinnering – môre", body="Dit is tyd."))
    [mail] = postman.mails
    assert mail["Content-Language"] == "af"
    assert mail["Subject"] == "U het 'n herinnering – môre"
    assert '<html lang="af"' in part(mail, "html")
    assert "https://clinic.example/af/preferences/" in part(mail, "plain")


def test_what_a_mailbox_shows_beside_the_subject_does_not_name_the_medicine(postman: Postman) -> None:
    send(MESSAGE)
    shown = part(postman.mails[0], "html").partition("<body")[2].partition("Metformin")[0]
    assert "A message from your clinic" in shown
    assert shown.count("\u200c") > 100


def test_its_parts_go_as_they_are(postman: Postman) -> None:
    send(ANSWERABLE, replace(ANSWERABLE, language="af", body="Môre, reën."))
    for mail in postman.mails:
        assert {each["Content-Transfer-Encoding"] for each in mail.iter_parts()} == {"8bit"}


def test_a_second_attempt_has_the_same_message_id(postman: Postman) -> None:
    send(MESSAGE)
    send(MESSAGE)
    assert [mail["Message-ID"] for mail in postman.mails] == ["<medguard-7@clinic.example>"] * 2


def test_a_batch_goes_through_one_connection(postman: Postman) -> None:
    send(*[MESSAGE] * 5)
    assert len(postman.mails) == 5
    assert postman.connections == 1


def test_after_a_refusal_the_rest_goes_through_one_new_connection(postman: Postman) -> None:
    postman.answers = ["", "550 No such user"]
    results = send(*[MESSAGE] * 5)
    assert [isinstance(result, ChannelError) for result in results] == [False, True, False, False, False]
    assert len(postman.mails) == 4
    assert postman.connections == 2


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("550 5.1.1 No such user", True),
        ("553 5.1.3 No such address", True),
        ("421 4.3.2 Closing down", False),
        ("450 4.2.1 Greylisted", False),
        ("451 4.3.0 Try again later", False),
        ("452 4.2.2 Mailbox full", False),
    ],
)
def test_what_the_server_says_of_an_address_decides_about_trying_again(
    postman: Postman, answer: str, permanent: bool
) -> None:
    postman.answers = [answer]
    refused, sent = send(MESSAGE, MESSAGE)
    assert refused.permanent is permanent
    assert answer in str(refused)
    assert sent.provider == "email", "the next one goes all the same"


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_subject_can_bring_no_header_of_its_own(postman: Postman, line_end: str) -> None:
    hostile = replace(MESSAGE, subject=f"Hi{line_end}Bcc: everybody@example.org")
    refused, sent = send(hostile, MESSAGE)
    assert isinstance(refused, ChannelError)
    assert refused.permanent
    assert sent.provider == "email"
    assert [mail["Bcc"] for mail in postman.mails] == [None]


def test_an_address_with_a_line_end_is_refused_for_good(postman: Postman) -> None:
    [refused] = send(replace(MESSAGE, address="thandi@example.org\r\nBcc: everybody@example.org"))
    assert refused.permanent
    assert not postman.mails


def test_the_server_has_a_mail_only_when_it_is_ended(postman: Postman) -> None:
    with EmailChannel().session() as one:
        end = one.begin(MESSAGE)
        assert not postman.mails
        end()
        assert [mail["Message-ID"] for mail in postman.mails] == ["<medguard-7@clinic.example>"]


def test_a_mail_that_is_begun_and_not_ended_never_comes(postman: Postman) -> None:
    with EmailChannel().session() as one:
        one.begin(replace(MESSAGE, key="medguard-8"))
        one(MESSAGE)
        one.begin(replace(MESSAGE, key="medguard-9"))
    send(replace(MESSAGE, key="medguard-10"))
    keys = [mail["Message-ID"] for mail in postman.mails]
    assert keys == ["<medguard-7@clinic.example>", "<medguard-10@clinic.example>"]


def test_a_line_that_begins_with_a_full_stop_ends_no_mail(postman: Postman) -> None:
    said = "Take one.\n.\n.5 ml\n..\nRSET"
    send(replace(MESSAGE, body=said))
    assert said in part(postman.mails[0], "plain").replace("\r\n", "\n")


def test_a_connection_is_kept_for_the_next_batch(postman: Postman, monkeypatch: pytest.MonkeyPatch) -> None:
    send(MESSAGE)
    send(MESSAGE)
    assert (len(postman.mails), postman.connections) == (2, 1)
    postman.answers = ["451 Come again later"]
    assert isinstance(send(MESSAGE)[0], ChannelError)
    send(MESSAGE)
    assert (len(postman.mails), postman.connections) == (3, 2), "after a failure it begins anew"
    monkeypatch.setattr(idle, "IDLE", 0.0)
    send(MESSAGE)
    assert (len(postman.mails), postman.connections) == (4, 3)


def test_a_kept_connection_that_the_server_has_ended_is_replaced(settings: Settings) -> None:
    postman = Postman()
    port = free_port()
    use(settings, port)
    for number in (1, 2):
        controller = Controller(postman, hostname="127.0.0.1", port=port)
        controller.start()
        [result] = send(MESSAGE)
        controller.stop()
        assert not isinstance(result, ChannelError)
        assert len(postman.mails) == number


def test_what_a_message_says_is_no_place_for_a_value(postman: Postman) -> None:
    said = "Ask for @@url@@ & <@@answer_0@@>."
    send(replace(MESSAGE, body=said, subject="@@body@@", answers=(QuickReplyOption("taken", "Taken", "t1"),)))
    [mail] = postman.mails
    assert mail["Subject"] == "@@body@@"
    assert said in part(mail, "plain")
    assert "Ask for @@url@@ &amp; &lt;@@answer_0@@&gt;." in part(mail, "html")


def test_a_server_that_is_away_is_worth_another_try(settings: Settings) -> None:
    use(settings, free_port())
    with pytest.raises(ChannelError) as caught, EmailChannel().session():
        pytest.fail("It opened a session with nobody.")
    assert not caught.value.permanent


@contextmanager
def rude_server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does this with each connection, and keeps it open until it is stopped."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepted: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _address = listening.accept()
                except OSError:
                    return
                accepted.append(connection)
                behave(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in accepted:
                connection.close()


def test_a_server_that_hangs_is_given_up_in_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailChannel, "timeout", BRIEF)
    with rude_server(lambda connection: None) as port:
        use(settings, port)
        began = time.monotonic()
        with pytest.raises(ChannelError) as caught, EmailChannel().session():
            pytest.fail("It opened a session with a server that says nothing.")
    assert not caught.value.permanent
    assert time.monotonic() - began < USUAL


def test_a_server_that_hangs_in_the_middle_is_given_up_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greet_and_fall_silent(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        connection.recv(1024)
        connection.sendall(b"250 hello\r\n")

    monkeypatch.setattr(EmailChannel, "timeout", BRIEF)
    with rude_server(greet_and_fall_silent) as port:
        use(settings, port)
        began = time.monotonic()
        [result] = send(MESSAGE)
    assert isinstance(result, ChannelError)
    assert not result.permanent
    assert time.monotonic() - began < USUAL


def test_a_server_that_refuses_us_fails_no_message_for_good(settings: Settings) -> None:
    with rude_server(lambda connection: connection.sendall(b"554 5.7.1 You are on a list\r\n")) as port:
        use(settings, port)
        with pytest.raises(ChannelError) as caught, EmailChannel().session():
            pytest.fail("It opened a session that was refused.")
    assert not caught.value.permanent
    assert "You are on a list" in str(caught.value)
