"""The two themes of tapedeck. One accent, three levels of text, colour only for meaning."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="tapedeck-dark",
    primary="#e0a458",
    secondary="#8fa3b8",
    accent="#e0a458",
    warning="#d9a441",
    error="#e06c75",
    success="#8fbf7f",
    foreground="#d8d6d0",
    background="#15171a",
    surface="#1b1e22",
    panel="#23272c",
    dark=True,
    variables={
        "text": "#d8d6d0",
        "text-muted": "#8d929a",
        "text-disabled": "#5c6168",
        "block-cursor-background": "#2a2e34",
        "block-cursor-foreground": "#f0eee8",
        "input-selection-background": "#e0a458 30%",
        "scrollbar": "#343940",
        "scrollbar-hover": "#4a515a",
        "scrollbar-active": "#e0a458",
        "scrollbar-background": "#15171a",
        "scrollbar-background-hover": "#15171a",
        "scrollbar-background-active": "#15171a",
        "scrollbar-corner-color": "#15171a",
    },
)

LIGHT = Theme(
    name="tapedeck-light",
    primary="#9a5b13",
    secondary="#4b5d70",
    accent="#9a5b13",
    warning="#8a6100",
    error="#b3303f",
    success="#3f7a33",
    foreground="#26282b",
    background="#faf8f3",
    surface="#f2efe8",
    panel="#e8e4da",
    dark=False,
    variables={
        "text": "#26282b",
        "text-muted": "#686c72",
        "text-disabled": "#9da0a4",
        "block-cursor-background": "#e6e1d5",
        "block-cursor-foreground": "#121315",
        "input-selection-background": "#9a5b13 25%",
        "scrollbar": "#cfcabd",
        "scrollbar-hover": "#b5afa0",
        "scrollbar-active": "#9a5b13",
        "scrollbar-background": "#faf8f3",
        "scrollbar-background-hover": "#faf8f3",
        "scrollbar-background-active": "#faf8f3",
        "scrollbar-corner-color": "#faf8f3",
    },
)

THEMES = (DARK, LIGHT)
