"""What survives when the processes of the whole platform are killed."""
