"""Tests of the conventions of the API."""
