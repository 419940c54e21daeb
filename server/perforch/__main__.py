"""`python -m perforch` is the command line."""

import sys

from perforch.cli import main

if __name__ == "__main__":
    sys.exit(main())
