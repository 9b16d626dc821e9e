"""What the account routes take and answer, by who asks: one file for each kind of thing."""
