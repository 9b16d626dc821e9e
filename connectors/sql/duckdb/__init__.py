"""What the DuckDB connector is made of: shared open files, types, tables and loads."""
