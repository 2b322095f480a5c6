"""What screens are made of. Widgets show; screens wire. Each is usable in a ten-line app."""
