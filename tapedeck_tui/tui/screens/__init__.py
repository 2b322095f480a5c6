"""One module a screen, each imported when it is first shown, each with a factory (``browse_screen()``)."""
