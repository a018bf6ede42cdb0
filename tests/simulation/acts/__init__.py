"""What may happen: one small function for each act, which draws what it needs from its own seed."""

from tests.simulation.acts import answers, clinic, imports, passing, providers, staff, treatment, wishes
from tests.simulation.acts.kinds import ACTS, weights
from tests.simulation.acts.passing import settle

__all__ = [
    "ACTS",
    "answers",
    "clinic",
    "imports",
    "passing",
    "providers",
    "settle",
    "staff",
    "treatment",
    "weights",
    "wishes",
]
