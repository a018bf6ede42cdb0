"""What comes back by SMS: receipts of what was sent, and what people write."""
