"""Modelling is what the data means."""
