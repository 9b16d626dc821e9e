"""Iceberg tables: their catalogs, their columns, their commits."""
