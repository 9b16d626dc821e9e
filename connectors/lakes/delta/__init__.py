"""Delta tables: their columns, their log, their commits."""
