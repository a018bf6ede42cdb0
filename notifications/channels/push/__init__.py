"""Web push, whole: which addresses are push services, what is sent to them, with whose key, and to which browsers."""
