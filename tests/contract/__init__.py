"""Suites that take every plug-in of the registry by themselves."""
