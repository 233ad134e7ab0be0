"""Steps of a file to steps of a Plan, a family a file."""
