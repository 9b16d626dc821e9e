"""What the routes of jobs and runs take and answer, one file for each contract."""
