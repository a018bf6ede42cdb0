"""What this app lets staff bring in from a file."""

from home.admin.importing.patients import Patients
from home.admin.importing.people import People
from home.imports.importable import register_importable

register_importable(Patients())
register_importable(People())
