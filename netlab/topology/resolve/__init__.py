"""From the checked file to the Plan: one module for each part of it."""
