"""netlab: multi-host network labs from one YAML file."""

__version__ = "0.1.0"
