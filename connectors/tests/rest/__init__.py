"""The routes of sources and destinations."""
