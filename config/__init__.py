"""Config puts them together, and holds what all of them stand on.

That is the API's conventions, the hub and the object store.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
