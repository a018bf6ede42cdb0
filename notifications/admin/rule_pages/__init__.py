"""Rules as pages for staff: a few sentences, and the examples that the tests run."""
