"""A month of figures as files: CSV for a spreadsheet, and a MeasureReport of FHIR R4 for other systems.

Nobody is in them: only sums, and none of few people (`home.dashboard.small_cells`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from home.dashboard.month import Line, Month, MonthFigure
from notifications.languages.listed import active
from notifications.web.csv_file import csv_download, csv_text

FHIR = "application/fhir+json; charset=utf-8"
_MEASURE = "medguard:clinic-month"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_MASKED = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    ]
}
Lines = Sequence[tuple[MonthFigure, Sequence[Line]]]
Json = dict[str, Any]


def month_csv(name: str, month: Month, places: Sequence[tuple[str, Lines]]) -> HttpResponse:
    """A row for each line of each figure of each place, in the active language."""
    headings = (_("Clinic"), _("From"), _("Until"), _("Figure"), _("Name"), _("Number"), _("Of"))
    rows = (
        (
            place,
            month.first.isoformat(),
            month.last.isoformat(),
            figure.heading,
            line.label,
            _("not said") if line.number is None else line.number,
            "" if line.whole is None else line.whole,
        )
        for place, lines in places
        for figure, own in lines
        for line in own
    )
    return csv_download(csv_text(headings, rows), f"{_name(name, month)}.csv")


def month_fhir(place: str, month: Month, lines: Lines, *, made_at: datetime) -> HttpResponse:
    # It reads hundreds of models: not at the start of a process that is asked for none.
    from fhir.resources.R4B.measurereport import MeasureReport  # noqa: PLC0415

    report = MeasureReport.model_validate(measure_report(place, month, lines, made_at=made_at))
    response = HttpResponse(report.model_dump_json(), content_type=FHIR)
    response["Content-Disposition"] = f'attachment; filename="{_name(place, month)}.json"'
    return response


def measure_report(place: str, month: Month, lines: Lines, *, made_at: datetime) -> Json:
    """A summary MeasureReport (https://hl7.org/fhir/R4/measurereport.html), a group for each line."""
    return {
        "resourceType": "MeasureReport",
        "language": active(),
        "status": "complete",
        "type": "summary",
        "measure": f"urn:uuid:{uuid5(NAMESPACE_URL, _MEASURE)}",
        "date": made_at.isoformat(timespec="seconds"),
        "reporter": {"display": place},
        "period": {"start": month.first.isoformat(), "end": month.last.isoformat()},
        "group": [_group(figure, line) for figure, own in lines for line in own],
    }


def _group(figure: MonthFigure, line: Line) -> Json:
    coding = {"system": f"{settings.BASE_URL}/figures", "code": f"{figure.name}.{line.name}"}
    group: Json = {"code": {"coding": [coding], "text": f"{figure.heading}: {line.label}"}}
    if isinstance(line.number, Decimal):
        return group | {
            "measureScore": {
                "value": line.number,
                "unit": "ZAR",
                "system": "urn:iso:std:iso:4217",
                "code": "ZAR",
            }
        }
    group["population"] = list(_populations(line))
    if line.percent is not None:
        percent = {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
        group["measureScore"] = {"value": line.percent, **percent}
    return group


def _populations(line: Line) -> Iterator[Json]:
    if line.number is None:
        yield _population("numerator", None)
    elif line.whole is None:
        yield _population("initial-population", line.number)
    else:
        yield _population("denominator", line.whole)
        yield _population("numerator", line.number)


def _population(code: str, count: int | Decimal | None) -> Json:
    counted = {"_count": _MASKED} if count is None else {"count": count}
    return {"code": {"coding": [{"system": _POPULATION, "code": code}]}, **counted}


def _name(place: str, month: Month) -> str:
    return "-".join(filter(None, ("figures", slugify(place), f"{month.first:%Y-%m}")))
