"""Every index of our tables is a rule, a foreign key's, or has a line in docs/indexes.md with who asks by it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model

TABLE = (Path(settings.BASE_DIR) / "docs/indexes.md").read_text()
LISTED = dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", TABLE, re.M))
OURS = ("notifications", "home", "medications", "events")
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]


def fields_of(model: type[Model]) -> list[Any]:
    return list(model._meta.local_fields)


def declared(model: type[Model]) -> Iterator[str]:
    """As docs/indexes.md names them: those of the model's Meta, and those of single fields."""
    yield from (index.name for index in model._meta.indexes)
    for field in fields_of(model):
        if field.db_index and not field.unique and not field.remote_field:
            yield f"{model._meta.db_table}.{field.column}"


def found(model: type[Model]) -> dict[str, Any]:
    """The indexes that the database has, but for primary keys."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return {
        name: each
        for name, each in constraints.items()
        if each["index"] or (each["unique"] and not each["primary_key"])
    }


def test_each_has_a_line_that_says_who_asks_by_it() -> None:
    names = {name for model in MODELS for name in declared(model)}
    assert names - LISTED.keys() == set()


def test_each_line_has_its_index() -> None:
    names = {name for model in MODELS for name in declared(model)}
    assert LISTED.keys() - names == set()


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_database_has_no_others(model: type[Model]) -> None:
    """Such as the one for LIKE that Django makes beside a unique text, or what was made by hand."""
    named = {index.name for index in model._meta.indexes} | {each.name for each in model._meta.constraints}
    fields = {field.column for field in fields_of(model) if field.db_index or field.unique}
    others = {
        name: each["columns"]
        for name, each in found(model).items()
        if name not in named and not (len(each["columns"]) == 1 and each["columns"][0] in fields)
    }
    assert others == {}
    assert [name for name in found(model) if name.endswith("_like")] == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_none_is_the_beginning_of_another(model: type[Model]) -> None:
    whole = {
        tuple(index.fields)
        for index in (*model._meta.indexes, *model._meta.constraints)
        if getattr(index, "fields", None) and getattr(index, "condition", None) is None
    }
    single = {(field.name,) for field in fields_of(model) if field.db_index and not field.unique}
    beginnings = {fields[:length] for fields in whole for length in range(1, len(fields))}
    assert {fields for fields in whole | single if fields in beginnings} == set()
