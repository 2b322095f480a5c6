The doors of a small two-player game: met, understood, and broken once more by old save files.

=== bluedoor-door-bounce
source: claude-code
project: /home/mira/code/bluedoor
at: -166d 20:14
title: Doors throw the player back
model: claude-opus-4-5-20251101
version: 2.0.76

> walking through a door puts me right back where i came from. cellar -> hall -> cellar in one blink. not always, maybe 4 of 5 times
~ The doors are triggers that teleport. If the spawn point lies inside the trigger of the opposite door, arriving would count as entering. Let me look at the room files and at the client code that handles room changes.
< Sounds like you arrive inside the other door's trigger. I'll check where the spawn points are.
$ grep -n '"door"' -A6 rooms/cellar.json rooms/hall.json
rooms/cellar.json:14:    {"kind": "door", "id": "cellar_up",
rooms/cellar.json-15-     "trigger": [208, 96, 32, 32],
rooms/cellar.json-16-     "to": "hall", "spawn": [64, 112]},
rooms/hall.json:22:    {"kind": "door", "id": "hall_down",
rooms/hall.json-23-     "trigger": [48, 96, 32, 32],
rooms/hall.json-24-     "to": "cellar", "spawn": [224, 112]},
< Confirmed: `cellar_up` spawns you at (64, 112) in the hall, and the trigger of `hall_down` covers x 48–80, y 96–128. So you land in the middle of the opposite door's trigger, and that door sends you straight back. The way down is the same: (224, 112) is inside 208–240.

Two ways out:

1. Move every spawn point one tile away from the door.
2. Ignore doors for a moment after a room change.
> 1 looks odd, you should come out OF the door, not next to it. do 2
@ Read client/room_view.py:41-66
    def on_room_changed(self, msg):
        self.room = self.rooms.load(msg["room"])
        self.player.pos = Vec(*msg["spawn"])
        self.camera.snap_to(self.player.pos)
        self.fade.start(0.2)

    def update(self, dt):
        self.fade.update(dt)
        self.player.update(dt, self.input)
        for door in self.room.doors:
            if door.trigger.contains(self.player.pos):
                self.net.send({"type": "use_door", "door": door.id})
                break
        self.camera.follow(self.player.pos, dt)
< The client asks for the door as soon as the player stands in a trigger, so a short pause there should do. I'll add a timer of half a second that starts when the room changes.
@ Edit client/room_view.py
         self.fade.start(0.2)
+        self.door_pause = 0.5
 
     def update(self, dt):
         self.fade.update(dt)
+        self.door_pause = max(0.0, self.door_pause - dt)
         self.player.update(dt, self.input)
-        for door in self.room.doors:
+        for door in self.room.doors if not self.door_pause else ():
$ python -m bluedoor.devclient --script scripts/through_door.txt
room cellar   pos 190,112
room cellar   pos 214,112
room hall     pos 64,112
room hall     pos 64,112
room hall     pos 92,112
script done in 3.1 s
< The scripted walk now goes through and stays in the hall. Before the change the same script printed `cellar` again on the fourth line.
% wait 25m
> hm. tried it by hand with jon on the other machine, still throws me back. not every time. through the library door it works always, cellar door almost never
< Then half a second is not the whole story. Let me run the walk fifty times per door and count.
$!1 python scripts/door_soak.py --runs 50
door            through   thrown back
cellar_up            11            39
hall_down            50             0
library_in           50             0
library_out           9            41
tower_steps          12            38
5 doors, 250 runs, 118 thrown back
FAILED: expected 0
~ hall_down always works and cellar_up nearly never, although they have the same geometry. So it isn't the time. Could be latency: with the network delay the timer may start too early. Let me try a longer one to see whether the number moves at all.
< Odd: two doors of one pair behave differently, and the pause is the same for both. I'll raise it to 1.5 s, only to see whether time matters at all.
$ sed -i 's/door_pause = 0.5/door_pause = 1.5/' client/room_view.py && python scripts/door_soak.py --runs 50 | tail -3
library_out          10            40
tower_steps          11            39
5 doors, 250 runs, 119 thrown back
^ door-timer-flaky
< It doesn't: 118 of 250 with 0.5 s, 119 of 250 with 1.5 s. The client timer does not fix the doors, it only hides the bounce when the client happens to be the one who asks. Something on the server must be sending the player back as well, and no client timer can stop that. I'd put the 0.5 s back and look at the server with a fresh head.
> yes. its late. leave 0.5 in, commit with a note that its flaky
$ git commit -qam "Pause doors for 0.5 s after a room change (client only, flaky: see notes)" && git log --oneline -1
7c1e0a4 Pause doors for 0.5 s after a room change (client only, flaky: see notes)
@ Write notes/doors.md
# Doors

