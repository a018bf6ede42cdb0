"""A simulation of the whole pipeline, to find what nobody thought of.

A program is a seed and a list of acts. The seed makes a small world (`world`), each act has a seed of its own
(`acts`), and nothing else is left to chance: people answer, staff edit, providers lie (`outside`), two consumers work
and die (`consumers`), on a clock of the simulation's own. After each act, and at each message that leaves, `invariants`
says what must hold, in words of its own. What fails is shortened to the fewest acts that still fail (`shrink`).

`python -m tests.simulation --seeds 1000`, or `make simulate SEEDS=1000`.
"""
