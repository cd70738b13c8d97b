"""The real server where no file may grow beyond half a megabyte: sooner or later the journal cannot be written."""

import resource

from trading_api.cli import main

FILE_BYTES_MAX = 500_000

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))
    main()
