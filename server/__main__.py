"""`python -m server` is the command `taama`."""

from server.cli import main

main()
