"""WhatsApp, whole: the providers behind one narrow gateway, approved templates, webhooks, and who can't be reached."""
