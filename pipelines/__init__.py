"""Pipelines is what is drawn."""
