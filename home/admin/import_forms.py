"""The forms of an import: which file it is, and which of its columns is which."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from home.imports.importable import Importable, importables
from home.imports.sheets import MOST_BYTES, too_large
from home.models import Clinic, User
from home.selectors import clinics_of_staff


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What is in the file"), widget=forms.RadioSelect)
    clinic = forms.ModelChoiceField(
        label=gettext_lazy("Clinic"),
        queryset=Clinic.objects.none(),
        empty_label=gettext_lazy("Choose a clinic"),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "Excel (.xlsx) or CSV, at most 10 MB and 10,000 rows. The first row has the names of the columns."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
            "max_length": gettext_lazy("The name of this file is too long. Give it a shorter one."),
        },
        max_length=200,
    )

    def __init__(self, *args: Any, for_user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [each for each in importables() if for_user.has_perm(each.permission)]
        self.kinds = {each.name: each for each in kinds}
        self.fields["kind"].choices = [(each.name, each.label) for each in kinds]  # type: ignore[attr-defined]
        clinic: Any = self.fields["clinic"]
        clinic.queryset = clinics_of_staff(for_user)
        found = list(clinic.queryset[:2])
        if len(found) == 1:
            self.initial.setdefault("clinic", found[0].pk)
        if len(kinds) == 1:
            self.initial.setdefault("kind", kinds[0].name)

    def clean_kind(self) -> Importable:
        return self.kinds[self.cleaned_data["kind"]]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise too_large()
        return file


class MatchForm(forms.Form):
    """For each column of the kind the heading in the file that has it."""

    def __init__(
        self, *args: Any, kind: Importable, headings: Sequence[str], samples: Sequence[str], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.kind = kind
        choices = [("", _("Not in this file")), *_shown(headings, samples)]
        for column in kind.columns:
            self.fields[column.name] = forms.TypedChoiceField(
                label=column.label,
                choices=choices,
                required=column.required,
                coerce=int,
                empty_value=None,
                error_messages={"required": _("No row can do without this. Choose the column that has it.")},
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        taken: dict[int, str] = {}
        for name, position in list(cleaned.items()):
            if position is None:
                continue
            if position in taken:
                said = _("This column is chosen twice.")
                self.add_error(name, ValidationError(said, code="twice"))
            taken.setdefault(position, name)
        return cleaned

    def matched(self) -> dict[str, int]:
        return {name: position for name, position in self.cleaned_data.items() if position is not None}


def column_words(position: int) -> str:
    """What a column without heading is called."""
    return _("column %(number)s") % {"number": position + 1}


def _shown(headings: Sequence[str], samples: Sequence[str]) -> list[tuple[str, str]]:
    """A heading with what stands below it in the first row, by which people know which column is meant."""
    shown = []
    for position, heading in enumerate(headings):
        name = heading or column_words(position)
        sample = samples[position] if position < len(samples) else ""
        shown.append((str(position), f"{name} ({sample[:30]})" if sample else name))
    return shown
