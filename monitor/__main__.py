"""`python -m monitor` is `lumbar`."""

from monitor.cli import main

main()
