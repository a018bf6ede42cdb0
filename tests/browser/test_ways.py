"""Zanele, whom a nurse registered a minute ago: a dose by WhatsApp, which fails, then by SMS, which she answers; her
question, and the nurse's answer; and a call that a key answers. In both languages.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import is_clean, violations
from tests.browser.stack import WEBHOOK_SECRET, Stack, wait_until
from tests.browser.test_morning import (
    NURSES,
    SOON,
    Hand,
    Who,
    e164,
    prescribes,
    registers,
    write_sms,
)
from tests.browser.test_nurse import NOT_OURS
from tests.browser.test_reached import code_sent, sms_to
from tests.browser.visits import DESK, PHONE, TABLET, Visits, word
from tests.notifications.channels.push.test_discreet import TELLTALE
from tests.notifications.channels.voice import providers as calls
from tests.notifications.channels.whatsapp import provider as texts

HALF_AN_HOUR = 30
DOSE_DUE = "medguard_medication_dose_due"
QUESTION = {"en": "Can I come on Friday instead?", "af": "Kan ek eerder Vrydag kom?"}
ANSWER = {"en": "Yes, come on Friday at nine.", "af": "Ja, kom Vrydag om nege."}
WHO = {
    "en": (DESK, Who("Zanele", "Mthembu", "7 March 1979", "082 555 7411")),
    "af": (TABLET, Who("Zanele", "Fortuin", "29/10/1971", "082 555 7412")),
}


@dataclass(frozen=True)
class Zanele:
    """A patient at the clinic of the nurse whose page this is, who agreed to WhatsApp and SMS and takes tablets."""

    language: str
    who: Who
    patient: int
    nurse: Page
    her: Page
    stack: Stack
    meta: texts.Server

    @property
    def number(self) -> str:
        return e164(self.who.number)

    def by_whatsapp(self, words: str) -> list[dict[str, Any]]:
        """What came to her with these words in it, or in the name of its template."""
        sent = [each for each in self.meta.provider.sent if each["to"] == self.number]
        return [each for each in sent if words in json.dumps(each, ensure_ascii=False)]

    def by_sms(self) -> list[str]:
        return sms_to(self.stack, self.who.number)

    def whatsapp_says(self, **what: Any) -> None:
        """Meta calls the site, and signs that."""
        body = json.dumps(texts.call_of(**what)).encode()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": texts.signed(body)}
        with urlopen(Request(f"{self.stack.url}/whatsapp/meta/", body, headers)) as answer:  # noqa: S310 - our own
            assert answer.status == 200

    def dose_falls_due(self, *, by: str) -> list[int]:
        """Her next tablets; she is reminded by this way, and half an hour later by SMS."""
        self.stack.scene("reminders_go", by=[[by, 0], ["sms", HALF_AN_HOUR]])
        return [int(each) for each in self.stack.scene("dose_falls_due", patient=self.patient)]

    def has_taken(self, doses: list[int]) -> None:
        """Her own page and the nurse's say that she took these, and no more."""
        taken = word(self.language, "Taken", "state of a dose")
        self.her.goto(f"/{self.language}/today/")
        for dose in doses:
            tag = self.her.locator(f"#dose-{dose} .card__head .tag")
            assert wait_until(lambda tag=tag: taken in _reloaded(tag), SOON)
        is_clean(self.her)
        self.nurse.goto(f"/admin/patients/{self.patient}/")
        expect(self.nurse.locator("#section-month")).to_contain_text(word(self.language, "taken"))
        _is_good(self.nurse)


@pytest.fixture(scope="module")
def approved(stack: Stack, meta: texts.Server) -> Iterator[None]:
    """WhatsApp has approved what the site suggests; afterwards all is as before."""
    for name, language, values, buttons in stack.scene("whatsapp_approves"):
        meta.provider.approved[(name, language)] = texts.Known(values, buttons)
    yield
    stack.scene("as_before_whatsapp")
    meta.provider.approved.clear()


