from netlab.cli import entry

entry()
