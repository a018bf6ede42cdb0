"""The counterparts of providers answer what their sandboxes are asked, and nobody asks those without a yes."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from pytest_django import Settings

from site_config.environment import BASE_DIR
from tests.notifications.channels.counterpart import ACCOUNT, TOKEN, Answer, twilio_refuses
from tests.notifications.channels.sms import gateways as sms
from tests.notifications.channels.voice import providers as voice
from tests.outbound import noted
from tools.sandboxes.asking import SANDBOXES, main
from tools.sandboxes.question import Sandbox

NAMES = [each.name for each in SANDBOXES]


@dataclass
class Counterparts:
    sms: sms.Server
    voice: voice.Server

    def of(self, sandbox: Sandbox) -> Sandbox:
        """The same questions, asked on this machine."""
        return replace(sandbox, host=(self.voice if sandbox.name == "twilio-calls" else self.sms).url)

    @property
    def asked(self) -> int:
        providers = (self.sms.twilio, self.sms.africastalking, self.voice.twilio)
        return sum(each.asked for each in providers)

    def all_answer(self, answer: Answer) -> None:
        for provider in (self.sms.twilio, self.sms.africastalking):
            provider.fault = sms.says(answer)
        self.voice.twilio.fault = voice.says(answer)


@pytest.fixture
def _credentials(settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.AFRICASTALKING_USERNAME, settings.AFRICASTALKING_API_KEY = "sandbox", sms.API_KEY


@pytest.fixture
def counterparts(_credentials: None) -> Iterator[Counterparts]:
    with sms.running() as sms_server, voice.running() as voice_server:
        yield Counterparts(sms_server, voice_server)


@pytest.mark.parametrize("name", NAMES)
def test_the_counterpart_answers_each_question_as_documented(
    name: str, counterparts: Counterparts, capsys: pytest.CaptureFixture[str]
) -> None:
    [sandbox] = [each for each in SANDBOXES if each.name == name]
    assert main([name, "--yes"], [counterparts.of(sandbox)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{name}: {question.about}: as documented" for question in sandbox.questions]
    assert len({question.about for question in sandbox.questions}) == len(sandbox.questions)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (twilio_refuses(400, 21211, "No"), "status 400 instead of 201"),
        (sms.africastalking_says(777, "Tuesday"), "code 777 instead of 101"),
        (Answer(201, "{}"), "without "),
        (Answer(201, "[]"), "to us “the provider is left alone for a while” instead of “it is on its way”"),
        (Answer(500, "<html>"), "status 500 instead of 201"),
    ],
)
def test_an_answer_of_another_shape_is_said(
    answer: Answer, said: str, counterparts: Counterparts, capsys: pytest.CaptureFixture[str]
) -> None:
    counterparts.all_answer(answer)
    assert main(["--yes"], [counterparts.of(each) for each in SANDBOXES]) == 1
    assert said in capsys.readouterr().out


def test_a_sandbox_that_is_away_is_not_as_documented(
    counterparts: Counterparts, capsys: pytest.CaptureFixture[str]
) -> None:
    away = replace(counterparts.of(SANDBOXES[0]), host="http://127.0.0.1:9")
    assert main(["--yes"], [away]) == 1
    assert "no answer: It can't be reached" in capsys.readouterr().out


@pytest.mark.usefixtures("_credentials")
def test_without_a_yes_it_connects_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert noted() == []
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{each.name}: with --yes, {len(each.questions)} questions to {each.host}" for each in SANDBOXES
    ]


def test_nor_to_a_counterpart(counterparts: Counterparts) -> None:
    assert main([], [counterparts.of(each) for each in SANDBOXES]) == 2
    assert counterparts.asked == 0


@pytest.mark.usefixtures("_credentials")
@pytest.mark.parametrize("name", NAMES)
def test_with_a_yes_it_asks_the_documented_host(name: str) -> None:
    """So the two tests before would fail if it asked: here it does, and isn't let out."""
    with pytest.raises(RuntimeError, match="Tests stay on this machine"):
        main([name, "--yes"])
    [sandbox] = [each for each in SANDBOXES if each.name == name]
    [line] = noted()
    assert line.startswith(f"{sandbox.host.removeprefix('https://')} by ")


@pytest.mark.parametrize(
    ("change", "without"),
    [
        ({"TWILIO_AUTH_TOKEN": ""}, "twilio-sms: not asked, without TWILIO_AUTH_TOKEN"),
        ({"AFRICASTALKING_API_KEY": ""}, "africastalking-sms: not asked, without AFRICASTALKING_API_KEY"),
        # The account of a clinic: what it asks reaches phones.
        (
            {"AFRICASTALKING_USERNAME": "clinic"},
            "africastalking-sms: not asked, without AFRICASTALKING_USERNAME=sandbox",
        ),
    ],
)
def test_without_credentials_nobody_is_asked(
    change: dict[str, str],
    without: str,
    counterparts: Counterparts,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    name = without.partition(":")[0]
    assert main([name, "--yes"], [counterparts.of(each) for each in SANDBOXES]) == 2
    assert capsys.readouterr().out.splitlines() == [without]
    assert counterparts.asked == 0


def test_a_sandbox_that_there_is_not_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["clickatell", "--yes"])
    assert "There is no clickatell." in capsys.readouterr().err


def test_the_command_reads_the_environment_as_the_site_does() -> None:
    command = [sys.executable, "-m", "tools.sandboxes", "twilio-sms"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (
        2,
        "twilio-sms: not asked, without TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN\n",
    )
