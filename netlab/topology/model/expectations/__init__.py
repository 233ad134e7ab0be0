"""The families of expectations."""
