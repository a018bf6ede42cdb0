"""What this app lets staff bring in from a file."""

from home.imports.importable import register_importable
from medications.admin.importing.prescriptions import Prescriptions
from medications.admin.importing.shelf import Shelf
from medications.admin.importing.vaccinations import Vaccinations

register_importable(Prescriptions())
register_importable(Shelf())
register_importable(Vaccinations())
