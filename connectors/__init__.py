"""Connectors is what plugs in."""
