"""Examples of rules as values: tests run them, and notifications/admin/rule_pages says them in words."""
