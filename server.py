"""`python server.py` runs the service in the foreground, as `dietcare serve` does."""

import sys

from dietcare.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "serve")
    main()
