"""tapedeck: keep, search, ask and promote everything you and your agents said. Local and offline."""

from __future__ import annotations

__version__ = "0.1.0"
