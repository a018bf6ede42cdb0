"""Who the demo is shown around as. Known without Django, so that the start can print it."""

PASSWORD = "medguard-demo"  # noqa: S105 - of every account, for everybody to know
DOMAIN = "demo.medguard.test"
ACCOUNTS = {
    f"thandi@{DOMAIN}": "patient, English",
    f"pieter@{DOMAIN}": "patient, Afrikaans",
    f"anna@{DOMAIN}": "carer of Pieter, guardian of a child",
    f"sister@{DOMAIN}": "nurse",
    f"manager@{DOMAIN}": "clinic manager",
    f"admin@{DOMAIN}": "administrator",
}
"""Those to be shown around with, and who they are."""
