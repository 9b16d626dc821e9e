"""Tests of the iceberg connector."""
