"""`python -m ragkit.remote`: started by ragkit.remote.worker, of no use by hand."""

from ragkit.remote.server import main

if __name__ == "__main__":
    main()
