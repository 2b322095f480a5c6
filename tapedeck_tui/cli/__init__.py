"""The command line: the accessible door. Every screen of the app has a command with the same content.

Data goes to stdout (``output``), talk to stderr (``talk``); ``--json`` prints the shapes of ``schemas``.
"""

from __future__ import annotations
