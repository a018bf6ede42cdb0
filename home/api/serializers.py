"""What the calls about imports ask for and answer."""

from typing import Any

from rest_framework import serializers

from home.imports.sheets import MOST_ROWS
from home.models import Import, ImportRow
from notifications.api.fields import Body, Flag, Moment, Number, Text

MAX_ID = 2**63 - 1


class ImportAskSerializer(Body):
    kind = Text(max_length=20, help_text="What the rows are, such as `patients`.")
    clinic = Number(min_value=1, max_value=MAX_ID)
    rows = serializers.ListField(
        child=serializers.DictField(),
        min_length=1,
        max_length=MOST_ROWS,
        help_text="Objects with the columns of the kind by their names. Dates are day first, or ISO 8601.",
    )
    carry_out = Flag(
        default=False,
        help_text="Carry out what can be, once all rows are tried. Else that is done on the site.",
    )


class ProblemSerializer(serializers.Serializer[Any]):
    column = serializers.CharField(help_text="Empty for what is wrong with the row as a whole.")
    message = serializers.CharField()


class ImportRowSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="From 1, as they were sent.")
    state = serializers.ChoiceField(ImportRow.State.values)
    patient_id = serializers.IntegerField(allow_null=True)
    problems = ProblemSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class ImportSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    clinic = serializers.IntegerField()
    state = serializers.ChoiceField(Import.State.values)
    uploaded_at = Moment()
    total = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by their state.")
    rows = ImportRowSerializer(many=True)
    next_after = serializers.IntegerField(
        allow_null=True, help_text="Ask with `?after=` this for the rows that follow; null where none do."
    )
