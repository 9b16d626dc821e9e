"""Cursors and filters on every SQL system, by the same tests."""
