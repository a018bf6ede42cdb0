"""E-mail, whole: sending, the bodies of a mail, its link to unsubscribe, and what the e-mail service reports."""