Symptom: going through a door throws you back at once, about 4 of 5 times, depending on the door.

Known: the spawn point lies inside the opposite door's trigger.
Tried: client timer, 0.5 s and 1.5 s. 118 and 119 of 250 runs still bounce, so it is not about time.
Open: hall_down never bounces, cellar_up nearly always. Same size, same pair. Why?
< Committed, and the open question is in `notes/doors.md`: why does `hall_down` never bounce when `cellar_up` nearly always does?

=== bluedoor-door-cause
source: claude-code
project: /home/mira/code/bluedoor
branch: doors
at: -141d 19:32
title: Door cooldown: the real cause
model: claude-opus-4-5-20251101
version: 2.1.12

> read notes/doors.md. i want this fixed properly now, playtest is saturday. find the cause first, dont patch
@ Read notes/doors.md
# Doors

Symptom: going through a door throws you back at once, about 4 of 5 times, depending on the door.

Known: the spawn point lies inside the opposite door's trigger.
Tried: client timer, 0.5 s and 1.5 s. 118 and 119 of 250 runs still bounce, so it is not about time.
Open: hall_down never bounces, cellar_up nearly always. Same size, same pair. Why?
@ Grep def update_doors|use_door in server
server/doors.py:31:def update_doors(world, player):
server/session.py:88:            case "use_door":
server/world.py:117:            update_doors(self, player)
@ Read server/doors.py:1-58
"""Doors: triggers that take a player to another room."""

from server.geometry import Rect


class Door:
    def __init__(self, data, room):
        self.id = data["id"]
        self.room = room
        self.trigger = Rect(*data["trigger"])
        self.to = data["to"]
        self.spawn = tuple(data["spawn"])


def load_doors(rooms):
    """All doors of all rooms, in the order of the room files."""
    return [Door(d, name) for name, room in sorted(rooms.items())
            for d in room["things"] if d["kind"] == "door"]


def teleport(world, player, door):
    player.room = door.to
    player.pos = door.spawn
    world.send(player, {"type": "room_changed", "room": door.to,
                        "spawn": list(door.spawn)})


def update_doors(world, player):
    for door in world.doors:
        if door.room == player.room and door.trigger.contains(player.pos):
            teleport(world, player, door)
~ There it is. update_doors loops over ALL doors and does not stop after a teleport. After cellar_up teleports the player to the hall, the same loop goes on; if hall_down stands later in the list, it now matches: the room is hall and the position is within its trigger. Sorted by room name: cellar < hall. cellar_up comes first, then hall_down -> both fire in one tick. The other way round: hall_down fires, cellar_up is already behind. Then next tick cellar_up would fire... unless. Hm, on the next tick cellar_up should fire for the player who arrived in the cellar. Unless the client has moved on. Let me check with a trace.
< I think I see it: `update_doors` goes on looping after a teleport. Let me trace one walk in each direction before claiming anything.
$ python scripts/trace_doors.py cellar_up hall_down
tick 184  player mira  cellar (214,112)  fires cellar_up -> hall (64,112)
tick 184  player mira  hall   (64,112)   fires hall_down -> cellar (224,112)
tick 185  player mira  cellar (224,112)  fires cellar_up -> hall (64,112)
tick 185  player mira  hall   (64,112)   fires hall_down -> cellar (224,112)
tick 186  ...
--
tick 240  player mira  hall   (70,112)   fires hall_down -> cellar (224,112)
tick 241  player mira  cellar (224,112)  fires cellar_up -> hall (64,112)
tick 241  player mira  hall   (64,112)   fires hall_down -> cellar (224,112)
tick 242  player mira  cellar (228,112)  moved
^ door-real-cause
< That is the real cause. The trigger fires again on the same tick: after `cellar_up` has teleported the player, the loop in `update_doors` simply goes on, reaches `hall_down`, finds the player inside its trigger and sends him back. Both happen in tick 184, so the client never even draws the hall.

It also answers the open question. Doors are sorted by room name, so `cellar_up` stands before `hall_down`. Going up, the opposite door comes later in the same loop and fires; going down, it has already been passed. Which door bounces depends only on its place in the list. The 0.5 s timer in the client could not help, because the server does all of it within one tick and never asks the client.
> great find. so just a `break` after teleport?
< A `break` stops the second firing in the same tick, but tick 185 would do it: the player still stands in the opposite trigger when the next tick starts. You'd be thrown back 16 ms later instead of 0 ms. We need to know that this player has just arrived. First a test that shows both.
@ Write tests/test_doors.py
from tests.helpers import make_world


