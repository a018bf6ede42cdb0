"""Deliberate breaks of the code, each with the tests that must notice it: whether the suite still guards what it did.

`python -m tests.breaks` makes each of them in a copy of the project, one after the other, and runs its tests there.
`tests/architecture/test_breaks.py` makes sure that each still fits the code.
"""
