"""Tests of the api connector."""