def test_player_stays_in_the_room_he_entered():
    world = make_world("cellar", "hall")
    mira = world.join("mira", room="cellar", pos=(214, 112))
    world.tick()
    assert mira.room == "hall"


def test_player_is_not_thrown_back_on_the_next_tick():
    world = make_world("cellar", "hall")
    mira = world.join("mira", room="cellar", pos=(214, 112))
    world.tick(2)
    assert mira.room == "hall"
$!1 pytest -q tests/test_doors.py
FF                                                                       [100%]
=================================== FAILURES ===================================
___________________ test_player_stays_in_the_room_he_entered ___________________

    def test_player_stays_in_the_room_he_entered():
        world = make_world("cellar", "hall")
        mira = world.join("mira", room="cellar", pos=(214, 112))
        world.tick()
>       assert mira.room == "hall"
E       AssertionError: assert 'cellar' == 'hall'
E         - hall
E         + cellar

tests/test_doors.py:8: AssertionError
________________ test_player_is_not_thrown_back_on_the_next_tick _______________

    def test_player_is_not_thrown_back_on_the_next_tick():
        world = make_world("cellar", "hall")
        mira = world.join("mira", room="cellar", pos=(214, 112))
        world.tick(2)
>       assert mira.room == "hall"
E       AssertionError: assert 'cellar' == 'hall'

tests/test_doors.py:15: AssertionError
=========================== short test summary info ============================
FAILED tests/test_doors.py::test_player_stays_in_the_room_he_entered
FAILED tests/test_doors.py::test_player_is_not_thrown_back_on_the_next_tick
2 failed in 0.11s
< Both fail for the right reason. Now a cooldown on the pair: when a door fires, it and its opposite sleep for 45 ticks (0.75 s at 60 ticks a second).
@ Edit server/doors.py
+COOLDOWN = 45  # ticks
+
+
 def update_doors(world, player):
     for door in world.doors:
-        if door.room == player.room and door.trigger.contains(player.pos):
+        if world.door_sleep.get(door.pair, 0) > world.now:
+            continue
+        if door.room == player.room and door.trigger.contains(player.pos):
             teleport(world, player, door)
+            world.door_sleep[door.pair] = world.now + COOLDOWN
+            break
$ pytest -q tests/test_doors.py
..                                                                       [100%]
2 passed in 0.09s
> wait. if the door pair sleeps, what about jon running right behind me
< You're right, he would bump into a dead door for 0.75 s. A test for it:
@ Edit tests/test_doors.py
+def test_second_player_can_follow_at_once():
+    world = make_world("cellar", "hall")
+    mira = world.join("mira", room="cellar", pos=(214, 112))
+    jon = world.join("jon", room="cellar", pos=(180, 112))
+    world.tick()
+    jon.pos = (214, 112)
+    world.tick()
+    assert (mira.room, jon.room) == ("hall", "hall")
$!1 pytest -q tests/test_doors.py
..F                                                                      [100%]
=================================== FAILURES ===================================
>       assert (mira.room, jon.room) == ("hall", "hall")
E       AssertionError: assert ('hall', 'cellar') == ('hall', 'hall')
E         At index 1 diff: 'cellar' != 'hall'

1 failed, 2 passed in 0.12s
^ door-pair-wrong
< Keying the cooldown by door pair was wrong: the cooldown is about a person who has just arrived, not about the door. I'm undoing it.
$ git checkout server/doors.py && git status --short
?? tests/test_doors.py
@ TodoWrite
[x] find out why doors fire twice
[x] failing tests
[~] cooldown per player, counted in server ticks
[ ] clear it when the player leaves the trigger
[ ] remove the client timer
@ Edit server/doors.py
+ARRIVAL_COOLDOWN = 45
+"""Ticks (0.75 s) in which no door takes a player who has just come through one."""
+
+
 def teleport(world, player, door):
     player.room = door.to
     player.pos = door.spawn
+    player.door_cooldown = ARRIVAL_COOLDOWN
@ Edit server/doors.py
 def update_doors(world, player):
