"""SMS, whole: the providers behind one narrow gateway, which of them works, texts, numbers and webhooks."""
