"""Lists as a file for a spreadsheet: the columns that staff see, and nothing that a spreadsheet would run."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.viewsets.model import ModelViewSet

from notifications.admin.actions import ActionColumn
from notifications.admin.adding import WordedCreateView
from notifications.web.csv_file import csv_download, csv_text, safe_cell

MOST_EXPORTED = 20_000
"""Rows of a file. Who wants more is told to filter: nobody notices rows that are missing at the end."""


class TableExport(SpreadsheetExportMixin):
    """For a page of Wagtail's with a table: its rows by its `columns`, as CSV and as XLSX."""

    show_export_buttons = True

    def note_export(self, rows: Sequence[Any]) -> None:
        """Called with the rows of each file, for whoever must write down whose they are."""

    def as_file(self, rows: Sequence[Any]) -> HttpResponseBase:
        """The file that is asked for (`is_export`)."""
        self.note_export(rows)
        self.list_export = list(self.written)
        if self.request.GET["export"] == self.FORMAT_XLSX:
            file: HttpResponseBase = self.write_xlsx_response(rows)
            return file
        lines = (map(_text, self._cells(row)) for row in rows)
        return csv_download(csv_text(self._headings(), lines), f"{self.get_filename()}.csv")

    @cached_property
    def written(self) -> dict[str, Column]:
        """The columns of the file by their names: none of buttons, and none without a heading."""
        return {
            each.name: each
            for each in self.columns
            if isinstance(each, Column) and not isinstance(each, ActionColumn) and str(each.label)
        }

    def _headings(self) -> list[str]:
        return [str(column.label) for column in self.written.values()]

    def _cells(self, row: Any) -> list[Any]:
        return [column.get_value(row) for column in self.written.values()]

    def get_filename(self) -> str:
        return f"{slugify(str(self.get_page_title())) or 'list'}-{timezone.localdate():%Y-%m-%d}"

    def get_heading(self, queryset: Any, field: str) -> str:
        return str(self.written[field].label)

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return dict(zip(self.written, map(_value, self._cells(item)), strict=True))


class ListExport(TableExport):
    """For a list of Wagtail's: "Download CSV" and "Download XLSX", with the filters and the order that are chosen."""

    def get_paginate_by(self, queryset: Any) -> int | None:
        """All rows are one page, so that a list which looks something up for its page does so for them."""
        return MOST_EXPORTED if self.is_export else super().get_paginate_by(queryset)

    def get_export_url(self, form: str) -> str:
        return self._with_filters(export=form)

    def _with_filters(self, **more: str) -> str:
        params = self.request.GET.copy()
        for name in (self.page_kwarg, "_w_filter_fragment", "export"):
            params.pop(name, None)
        params.update(more)
        return f"{self.index_url or self.request.path}?{params.urlencode()}"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponseBase:
        if not self.is_export:
            answer: HttpResponseBase = super().render_to_response(context, **kwargs)
            return answer
        paginator = context.get("paginator")
        if paginator is not None and paginator.count > MOST_EXPORTED:
            said = _("The list has more than %(most)s rows. Choose filters, and download it in parts.")
            messages.error(self.request, said % {"most": MOST_EXPORTED})
            return redirect(self._with_filters())
        return self.as_file(list(context["object_list"]))


class ExportingViewSet(ModelViewSet):
    """Of a model; its list is exported, whichever view shows it."""

    exporting: type[ListExport] = ListExport
    add_view_class = WordedCreateView
    add_words: Any = ""
    """What staff do who add a row, such as “Plan a visit”."""

    def get_add_view_kwargs(self) -> dict[str, Any]:
        given: dict[str, Any] = super().get_add_view_kwargs()
        return given | {"add_words": self.add_words} if self.add_words else given

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        return given | {"add_item_label": self.add_words} if self.add_words else given

    @property
    def index_view(self) -> Any:
        return self.construct_view(self._exporting_view(), **self.get_index_view_kwargs())

    @property
    def index_results_view(self) -> Any:
        return self.construct_view(self._exporting_view(), **self.get_index_view_kwargs(), results_only=True)

    def _exporting_view(self) -> type[IndexView]:
        shown = self.index_view_class
        return type(shown.__name__, (self.exporting, shown), {})


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)


def _value(value: Any) -> Any:
    """Days and numbers stay what they are, so that a spreadsheet can sort and add them; a text can be no formula."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    return safe_cell(_text(value))
