"""MySQL and MariaDB, against a real server."""
