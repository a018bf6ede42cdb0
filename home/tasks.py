"""This app's Huey tasks, where Huey looks for them at start."""

from home.clocks.tasks import move_clocks
from home.imports.tasks import carry_on_imports
from home.privacy.tasks import carry_out_erasures, make_data_exports
from home.transactional.queue import send_transactional
from home.worklist.tasks import refresh_lists

__all__ = [
    "carry_on_imports",
    "carry_out_erasures",
    "make_data_exports",
    "move_clocks",
    "refresh_lists",
    "send_transactional",
]
