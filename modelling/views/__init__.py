"""The routes of workspaces, as the Modelling contract has them."""