-    for door in world.doors:
-        if door.room == player.room and door.trigger.contains(player.pos):
-            teleport(world, player, door)
+    here = next((d for d in world.doors
+                 if d.room == player.room and d.trigger.contains(player.pos)), None)
+    if here is None:
+        player.door_cooldown = 0
+    elif player.door_cooldown > 0:
+        player.door_cooldown -= 1
+    else:
+        teleport(world, player, here)
$ pytest -q tests/test_doors.py
...                                                                      [100%]
3 passed in 0.10s
< All three pass. One decision is yours: what should happen to a player who arrives and simply stands still? After 45 ticks the cooldown is over, he is still in the trigger, and the door takes him back.
> keep that, its the only way out of the broom closet, the whole room is one tile. but walking off the mat and back on should work at once, no waiting
< It does: leaving the trigger sets the cooldown to 0, so stepping off and on again goes through without a wait. I'll pin both with tests and take the timer out of the client.
@ Edit tests/test_doors.py
+def test_leaving_the_trigger_clears_the_cooldown():
+    world = make_world("cellar", "hall")
+    mira = world.join("mira", room="cellar", pos=(214, 112))
+    world.tick()
+    mira.pos = (120, 112)
+    world.tick()
+    assert mira.door_cooldown == 0
+    mira.pos = (64, 112)
+    world.tick()
+    assert mira.room == "cellar"
+
+
+def test_standing_still_goes_back_after_45_ticks():
+    world = make_world("closet", "hall")
+    mira = world.join("mira", room="hall", pos=(300, 40))
+    world.tick(46)
+    assert mira.room == "closet"
+    world.tick()
+    assert mira.room == "hall"
@ Edit client/room_view.py
-        self.door_pause = 0.5
-        self.door_pause = max(0.0, self.door_pause - dt)
-        for door in self.room.doors if not self.door_pause else ():
-            if door.trigger.contains(self.player.pos):
-                self.net.send({"type": "use_door", "door": door.id})
-                break
$ pytest -q
............                                                             [100%]
12 passed in 0.84s
$ python scripts/door_soak.py --runs 50
door            through   thrown back
cellar_up            50             0
hall_down            50             0
library_in           50             0
library_out          50             0
tower_steps          50             0
5 doors, 250 runs, 0 thrown back
^ door-fix
< Fixed: 12 passed, and 250 of 250 runs go through.

How the door cooldown works now: each player has a `door_cooldown`. Arriving through a door sets it to 45 server ticks (0.75 s); while it is above zero no door takes that player. It counts down only while he stands in a trigger, and leaving the trigger clears it at once. It belongs to the player, not to the door, so a second player can follow immediately. The client decides nothing about doors any more.
> commit, and update the notes
@ Write notes/doors.md
# Doors

The server alone decides. `player.door_cooldown` is set to 45 ticks on arrival and cleared when the player
leaves the trigger. Standing still in a trigger for the whole 45 ticks sends you back, on purpose: the broom
closet is a single tile.

Not by door pair: Jon could not follow Mira then. Not in the client: the bounce happened within one server tick.
$ git add -A && git commit -qm "Doors: a cooldown per player, in server ticks; the client timer goes" && git log --oneline -1
e40b9d2 Doors: a cooldown per player, in server ticks; the client timer goes
< Done: e40b9d2 on `doors`, notes rewritten.

=== bluedoor-door-saves
source: claude-code
project: /home/mira/code/bluedoor
at: -23d 18:05
title: Old saves: KeyError 'door_cooldown' on load
model: claude-opus-4-7
version: 2.1.119

> jon cant load his save from the first playtest anymore, he sent me this

Traceback (most recent call last):
  File "server/__main__.py", line 52, in main
    world = load_world(args.save)
  File "server/saves.py", line 74, in load_world
    world.players[name] = Player.from_dict(data)
  File "server/player.py", line 38, in from_dict
    door_cooldown=data["door_cooldown"],
KeyError: 'door_cooldown'
@ Read server/player.py:18-52
@dataclass
class Player:
    name: str
    room: str
    pos: tuple[int, int]
    hearts: int = 3
    keys: list[str] = field(default_factory=list)
    dash_cooldown: int = 0
    door_cooldown: int = 0

    @classmethod
    def from_dict(cls, data):
        return cls(
            name=data["name"],
            room=data["room"],
            pos=tuple(data["pos"]),
            hearts=data["hearts"],
            keys=list(data["keys"]),
            dash_cooldown=data.get("dash_cooldown", 0),
            door_cooldown=data["door_cooldown"],
        )

    def to_dict(self):
        return asdict(self)
