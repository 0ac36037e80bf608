"""`python -m nlptrain` is the command `nlptrain`."""

from nlptrain.cli.app import main

main()
