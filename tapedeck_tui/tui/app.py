"""The app: modes, the deck, jobs, keys, themes, and the one error boundary."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.signal import Signal

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import Changed, Finished
from tapedeck_tui.text import clean, one_line
from tapedeck_tui.tui import modes, state
from tapedeck_tui.tui.crash import crash_of
from tapedeck_tui.tui.jobs import JobMoved, JobTable, SyncChild, run_job
from tapedeck_tui.tui.keys import bindings_for, read_keymap
from tapedeck_tui.tui.themes import THEMES
from tapedeck_tui.tui.toasts import Toasts
from tapedeck_tui.tui.type_ahead import TypeAhead
from tapedeck_tui.tui.warming import Warmer

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from tapedeck_tui.deck import Deck
    from tapedeck_tui.model import SessionRow
    from tapedeck_tui.paths import Home

WIDTHS = [(0, "-cramped"), (60, "-narrow"), (100, "-normal"), (120, "-roomy"), (140, "-wide")]
"""From how many columns a screen has which class; layout changes only in CSS."""
HEIGHTS = [(0, "-flat"), (15, "-short"), (30, "-tall")]
"""The same for rows."""
QUIT_WITHIN = 3.0
"""Seconds in which the second ctrl+c quits."""
SYNC = "sync"
"""Name of the job that reads the sources and then follows them."""
IMPORT = "import"
"""Name of the job that reads files the user named."""
_LOG = logging.getLogger("tapedeck")


class TapedeckApp(Toasts):
    """tapedeck's terminal app.

    Args:
        deck: the door to everything; ``deck.home`` says where the config and the log are.
        demo: the invented library: nothing is read from this machine.
        clock: seconds since 1970; ``now`` is read from it.
        sync: the child process that reads the sources; default: this Python's ``tapedeck watch``.
    """

    TITLE = "tapedeck"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, Any]] = modes.MODES
    DEFAULT_MODE = "browse"
    COMMANDS: ClassVar[set[Any]] = {modes.commands}
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("app")
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        deck: Deck,
        *,
        demo: bool = False,
        clock: Callable[[], float] = time.time,
        sync: Callable[..., SyncChild] = SyncChild,
    ) -> None:
        super().__init__()
        self.deck = deck
        self.demo = demo
        self.clock = clock
        self.jobs = JobTable()
        self.jobs_signal: Signal[JobTable] = Signal(self, "jobs")
        """A job moved; the status line is drawn from ``jobs``."""
        self.library_signal: Signal[Changed] = Signal(self, "library")
        """The library changed; lists re-read."""
        self.left = state.Left()
        """Where the user left the app last time; read before the first list."""
        self.own_keys: dict[str, str] = {}
        """The user's own keys, id to keys, for the help."""
        self._make_sync = sync
        self._children: dict[str, SyncChild] = {}
        self._named: tuple[Path, ...] = ()
        """What the user asked to have read, and is told the outcome of."""
        self._interrupted_at = float("-inf")
        self.type_ahead = TypeAhead(self)
        self.warmer = Warmer(deck)
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    @property
    def now(self) -> float:
        """Seconds since 1970, frozen in tests."""
        return self.clock()

    # start

    def on_mount(self) -> None:
        self.call_after_refresh(self._after_first_paint)
        if threading.current_thread() is threading.main_thread() and not self.is_headless:
            import asyncio

            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit, 0)

    def _after_first_paint(self) -> None:
        self.run_worker(self._recall, thread=True, group="start")

    def _recall(self) -> None:
        """In a thread: what was left, whether this is the first run, the user's keys and theme."""
        deck = self.deck
        try:
            left = state.Left.load(deck.recall(state.PLACE_KEY))
            theme = deck.recall(state.THEME_KEY)
            fresh = not deck.recall("welcomed") and deck.status().sessions == 0
        except TapedeckError as exc:
            self.call_from_thread(self.say_error, exc)
            return
        keymap, wrong = read_keymap(deck.home.config_file)
        self.call_from_thread(self._begin, left, theme, fresh and not self.demo, keymap, wrong)

    def _begin(self, left: state.Left, theme: str, fresh: bool, keymap: dict[str, str], wrong: str) -> None:
        self.left = left
        self.own_keys = keymap
        if keymap:
            self.set_keymap(keymap)
        if wrong:
            self.say(wrong, "warning")
        if theme in self.available_themes:
            self.theme = theme
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.warmer.words()
        if fresh:
            from tapedeck_tui.tui.screens.welcome import welcome_screen

            self.push_screen(welcome_screen())
            return
        self.read_sources()
        restore = getattr(self.screen, "restore", None)
        if restore is not None:
            restore(left)
        if left.mode != "browse":
            self.switch_mode(left.mode)
        elif left.reading:
            self.open_reader(left.reading, position=left.position)

    def _keep_theme(self, theme: Any) -> None:
        if not CommandPalette.is_open(cast("App[object]", self)):  # there, themes are only tried on
            self.use_theme(theme.name)

    def use_theme(self, name: str) -> None:
        """Change to this theme, and start with it from now on."""
        self.theme = name
        self.run_worker(lambda: self.deck.remember(state.THEME_KEY, name), thread=True, group="theme")

    # what screens and the palette call

    def open_reader(
        self, session_id: str, turn_id: str = "", start: int = 0, length: int = 0, *, position: int = -1,
        words: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Read a session; escape comes back here.

        Args:
            turn_id: the turn to show, "" for ``position`` or the beginning.
            start, length: the words in the turn's text to highlight (characters).
            position: number of the turn to show where no turn is named, -1 for none.
            words: what was searched for: it is found in the session, ``n`` goes on to the next.
        """
        from tapedeck_tui.tui.screens.reader import reader_screen

        self.push_screen(reader_screen(session_id, turn_id, start, length, position, words))

    def open_ask(self, session_id: str = "", question: str = "") -> None:
        """Go to ask, about one session when given, with the question filled in (``AskScreen.begin``)."""

        async def go() -> None:
            await self.switch_mode("ask")
            begin = getattr(self.screen_stack[0], "begin", None)
            if begin is not None:
                begin(session_id, question)

        self.call_next(go)

    def open_promote(self, turn_ids: Sequence[str], answer_id: str = "") -> None:
        """Preview what these turns (or this kept answer) would become."""
        from tapedeck_tui.tui.screens.promote import promote_screen

        self.push_screen(promote_screen(tuple(turn_ids), answer_id))

    def copy(self, text: str, what: str) -> None:
        """Copy to the clipboard (OSC 52 over ssh) and say what."""
        self.copy_to_clipboard(clean(text))
        self.say(f"Copied {what}.")

    def set_title(self, what: str = "") -> None:
        """The terminal's title: the session being read, or the app's name."""
        title = f"{one_line(what, 60)} · tapedeck" if what else "tapedeck"
        self.title = title
        if self._driver is not None and not self.is_headless:
            self._driver.write(f"\x1b]0;{title}\x07")

    def row_changed(self, row: SessionRow) -> None:
        """A session got a star or a label somewhere: the list behind shows it, too."""
        for screen in self._stack_of("browse"):
            put = getattr(screen, "put_session", None)
            if put is not None:
                put(row)

    def edit_file(self, path: str, line: int = 0) -> None:
        """Open a source file in the user's editor; says why when that cannot be."""
        from tapedeck_tui.tui.editor import edit

        wrong = edit(self, path, line)
        if wrong:
            self.say(wrong, "warning")

    # jobs

    def read_sources(self, paths: Sequence[Path] = ()) -> None:
        """Start following the sources (or reading these paths) in a child process, unless it runs already or this is
        the demo."""
        job = IMPORT if paths else SYNC
        if self.demo or job in self.jobs.running or job in self.jobs.watching:
            return
        child = self._make_sync(self.deck.home, paths) if paths else self._make_sync(self.deck.home)
        self._children[job] = child
        self._named = tuple(paths) or self._named
        self.jobs.begin(job)
        run_job(self, job, child.events)

    def on_job_moved(self, message: JobMoved) -> None:
        was_running = bool(self.jobs.running)
        self.jobs.take(message)
        if was_running and not self.jobs.running:
            self.library_signal.publish(Changed(0, 0))  # lists that wait for the end look again
        if isinstance(message.event, Changed):
            self.library_signal.publish(message.event)
        elif isinstance(message.event, Finished):
            counts = dict(message.event.counts)
            self.library_signal.publish(Changed(counts.get("sessions", 0), counts.get("turns", 0)))
        if message.error:
            self.say(message.error, "error")
        elif message.event is None:
            self._say_outcome(message.job)
        self.jobs_signal.publish(self.jobs)

    def _say_outcome(self, job: str) -> None:
        """Reading is over: who named files is told."""
        if job == IMPORT:
            words, good = self.jobs.outcome(job, self._named)
            if words:
                self.say(words, "information" if good else "warning")

    def on_app_focus(self) -> None:
        """Another process may have read the sources meanwhile: lists look again."""
        self.library_signal.publish(Changed(0, 0))

    def on_unmount(self) -> None:
        for child in self._children.values():
            child.stop()

    # keys

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and self.type_ahead.arrives(event):
            return
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        if self.type_ahead.comes_back(event):
            event.prevent_default()

    async def action_mode(self, mode: str) -> None:
        """Go to a place. Browse, and the place one is in already, mean its first screen."""
        was = self.current_mode
        await self.switch_mode(mode)
        while mode in ("browse", was) and len(self.screen_stack) > 1:
            top = self.screen
            go_back = getattr(top, "go_back", None)
            if go_back is None or not go_back() or self.screen is top:
                return

    def action_command_palette(self) -> None:
        from tapedeck_tui.tui.palette import Palette

        if not CommandPalette.is_open(cast("App[object]", self)):
            self.push_screen(Palette())

    def action_help(self) -> None:
        from tapedeck_tui.tui.screens.help import help_screen

        self.push_screen(help_screen(getattr(self.screen, "HELP", "")))

    def action_read_sources(self) -> None:
        if self.demo:
            self.say("This is the demo library; nothing is read from this machine.")
        elif SYNC in self.jobs.running:
            self.say("The sources are being read already.")
        elif SYNC in self.jobs.watching:
            self.run_worker(self._signal, thread=True, group="signal")
        else:
            self.read_sources()

    def _signal(self) -> None:
        """In a thread: the watcher looks at everything now."""
        try:
            self.deck.signal()
        except TapedeckError as exc:
            self.call_from_thread(self.say_error, exc)
        else:
            self.call_from_thread(self.say, "The sources are watched; they are all looked at again now.")

    def action_stop_job(self) -> None:
        running = [child for job, child in self._children.items() if job in self.jobs.running]
        for child in running:
            child.stop()
        if running:
            self.say("Stopped. What was read is kept; r reads on.")

    def action_close(self) -> None:
        close = getattr(self.screen, "close", None)
        if close is not None:
            close()

    async def action_back(self) -> None:
        if not await self._step_back():
            await self.action_quit()

    async def action_step_back(self) -> None:
        """Back as far as there is something to go back to; never quits."""
        await self._step_back()

    async def _step_back(self) -> bool:
        go_back = getattr(self.screen, "go_back", None)
        if go_back is not None and go_back():
            return True
        if self.current_mode == "browse":
            return False
        await self.switch_mode("browse")
        return True

    def action_interrupt(self) -> None:
        now = time.monotonic()
        if now - self._interrupted_at <= QUIT_WITHIN:
            self.run_worker(self.action_quit())
            return
        self._interrupted_at = now
        self.say("Press ctrl+c again to quit.")

    async def action_quit(self) -> None:
        import asyncio

        left = self.where()
        try:
            await asyncio.to_thread(self.deck.remember, state.PLACE_KEY, left.dump())
        except TapedeckError:
            _LOG.exception("The place could not be remembered.")
        self.exit(0)

    def where(self) -> state.Left:
        """Where the user is, as far as the screens can say."""
        browse = next((s for s in self._stack_of("browse") if hasattr(s, "left")), None)
        left: state.Left = browse.left() if browse is not None else self.left
        reader = next((s for s in reversed(self._stack_of("browse")) if hasattr(s, "reading")), None)
        reading, position = reader.reading() if reader is not None else ("", 0)
        return state.Left(self.current_mode, left.query, left.session_id, reading, position)

    def _stack_of(self, mode: str) -> list[Any]:
        return list(self._screen_stacks.get(mode, ()))

    # errors

    def _handle_exception(self, error: Exception) -> None:
        """Textual's hook for what nobody caught: the details go to the log, the user gets one sentence."""
        super()._handle_exception(crash_of(error, self.deck.home.log_file))


def run_app(home: Home, demo: bool = False) -> int:
    """Run the app until the user quits. Returns the exit code."""
    from tapedeck_tui.deck import Deck

    app = TapedeckApp(Deck(home), demo=demo)
    app.run()
    return app.return_code or 0
