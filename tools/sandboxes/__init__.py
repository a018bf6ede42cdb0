"""Whether providers' sandboxes answer as the tests' counterparts of them do: docs/tests.md says which there are."""