@pytest.fixture(scope="module", params=WHO)
def zanele(
    request: pytest.FixtureRequest, all_visits: Visits, stack: Stack, meta: texts.Server, approved: None
) -> Iterator[Zanele]:
    language = request.param
    width, who = WHO[language]
    with all_visits.for_a_while():
        nurse = all_visits.open(NURSES[language], width=width)
        nurse.goto("/admin/")
        hand = Hand(nurse)
        patient = registers(hand, stack, language, who, agrees=("reminders", "sms", "whatsapp"))
        prescribes(hand, language)
        her = all_visits.open(width=PHONE)
        _signs_in(her, stack, language, who)
        yield Zanele(language, who, patient, nurse, her, stack, meta)


def test_whatsapp_fails_so_she_gets_an_sms_and_her_answer_counts(zanele: Zanele) -> None:
    before = len(zanele.by_sms())
    doses = zanele.dose_falls_due(by="whatsapp")
    assert wait_until(lambda: bool(zanele.by_whatsapp(DOSE_DUE)), SOON)
    [sent] = zanele.by_whatsapp(DOSE_DUE)
    assert sent["template"]["language"]["code"] == zanele.language
    assert [each["type"] for each in sent["template"]["components"]] == ["button"] * 3, (
        "nothing is told of her"
    )
    assert len(zanele.by_sms()) == before

    zanele.whatsapp_says(statuses=[texts.status_of(_id(zanele.meta, sent), "failed", code=131026)])

    assert wait_until(lambda: len(zanele.by_sms()) == before + 1, SOON), (
        "an SMS comes at once, not in half an hour"
    )
    reminder = zanele.by_sms()[-1].split("\n", 1)[1].lower()
    assert not [each for each in TELLTALE if each in reminder]
    write_sms(zanele.stack, zanele.who.number, "1 enkosi")
    zanele.has_taken(doses)
    assert len(zanele.by_whatsapp(DOSE_DUE)) == 1
    _asks_why(zanele)


def test_a_nurse_reads_what_she_asks_and_answers_by_the_same_way(zanele: Zanele) -> None:
    language, nurse = zanele.language, zanele.nurse
    by_sms = len(zanele.by_sms())
    zanele.meta.provider.windows.add(zanele.number)
    said = texts.text_from(zanele.number, QUESTION[language], id_=f"wamid.in-{language}")
    zanele.whatsapp_says(messages=[said])
    assert wait_until(lambda: len(zanele.by_whatsapp("10177")) == 1, SOON), (
        "she is told that a nurse reads it"
    )

    nurse.goto("/admin/conversations/")
    row = nurse.locator("tr", has_text=zanele.who.surname)
    expect(row).to_contain_text(QUESTION[language])
    expect(row).to_contain_text(word(language, "waits for an answer"))
    _is_good(nurse)
    row.get_by_role("link").first.click()
    expect(nurse.locator(".talk")).to_contain_text(QUESTION[language])
    _is_good(nurse)
    nurse.locator("#answer-text").fill(ANSWER[language])
    nurse.locator("#answer form button").first.click()
    expect(nurse.locator(".talk__answer")).to_contain_text(ANSWER[language])

    assert wait_until(lambda: len(zanele.by_whatsapp(ANSWER[language])) == 1, SOON), (
        "the answer goes by WhatsApp"
    )
    assert zanele.by_whatsapp("conversation_read") == [], "who is answered needn't be told that it was read"
    assert len(zanele.by_sms()) == by_sms
    nurse.goto("/admin/conversations/")
    expect(row).to_contain_text(word(language, "answered"))
    zanele.her.goto(f"/{language}/inbox/")
    expect(zanele.her.locator(".message").first).to_contain_text(ANSWER[language])
    is_clean(zanele.her)