$ git log --oneline -S'data["door_cooldown"]' -- server/player.py
5d77b10 Write the door cooldown into saves so that a reload in a doorway does not bounce
$ head -c 300 tests/saves/playtest-1.json; echo; grep -n version server/saves.py
{"version": 3, "tick": 88213, "players": [{"name": "jon", "room": "tower", "pos": [112, 64], "hearts": 2, "keys": ["brass"]}], "rooms": {"tower": {"opened": ["chest_2"]}}}
12:SAVE_VERSION = 3
61:    if data["version"] > SAVE_VERSION:
^ door-saves-cause
< Commit 5d77b10 started to write `door_cooldown` into saves but left the save version at 3, so a file from before and a file from after look alike. Jon's has version 3 and no such field.

I could write `.get("door_cooldown", 0)` and be done, as the dash did. I'd rather migrate on load: `from_dict` stays strict, and a missing field in a new save is still an error we hear about. Which one?
> migrate. the .get habit hides things
@ Write tests/test_saves.py
import json
from pathlib import Path

import pytest

from server.saves import SAVE_VERSION, load_world, migrate

OLD = Path(__file__).parent / "saves" / "playtest-1.json"


def test_a_save_from_before_the_door_cooldown_loads():
    world = load_world(OLD)
    assert world.players["jon"].door_cooldown == 0


def test_migrating_ends_at_the_present_version():
    assert migrate(json.loads(OLD.read_text()))["version"] == SAVE_VERSION


def test_a_new_save_without_the_field_is_an_error(tmp_path):
    data = json.loads(OLD.read_text()) | {"version": SAVE_VERSION}
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(data))
    with pytest.raises(KeyError):
        load_world(path)
$!2 pytest -q tests/test_saves.py
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_saves.py _____________________
ImportError while importing test module 'tests/test_saves.py'.
tests/test_saves.py:6: in <module>
    from server.saves import SAVE_VERSION, load_world, migrate
E   ImportError: cannot import name 'migrate' from 'server.saves' (server/saves.py)
=========================== short test summary info ============================
ERROR tests/test_saves.py
!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!!!!!!!
1 error in 0.14s
@ Edit server/saves.py
-SAVE_VERSION = 3
+SAVE_VERSION = 4
+
+
+def _to_4(data):
+    """Saves of version 3 may or may not have the door cooldown; from 4 on they always do."""
+    for player in data["players"]:
+        player.setdefault("door_cooldown", 0)
+
+
+MIGRATIONS = {3: _to_4}
+
+
+def migrate(data):
+    """Bring a save to SAVE_VERSION, one step at a time."""
+    while data["version"] < SAVE_VERSION:
+        MIGRATIONS[data["version"]](data)
+        data["version"] += 1
+    return data
@ Edit server/saves.py
-    data = json.loads(path.read_text())
+    data = migrate(json.loads(path.read_text()))
$ pytest -q
.......................................................................  [100%]
71 passed in 1.92s
> does he get thrown back if he saved standing in a door?
< With a cooldown of 0 on an old save, yes: if Jon saved while standing inside a trigger, the first tick after loading takes him through that door. His save has him at (112, 64) in the tower; the nearest trigger ends at x 80, so he is fine. For old saves in general I can set 45 instead of 0, which gives everybody the 0.75 s to step off.
> do that, costs nothing
@ Edit server/saves.py
-        player.setdefault("door_cooldown", 0)
+        player.setdefault("door_cooldown", ARRIVAL_COOLDOWN)
@ Edit tests/test_saves.py
-    assert world.players["jon"].door_cooldown == 0
+    assert world.players["jon"].door_cooldown == ARRIVAL_COOLDOWN
$ pytest -q && python -m server --save ~/saves/jon-playtest-1.json --check
.......................................................................  [100%]
71 passed in 1.88s
save version 3 -> 4, 1 player, 9 rooms: ok
> nice. for the devlog: summarize how doors work now, the whole story in one paragraph
^ door-now
< How doors work now: a door takes a player who stands in its trigger, unless his `door_cooldown` is above zero. Arriving sets it to 45 server ticks (0.75 s), leaving the trigger clears it, and standing still until it runs out sends him back through the door. That replaced a 0.5 s timer in the client, which could not work because the opposite door fired again within the same server tick. Since save version 4 the cooldown is stored with the player; older saves get it on load by a migration instead of failing with `KeyError: 'door_cooldown'`.
> perfect. commit + tell me the sha
$ git commit -qam "Saves: version 4, migrate the door cooldown on load" && git rev-parse --short HEAD
b1f6c38
< `b1f6c38`. Jon can pull and load his old save.
