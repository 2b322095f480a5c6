"""``python -m tapedeck_tui``: the same as the command ``tapedeck``."""

from __future__ import annotations

import sys

from tapedeck_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
