"""PostgreSQL as Django speaks to it, except that times are read by psycopg's C code."""
