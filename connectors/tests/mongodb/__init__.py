"""Tests of the MongoDB source: the real driver, against a server that stands on mongomock."""
