"""The demo's accounts. Importable without Django, so that the start script can print them."""

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
"""The accounts to try the demo with, and the role of each."""
