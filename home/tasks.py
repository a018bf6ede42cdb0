"""This app's Huey tasks, where Huey looks for them at start."""

from home.transactional.queue import send_transactional

__all__ = ["send_transactional"]
