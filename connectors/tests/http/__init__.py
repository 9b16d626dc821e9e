"""Tests of the guarded HTTP client."""
