"""Who may do what, on every route that there is."""
