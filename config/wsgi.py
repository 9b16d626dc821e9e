"""The platform over WSGI: the REST API, pages and admin, without sockets."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# The first request would load the routes. What is loaded by now lives as long as the process, so
# that the collector need not look through all of it in the midst of one request or another.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
