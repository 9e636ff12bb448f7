"""`python -m ragkit` is the command `ragkit`."""

import sys

from ragkit.errors import Interrupted


def main() -> None:
    """The entry point of the command. Loading it takes a moment: Ctrl-C ends that with one line too."""
    try:
        from ragkit.cli.main import run
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing was done.\n")
        sys.exit(Interrupted.exit_code)
    run()


if __name__ == "__main__":
    main()
