"""The steps of a scenario, a family a file."""
