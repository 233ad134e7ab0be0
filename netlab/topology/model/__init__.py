"""The file format as pydantic models: what may stand where, and nothing of what it comes to."""
