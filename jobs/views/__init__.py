"""The routes of jobs and runs, as the Olake and orc contracts and ours have them."""
