"""The Celery application: an interface to kbchat's services, as web is. kbchat never imports it."""

from workers.app import app

__all__ = ["app"]
