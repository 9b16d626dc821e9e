"""What the SQLite connector is made of: open files, storage classes, reading and loads."""
