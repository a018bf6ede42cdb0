"""What web push is made of: which addresses are push services, what is sent to them, and with whose key."""
