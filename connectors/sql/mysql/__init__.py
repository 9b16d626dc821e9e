"""MySQL and MariaDB: settings, sessions, types, reading, loading."""
