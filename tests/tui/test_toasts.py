"""Toasts: one at a time, short, gone with the screen they were said on."""

from __future__ import annotations

from tests.tui.driver import press, running, settle


async def test_one_toast_at_a_time_and_it_goes_with_its_screen() -> None:
    """The same words said three times are one toast; the newest replaces the one before; another screen has
    none of them, unless it was said for that one."""
    async with running() as (app, pilot):
        for _ in range(3):
            app.say("Copied.")
            await settle(pilot)
        assert [n.message for n in app._notifications] == ["Copied."]
        app.say("Starred.")
        await settle(pilot)
        assert [n.message for n in app._notifications] == ["Starred."]
        assert all(n.timeout <= 6 for n in app._notifications)
        await press(pilot, "4")
        assert not app._notifications
        app.say("Written.", stays=True)
        await press(pilot, "3")
        assert [n.message for n in app._notifications] == ["Written."]
