"""The admin at /admin/: its site, its looks, and what the admin pages of every app stand on."""
