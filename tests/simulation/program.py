"""Programs: what happens in one simulation, as data."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

ACTS = 25
"""Of a program that isn't told how many."""


class Act(NamedTuple):
    """One act by its name. What it chooses it chooses by its own seed, so it can be left out, or alone."""

    name: str
    seed: int

    def __str__(self) -> str:
        return f"{self.name}:{self.seed}"


class Program(NamedTuple):
    """The seed of the world, and what is done in it."""

    seed: int
    acts: tuple[Act, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.acts))


def drawn(seed: int, weights: Mapping[str, int], count: int = ACTS) -> Program:
    """The program of this seed: so many acts, each as likely as its weight says."""
    chance = Random(f"program {seed}")
    names = chance.choices(list(weights), list(weights.values()), k=count)
    return Program(seed, tuple(Act(name, chance.getrandbits(32)) for name in names))


def read(seed: int, acts: Sequence[str]) -> Program:
    """As `Act` writes them. ValueError for what is none."""
    pairs = (each.partition(":") for each in acts)
    return Program(seed, tuple(Act(name, int(number)) for name, _, number in pairs))
