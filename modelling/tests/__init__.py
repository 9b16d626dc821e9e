"""Tests of the modelling app."""