def test_a_key_that_she_presses_in_a_call_takes_her_dose(zanele: Zanele, exchange: calls.Server) -> None:
    by_sms = len(zanele.by_sms())
    _wants_calls_at_any_hour(zanele)
    recorded = zanele.language != "en" and zanele.stack.scene("calls_are_recorded", language=zanele.language)
    doses = zanele.dose_falls_due(by="voice")
    placed = exchange.africastalking.calls
    assert wait_until(lambda: any(each["to"] == zanele.number for each in placed), SOON)
    line = _line(zanele.stack, exchange, zanele.number)

    greeting = line.pick_up()
    heard = line.press("1")
    thanks = line.press("1")
    line.end()

    for said in (greeting, heard, thanks):
        assert said and not [each for each in TELLTALE if each in " ".join(said).lower()]
        assert all(each.startswith(zanele.stack.url) for each in said) == bool(recorded)
    assert line.is_over
    zanele.has_taken(doses)
    assert len(zanele.by_sms()) == by_sms, "who has answered gets no SMS"


def _signs_in(page: Page, stack: Stack, language: str, who: Who) -> None:
    before = len(sms_to(stack, who.number))
    page.goto(f"/{language}/accounts/login/code/")
    page.locator("#id_login").fill(who.number)
    page.locator("#id_login").press("Enter")
    page.locator("#id_code").fill(code_sent(stack, who.number, before=before))
    page.locator("#id_code").press("Enter")
    page.wait_for_url(re.compile(r"/today/$"))


def _asks_why(zanele: Zanele) -> None:
    page = zanele.her
    page.goto(f"/{zanele.language}/inbox/")
    page.locator(".message__title a").first.click()
    page.locator("details.card summary").click()
    why = page.locator("details.card")
    for channel in ("WhatsApp", "SMS"):
        expect(why.locator("li", has_text=f"{channel}.")).to_be_visible()
    is_clean(page)


def _wants_calls_at_any_hour(zanele: Zanele) -> None:
    """The nurse writes down that she agrees to calls; that they may come at night she says herself."""
    nurse, her = zanele.nurse, zanele.her
    nurse.goto(f"/admin/patients/{zanele.patient}/wishes/")
    nurse.locator("input[name$=-agreed][value=voice]").check()
    nurse.locator("input[name$=-said]").check()
    _is_good(nurse)
    nurse.get_by_role("button", name=word(zanele.language, "Save"), exact=True).click()
    expect(nurse.locator(".messages")).to_contain_text("Zanele")
    her.goto(f"/{zanele.language}/preferences/")
    her.locator("#part-quiet input[name=calls_at_night]").check()
    expect(her.locator("#saved-quiet")).to_have_text(word(zanele.language, "Saved"))


@dataclass
class _Line(calls.AfricasTalkingLine):
    """A call in which the provider asks the running site."""

    def post(self, url: str, form: dict[str, str], **headers: str) -> Any:
        with urlopen(Request(url, urlencode(form).encode(), headers)) as answer:  # noqa: S310 - our own
            return _Answered(answer.status, answer.read())


@dataclass(frozen=True)
class _Answered:
    status_code: int
    content: bytes


def _line(stack: Stack, exchange: calls.Server, number: str) -> _Line:
    placed = exchange.africastalking.calls
    last = max(place for place, each in enumerate(placed) if each["to"] == number)
    return _Line(
        f"{stack.url}/voice/africastalking/?key={WEBHOOK_SECRET}",
        session_id=f"ATVId_{last + 1}",
        request_id=placed[last]["clientRequestId"],
    )


def _id(meta: texts.Server, sent: dict[str, Any]) -> str:
    """What Meta called it."""
    return f"wamid.{meta.provider.sent.index(sent) + 1:04}"


def _reloaded(what: Any) -> str:
    what.page.reload()
    return str(what.text_content()) if what.count() else ""


def _is_good(page: Page) -> None:
    assert violations(page, context=NOT_OURS) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
