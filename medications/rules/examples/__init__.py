"""Examples of rules as values: tests run them, and medications/admin/rule_pages says them in words."""
