"""Tests of the backend of PostgreSQL."""
