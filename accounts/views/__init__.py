"""The account routes of the contracts, one file for each."""
