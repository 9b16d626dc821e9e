"""Tests of what table formats share."""
