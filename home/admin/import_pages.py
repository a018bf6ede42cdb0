"""The pages of one import: its columns, what was found row by row, how far it is, and what can be done with it."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from home.admin.import_forms import MatchForm, column_words
from home.imports import acts
from home.imports.importable import Importable, importable
from home.imports.verdicts import said_of
from home.imports.work import may_import
from home.models import Import, ImportRow, Patient
from home.privacy.access_log import Kind, note
from home.selectors import clinics_of_staff, patients_visible_to_staff
from notifications.admin.reports.paging import KeysetPaginator
from notifications.web.csv_file import csv_download, csv_text
from notifications.web.moments import shown_moment
from notifications.web.numbers import whole_numbers

VIEW, ADD = "home.view_import", "home.add_import"
ON_A_PAGE = 50
State = Import.State
_ORDER = ("refused", "asked", "new", "changed", "same", "done", "kept", "undone", "read")
"""What somebody has to look at comes first."""


def imports_visible_to(user: Any) -> Any:
    """Those of the clinics where this person works."""
    return Import.objects.filter(clinic__in=clinics_of_staff(user))


class OfImport:
    """About one import of the reader's clinics; another one's is not found."""

    request: Any
    permission = VIEW

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]  # the view beside it
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        rows = imports_visible_to(request.user).select_related("clinic", "by")
        self.run: Import = get_object_or_404(rows, pk=kwargs["pk"])
        found = importable(self.run.kind)
        if found is None:
            raise Http404
        if self.permission == ADD and not request.user.has_perm(found.permission):
            raise PermissionDenied
        self.kind: Importable = found

    @cached_property
    def headings(self) -> list[str]:
        found: list[str] = json.loads(self.run.headings or "[]")
        return found

    @property
    def url(self) -> str:
        return reverse("imports:show", args=[self.run.pk])


class ImportView(OfImport, WagtailAdminTemplateMixin, TemplateView):
    """Shows where it stands. With HTMX only that part, which asks again while something is done."""

    page_title = gettext_lazy("Import")
    header_icon = "upload"
    template_name = "home/admin/imports/show.html"
    http_method_names = ["get", "head", "post"]

    def get_template_names(self) -> list[str]:
        return ["home/admin/imports/progress.html"] if self.request.htmx else [self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        if self.request.htmx and not self.run.is_busy:
            # What was waited for is there: the rows are shown with it.
            response["HX-Refresh"] = "true"
        return response

    def get_page_subtitle(self) -> str:
        return str(self.run.file_name)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("imports:index"), "label": _("Imports")}
        return [*self.breadcrumbs_items, index, {"url": "", "label": str(self.run.file_name)}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The columns as they were matched by hand."""
        if not self.may_act:
            raise PermissionDenied
        form = self.match_form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        if not acts.import_check(import_id=self.run.pk, matched=form.matched(), now=timezone.now()):
            messages.warning(request, _("Somebody else went on with this import. This is how it stands now."))
        return redirect(self.url)

    @property
    def may_act(self) -> bool:
        user: Any = self.request.user
        return bool(user.has_perm(ADD) and user.has_perm(self.kind.permission))

    @property
    def is_untried(self) -> bool:
        """Nothing is known of its rows: nobody has tried them, or that failed."""
        failed = self.run.state == State.FAILED and self.run.carried_out_at is None
        return failed or self.run.state == State.MATCHING

    @cached_property
    def samples(self) -> list[str]:
        """The cells of the first row."""
        first = self.run.rows.order_by("number").first()
        found: list[str] = json.loads(first.cells or "[]") if first else []
        return found

    @property
    def named_columns(self) -> list[str]:
        """What each column of the file is called; empty for one without heading in which the first row has nothing."""
        filled = {at for at, cell in enumerate(self.samples) if cell}
        return [name or (column_words(at) if at in filled else "") for at, name in enumerate(self.headings)]

    def match_form(self, data: Any = None) -> MatchForm:
        return MatchForm(
            data,
            kind=self.kind,
            headings=self.headings,
            samples=self.samples,
            initial=self.run.matched,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, run = timezone.now(), self.run
        counts = dict(run.rows.order_by().values_list("state").annotate(Count("pk")))
        waiting = run.rows.filter(state=ImportRow.State.DONE, sends=True).count()
        context: dict[str, Any] = {
            **super().get_context_data(**kwargs),
            "run": run,
            "kind": self.kind,
            "url": self.url,
            "uploaded": shown_moment(run.uploaded_at, now=now),
            "started": shown_moment(run.started_at, now=now),
            "total": sum(counts.values()),
            "counts": self._counts(counts),
            "through": self._through(counts),
            "to_do": sum(counts.get(state, 0) for state in ImportRow.TO_DO),
            "left": counts.get(ImportRow.State.REFUSED, 0) + counts.get(ImportRow.State.ASKED, 0),
            "waiting": waiting,
            "start_words": self.kind.start_words(waiting),
            "may_act": self.may_act,
            "is_untried": self.is_untried,
            "may_import": may_import(run, self.kind),
            "may_undo": self._may_undo(now),
            "undone_until": shown_moment(run.undone_until, now=now),
        }
        if self.request.htmx:
            return context
        if self.is_untried or run.state == State.CHECKED:
            form = kwargs.get("form") or self.match_form()
            taken = set(run.matched.values())
            context |= {
                "form": form,
                "not_taken": [
                    words for at, words in enumerate(self.named_columns) if at not in taken and words
                ],
            }
        return {**context, **self._rows()}

    def _may_undo(self, now: Any) -> bool:
        run = self.run
        rests = run.state in (State.DONE, State.STOPPED, State.FAILED)
        return bool(rests and not run.started_at and run.undone_until and now < run.undone_until)

    def _counts(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        labels = dict(ImportRow.State.choices)
        return [
            {"state": state, "label": labels[state], "number": counts[state], "chosen": state == self.chosen}
            for state in _ORDER
            if counts.get(state)
        ]

    def _through(self, counts: dict[str, int]) -> int:
        """How many rows are done of what is under way."""
        waiting = {
            State.CHECKING: ["read"],
            State.RUNNING: ["new", "changed"],
            State.UNDOING: ["done"],
        }.get(State(self.run.state), [])
        return sum(counts.values()) - sum(counts.get(state, 0) for state in waiting)

    @property
    def chosen(self) -> str:
        asked = self.request.GET.get("state", "")
        return asked if asked in ImportRow.State.values else ""

    def _rows(self) -> dict[str, Any]:
        rows = self.run.rows.order_by("number")
        if self.chosen:
            rows = rows.filter(state=self.chosen)
        page = KeysetPaginator(rows, ON_A_PAGE).get_page(self.request.GET.get("p"))
        shown = list(page.object_list)
        verdicts = [said_of(row) for row in shown]
        patients = self._patients(
            {row.patient_id for row in shown} | {pk for each in verdicts for pk in each.alike}
        )
        note(self.request, patients, Kind.LISTED)
        labels = {column.name: str(column.label) for column in self.kind.columns}
        may_say = self.run.state == State.CHECKED and self.request.user.has_perm(ADD)
        return {
            "page": page,
            "chosen": self.chosen,
            "any_asked": may_say and any(row.state == ImportRow.State.ASKED for row in shown),
            "rows": [
                {
                    "row": row,
                    "name": verdict.name,
                    "patient": patients.get(row.patient_id or 0),
                    "problems": [(labels.get(each.column, ""), each.words) for each in verdict.problems],
                    "notes": verdict.notes,
                    "alike": [patients[pk] for pk in verdict.alike if pk in patients],
                    "is_asked": may_say and row.state == ImportRow.State.ASKED,
                }
                for row, verdict in zip(shown, verdicts, strict=True)
            ],
        }

    def _patients(self, ids: set[int | None]) -> dict[int, Patient]:
        visible = patients_visible_to_staff(self.request.user).select_related("clinic")
        return visible.in_bulk([pk for pk in ids if pk])


class ActView(OfImport, View):
    """What is done with an import, by a button."""

    permission = ADD
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, act: str, **kwargs: Any) -> HttpResponse:
        if act == "others":
            return self._others(request)
        if act == "discard":
            if acts.import_discard(import_id=self.run.pk):
                messages.success(request, _("The file is forgotten. Nothing of it was taken over."))
                return redirect("imports:index")
            self._too_late(request)
            return redirect(self.url)
        change = {
            "run": acts.import_run,
            "stop": acts.import_stop,
            "undo": acts.import_undo,
            "start": acts.import_start,
        }.get(act)
        if change is None:
            raise Http404
        if not change(import_id=self.run.pk, now=timezone.now()):
            self._too_late(request)
        elif act == "stop" and self.run.started_at:
            messages.success(request, _("Stopped. Nobody else is written to until you go on."))
        elif act == "stop":
            messages.success(request, _("Stopped. What was carried out until now stays, and can be undone."))
        return redirect(self.url)

    def _others(self, request: HttpRequest) -> HttpResponse:
        numbers = whole_numbers(request.POST.getlist("row"))
        settled = acts.rows_are_others(import_id=self.run.pk, numbers=numbers)
        if settled:
            said = ngettext(
                "%(count)d row will be registered as somebody new.",
                "%(count)d rows will be registered as somebody new.",
                settled,
            )
            messages.success(request, said % {"count": settled})
        else:
            messages.warning(
                request, _("Tick the rows that are somebody else than those who are here already.")
            )
        return redirect(
            f"{self.url}?state=asked" if self.run.rows.filter(state="asked").exists() else self.url
        )

    def _too_late(self, request: HttpRequest) -> None:
        messages.warning(request, _("This can’t be done any more. This is how the import stands now."))


class LeftView(OfImport, View):
    """The rows that weren't taken over, as they were in the file, with why: to be mended and uploaded again."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        left = [ImportRow.State.REFUSED, ImportRow.State.ASKED]
        rows = list(self.run.rows.filter(state__in=left).order_by("number"))
        note(request, {row.patient_id for row in rows if row.patient_id}, Kind.EXPORTED)
        headings = [*self.headings, _("Row"), _("Why it was not taken over")]
        return csv_download(csv_text(headings, map(self._cells, rows)), f"import-{self.run.pk}-left.csv")

    def _cells(self, row: ImportRow) -> Sequence[Any]:
        cells = json.loads(row.cells or "[]")
        width = len(self.headings)
        labels = {column.name: str(column.label) for column in self.kind.columns}
        said = said_of(row)
        why = [
            f"{labels[each.column]}: {each.words}" if each.column in labels else each.words
            for each in said.problems
        ]
        if row.state == ImportRow.State.ASKED:
            why += [_("It looks like somebody who is here already."), *said.notes]
        return [*(cells + [""] * width)[:width], row.number, " ".join(why)]
