"""The database, brought to the state that the code wants when the site starts."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pkgutil import iter_modules

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from home.groups import give_permissions
from home.site_record import follow_base_url
from site_config.database_limits import migrate_patiently


def bring_up_to_date() -> None:
    """Migrates where there is a migration that the database hasn't had; else does what follows a migration and may
    change without one.

    Django imports all migrations, and makes the models as they were, to find that nothing is left to do. Which there
    are is known from the names of the files, and which were carried out from one query.
    """
    if set(_migrations()) <= MigrationRecorder(connection).applied_migrations().keys():
        give_permissions()
        follow_base_url()
    else:
        migrate_patiently(partial(call_command, "migrate", interactive=False, verbosity=0), say=print)


def _migrations() -> Iterator[tuple[str, str]]:
    """App and name of each, as the database keeps them."""
    for app in apps.get_app_configs():
        package, _explicit = MigrationLoader.migrations_module(app.label)
        folder = find_spec(package) if package else None
        for module in iter_modules(folder.submodule_search_locations if folder else []):
            if not module.ispkg and module.name[0] not in "_~":
                yield app.label, module.name
