"""`perforch` and `python -m perforch`: the command line, or the language server, which is to start fast."""

import sys


def main() -> int:
    """The language server needs a tenth of what the commands do, so that either is imported only when it is wanted."""
    if sys.argv[1:2] == ["serve"]:
        from perforch.lsp.server import main as serve  # noqa: PLC0415 - see above

        return serve(sys.argv[2:])
    from perforch.cli import main as command  # noqa: PLC0415 - see above

    return command()


if __name__ == "__main__":
    sys.exit(main())
