"""The page of a person's months: heat maps with their tables, days covered, stock, and the way to other months."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medications.models import Dose, Prescription
from medications.services.stock import stock_receive
from tests.medications.factories import (
    NOW,
    TODAY,
    DoseFactory,
    DoseScheduleFactory,
    MedicineFactory,
    PrescriptionFactory,
    StockBatchFactory,
)
from tests.medications.pages.conftest import Family

State = Dose.State
AS_NEEDED = {"kind": "as_needed", "quantity": "1", "min_hours": 6, "max_per_day": 4}


@pytest.fixture
def metformin(family: Family) -> Prescription:
    """Thandi's, with a dose on each of the last days: taken, skipped, missed, unanswered, and one of today."""
    prescription = PrescriptionFactory(patient=family.me, start_date=TODAY - timedelta(days=90))
    schedule = DoseScheduleFactory(prescription=prescription, expanded_until=TODAY + timedelta(days=1))
    states = [
        State.SCHEDULED,
        State.TAKEN,
        State.TAKEN,
        State.SKIPPED,
        State.MISSED,
        State.MISSED,
        State.UNANSWERED,
    ]
    for number, state in enumerate(states):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=number), state=state)
    DoseFactory(schedule=schedule, due_at=NOW + timedelta(days=1))
    return prescription


def page(reader: Client, language: str = "en", **query: Any) -> str:
    response = reader.get(f"/{language}/adherence/", query)
    assert response.status_code == 200
    return response.content.decode()


def collect(prescription: Prescription, days_ago: int, quantity: int) -> None:
    stock_receive(
        medicine=prescription.medicine,
        prescription=prescription,
        quantity=Decimal(quantity),
        expiry_date=date(2028, 6, 30),
        now=NOW - timedelta(days=days_ago),
    )


def svg(text: str, kind: str = "heat") -> ElementTree.Element:
    """The first plot of a kind; that it can be parsed at all shows that it is well formed."""
    found = re.search(rf'<svg class="{kind}".*?</svg>', text, re.DOTALL)
    assert found
    return ElementTree.fromstring(found[0])  # noqa: S314, our own page


def marks(plot: ElementTree.Element) -> list[str]:
    return [each.get("href", "").removeprefix("#mark-") for each in plot.iter("use")]


def test_each_dose_has_a_mark_and_nothing_unanswered_is_hidden(
    reader: Client, metformin: Prescription
) -> None:
    plot = svg(page(reader))
    assert marks(plot) == [
        "unanswered",
        "missed",
        "missed",
        "skipped",
        "taken",
        "taken",
        "unanswered",
        "ahead",
    ]
    assert len(list(plot.iter("rect"))) == 30
    looks = [each.get("class", "").split("--")[1].split()[0] for each in plot.iter("rect")]
    assert looks[17:25] == [
        "unanswered",
        "missed",
        "missed",
        "skipped",
        "taken",
        "taken",
        "unanswered",
        "ahead",
    ]


def test_the_counts_are_apart(reader: Client, metformin: Prescription) -> None:
    facts = page(reader).split('<dl class="amounts">')[1].split("</dl>")[0]
    assert re.findall(r"<dd>(.*?)</dd>", facts) == ["2", "1", "2", "2", "2 tablets"]


def test_a_heat_map_has_a_title_a_text_and_its_table(reader: Client, metformin: Prescription) -> None:
    text = page(reader)
    plot = svg(text)
    assert plot.get("role") == "img"
    ids = plot.get("aria-labelledby", "").split()
    said = {each.get("id"): (each.text or "").strip() for each in plot if each.tag in ("title", "desc")}
    assert list(said) == ids
    assert said[ids[0]] == "Metformin 500 mg, November 2026"
    assert said[ids[1]].startswith("2 taken, 1 skipped, 2 missed, 2 unanswered, 1 still to come.")
    rows = re.findall(r'<th scope="row">(\w+ \d+ \w+)</th><td>(.*?)</td>', text)
    assert rows == [
        ("Wed 18 Nov", "1 unanswered"),
        ("Thu 19 Nov", "1 missed"),
        ("Fri 20 Nov", "1 missed"),
        ("Sat 21 Nov", "1 skipped"),
        ("Sun 22 Nov", "1 taken"),
        ("Mon 23 Nov", "1 taken"),
        ("Tue 24 Nov", "1 unanswered"),
        ("Wed 25 Nov", "1 still to come"),
    ]


def test_ids_are_unique_and_what_labels_points_at_them(
    reader: Client, family: Family, metformin: Any
) -> None:
    StockBatchFactory(prescription=metformin)
    other = PrescriptionFactory(patient=family.me)
    DoseFactory(schedule=DoseScheduleFactory(prescription=other), state=State.TAKEN)
    StockBatchFactory(prescription=other)
    text = page(reader)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for pointed in re.findall(r'aria-labelledby="([^"]+)"', text):
        assert set(pointed.split()) <= set(ids)
    assert {f"#mark-{name}" for name in ("taken", "missed")} <= set(re.findall(r'href="(#mark-\w+)"', text))
    assert set(re.findall(r'href="#(mark-[\w]+)"', text)) <= set(ids)


def test_as_needed_is_shown_as_a_count(reader: Client, family: Family) -> None:
    schedule = DoseScheduleFactory(prescription__patient=family.me, rule=AS_NEEDED)
    for hours in (1, 8, 30):
        DoseFactory(
            schedule=schedule,
            kind=Dose.Kind.AS_NEEDED,
            due_at=NOW - timedelta(hours=hours),
            state=State.TAKEN,
            quantity=Decimal("1.5"),
        )
    text = page(reader)
    assert marks(svg(text)) == ["as_needed"] * 3
    facts = text.split('<dl class="amounts">')[1].split("</dl>")[0]
    assert "Missed" not in facts
    assert "As needed or extra</dt><dd>3</dd>" in facts
    assert "4.5 tablets" in facts
    assert "2 taken besides the plan (3 tablets)" in text


