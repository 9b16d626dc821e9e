"""What the PostgreSQL connector is made of: sessions, scanning, catalog, staging and commits."""
