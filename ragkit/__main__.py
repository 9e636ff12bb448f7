"""`python -m ragkit` is the command `ragkit`."""

from ragkit.cli.main import run

if __name__ == "__main__":
    run()
