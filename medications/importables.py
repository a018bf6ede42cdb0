"""What this app lets staff bring in from a file."""

from home.imports.importable import register_importable
from medications.admin.importing.shelf import Shelf

register_importable(Shelf())
