from netlab.cli import main

main(prog_name="netlab")