def test_the_stock_runs_out_as_a_curve_with_its_table(reader: Client, metformin: Prescription) -> None:
    StockBatchFactory(prescription=metformin, quantity=Decimal(1))
    text = page(reader)
    plot = svg(text, "plot")
    assert [each.tag for each in plot][:2] == ["title", "desc"]
    assert "The stock in numbers" in text
    assert "It runs out on" in text
    assert 'class="plot"' not in page(reader, month="2026-10")


def test_days_covered_come_with_their_period(reader: Client, family: Family) -> None:
    prescription = PrescriptionFactory(patient=family.me, start_date=TODAY - timedelta(days=90))
    schedule = DoseScheduleFactory(prescription=prescription)
    for number in range(60):
        DoseFactory(schedule=schedule, due_at=NOW - timedelta(days=number), state=State.TAKEN)
    collect(prescription, 29, 10)
    text = page(reader)
    assert "By our count, there was enough medicine on 10 of 30 days." in text
    assert "From 26 October to 24 November: 33% of the days." in text
    assert "Vanaf 26 Oktober tot 24 November: 33% van die dae." in page(reader, "af")


def test_months_can_be_paged_as_far_back_as_there_is_something(
    reader: Client, metformin: Prescription
) -> None:
    text = page(reader)
    assert "month=2026-10" in text and 'rel="next"' not in text
    october = page(reader, month="2026-10")
    assert "October 2026" in october and "month=2026-09" in october and "month=2026-11" in october
    assert "No doses in this month." in october
    assert "month=2026-07" not in page(reader, month="2026-08")


@pytest.mark.parametrize(
    "month",
    ["2026-12", "2026-07", "1999-01", "2026-13", "2026-1", "x", "0000-01", "２０２６-11", "2026-11\0"],
)
def test_what_is_no_month_is_not_there(reader: Client, metformin: Prescription, month: str) -> None:
    assert reader.get("/en/adherence/", {"month": month}).status_code == 404


def test_it_is_that_of_the_chosen_person(reader: Client, family: Family, metformin: Prescription) -> None:
    PrescriptionFactory(patient=family.lwazi, medicine=MedicineFactory(name_en="Syrup"))
    assert "Syrup" not in page(reader)
    text = page(reader, who=family.lwazi.pk)
    assert "Syrup" in text and "Metformin" not in text
    assert f"who={family.lwazi.pk}&amp;month=2026-10" not in text  # prescribed this month
    assert f"/en/treatment/{family.lwazi.pk}/csv/" in text


@pytest.mark.parametrize("who", ["0", "x", "99999999999999999999"])
def test_nobody_else_is_found(reader: Client, family: Family, who: str) -> None:
    assert reader.get("/en/adherence/", {"who": who}).status_code == 404
    assert reader.get("/en/adherence/", {"who": family.stranger.pk}).status_code == 404


def test_it_is_in_afrikaans_too(reader: Client, metformin: Prescription) -> None:
    text = page(reader, "af")
    assert "Metformien 500 mg, November 2026" in text
    assert "2 geneem, 1 oorgeslaan, 2 gemis, 2 onbeantwoord, 1 kom nog" in text
    assert "Wat geneem is" in text
    assert not re.findall(r'(?:[xy]|width|height)="\d+,\d', text)


def test_the_page_is_linked_from_today_the_list_and_the_medicine(
    reader: Client, family: Family, metformin: Prescription
) -> None:
    there = f"/en/adherence/?who={family.me.pk}"
    for path in ("today/", "medicines/", f"medicines/{metformin.pk}/"):
        assert there in reader.get(f"/en/{path}").content.decode()


def test_nothing_to_show_says_so(reader: Client, client: Client, family: Family) -> None:
    assert "No medicines in this month" in page(reader)
    family.thandi.care_roles.all().delete()
    assert "You are not linked to a patient yet" in page(reader)


def test_a_name_runs_nothing(reader: Client, family: Family) -> None:
    medicine = MedicineFactory(name_en="<script>alert(1)</script>", strength='"onload="x')
    prescription = PrescriptionFactory(patient=family.me, medicine=medicine)
    DoseFactory(schedule=DoseScheduleFactory(prescription=prescription), state=State.TAKEN)
    text = page(reader)
    assert "<script>alert" not in text
    assert '"onload="x' not in text
    svg(text)


def test_a_page_makes_as_many_queries_for_a_year_of_many_medicines_as_for_one_day(
    reader: Client, family: Family
) -> None:
    counts = []
    for medicines, days in ((1, 3), (4, 365)):
        for _ in range(medicines):
            prescription = PrescriptionFactory(patient=family.me, start_date=TODAY - timedelta(days=days))
            schedule = DoseScheduleFactory(prescription=prescription)
            collect(prescription, days, 28)
            one = DoseFactory.build(
                schedule=schedule, prescription=prescription, patient=family.me, state=State.TAKEN
            )
            rows = []
            for number in range(days):
                due_at = NOW - timedelta(days=number)
                values = {"due_at": due_at, "remind_until": due_at, "missed_at": due_at}
                rows.append(
                    Dose(
                        schedule=schedule,
                        prescription=prescription,
                        patient=family.me,
                        quantity=one.quantity,
                        state=State.TAKEN,
                        **values,
                    )
                )
            Dose.objects.bulk_create(rows)
        with CaptureQueriesContext(connection) as queries:
            page(reader)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 30
