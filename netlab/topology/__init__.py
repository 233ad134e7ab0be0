"""What a lab is: a YAML file in, a frozen and fully resolved Plan out."""

from netlab.topology.load import load, load_text
from netlab.topology.schema import json_schema

__all__ = ["json_schema", "load", "load_text"]
