The rest of the game: the tick loop, an elevator, the dash, the moths, seams in the tiles, a review, crackling sound.

=== bluedoor-tick-loop
source: claude-code
project: /home/mira/code/bluedoor
at: -178d 18:40
title: Fixed tick loop for the server
model: claude-opus-4-5-20251101
version: 2.0.76

> new project: a small 2d game for two people on a lan, python, a server that decides everything and dumb pygame clients. start with the server loop. 60 ticks per second, no float time in the rules please, everything counted in ticks
@ ExitPlanMode
1. `server/world.py`: `World.tick()` advances everything by one tick, knows no clock.
2. `server/loop.py`: calls `tick()` 60 times a second, catches up after a pause, never more than 5 ticks at once.
3. `tests/helpers.py`: `make_world()` and `world.tick(n)`, so that rules are tested without waiting.
4. Network later; the loop only gets a hook `after_tick`.
< Plan approved, starting with the world, because the loop is trivial once that has no clock in it.
@ Write server/world.py
class World:
    """The rules. One call of ``tick`` is a sixtieth of a second of the game, whenever it is made."""

    def __init__(self, rooms):
        self.rooms = rooms
        self.players = {}
        self.now = 0

    def tick(self, count=1):
        for _ in range(count):
            self.now += 1
            for player in self.players.values():
                player.step(self)
@ Write server/loop.py
import time

TICK = 1 / 60
CATCH_UP = 5


def run(world, after_tick, clock=time.perf_counter, sleep=time.sleep):
    due = clock()
    while world.running:
        late = min(int((clock() - due) / TICK) + 1, CATCH_UP)
        for _ in range(late):
            world.tick()
            after_tick(world)
        due += late * TICK
        sleep(max(0.0, due - clock()))
@ Write tests/test_loop.py
from server.loop import run


class FakeClock:
    def __init__(self):
        self.at = 0.0

    def __call__(self):
        return self.at

    def sleep(self, seconds):
        self.at += seconds


def test_sixty_ticks_in_a_second(world_that_stops_at):
    clock = FakeClock()
    world = world_that_stops_at(60)
    run(world, lambda w: None, clock, clock.sleep)
    assert 0.98 <= clock.at <= 1.02
$!1 pytest -q tests/test_loop.py
F                                                                        [100%]
=================================== FAILURES ===================================
_________________________ test_sixty_ticks_in_a_second _________________________
>       assert 0.98 <= clock.at <= 1.02
E       assert 0.98 <= 0.2000000000000001
E        +  where 0.2000000000000001 = <tests.test_loop.FakeClock object at 0x7f2c1b0d5a90>.at

tests/test_loop.py:19: AssertionError
1 failed in 0.03s
~ 0.2 s for 60 ticks: five per round. late = int((clock() - due)/TICK) + 1. due starts at clock() so first late = 1. due += TICK; sleep(TICK). Then clock - due = 0 -> or slightly more because of float... int(0.0)+1 = 1. Hmm, unless clock.at > due by float error... no that would be 1 as well. Oh: sleep receives due - clock = TICK; fine. Unless world.tick in the fixture... the fixture stops at 60 and each "tick" call counts... Let me print.
$ python - <<'PY'
from tests.conftest import *
import inspect, tests.conftest as c
print(inspect.getsource(c.world_that_stops_at))
PY
@pytest.fixture
def world_that_stops_at():
    def make(limit):
        world = World({})
        world.running = True
        real = world.tick
        def tick(count=1):
            real(5)
            world.running = world.now < limit
        world.tick = tick
        return world
    return make
< Not the loop: my fixture ticks five times per call (`real(5)`), a leftover from trying the catch-up limit. Fixing the fixture.
$ sed -i 's/real(5)/real(count)/' tests/conftest.py && pytest -q
....                                                                     [100%]
4 passed in 0.05s
> ok. what happens if the laptop sleeps for an hour
< The loop would be 216,000 ticks late, but it never runs more than 5 at once and then moves `due` on by only those five, so it would keep running at full speed until it had caught up: an hour of game in a few minutes. That's wrong for us. After a pause longer than five ticks the rest should be forgotten.
@ Edit server/loop.py
-        due += late * TICK
+        due = clock() if late == CATCH_UP else due + late * TICK
$ pytest -q && git add -A && git commit -qm "Server loop: 60 ticks a second, long pauses are forgotten" && git log --oneline -1
4 passed in 0.05s
0b8f5aa Server loop: 60 ticks a second, long pauses are forgotten
^ tick-sleep
< Done. After a long sleep of the machine the world goes on from where it stood instead of racing to catch up.

=== bluedoor-elevator
source: claude-code
project: /home/mira/code/bluedoor
at: -118d 21:02
title: Elevator leaves before anyone can step on
model: claude-opus-4-5-20251101
version: 2.1.29

> the elevator in the tower turns around the moment it reaches the top, nobody can get on. give it a cooldown at both ends
@ Read server/things/elevator.py
class Elevator:
    def __init__(self, data):
        self.low, self.high = data["low"], data["high"]
        self.y = self.low
        self.speed = data.get("speed", 2)
        self.direction = 1

    def step(self, world):
        self.y += self.speed * self.direction
        if self.y >= self.high or self.y <= self.low:
            self.direction = -self.direction
< I'd call it a dwell rather than a cooldown, there is already a door cooldown and a dash is planned. Two seconds at each end, in ticks.
@ Edit server/things/elevator.py
+DWELL = 120
+"""Ticks (2 s) an elevator waits at each end."""
+
+
 class Elevator:
@ Edit server/things/elevator.py
     def step(self, world):
+        if self.waiting:
+            self.waiting -= 1
+            return
         self.y += self.speed * self.direction
-        if self.y >= self.high or self.y <= self.low:
+        if not self.low < self.y < self.high:
             self.direction = -self.direction
+            self.waiting = DWELL
$!1 pytest -q tests/test_elevator.py
F.                                                                       [100%]
____________________________ test_waits_at_the_top _____________________________
    def step(self, world):
>       if self.waiting:
E       AttributeError: 'Elevator' object has no attribute 'waiting'

server/things/elevator.py:17: AttributeError
1 failed, 1 passed in 0.04s
@ Edit server/things/elevator.py
         self.direction = 1
+        self.waiting = DWELL
$ pytest -q tests/test_elevator.py
..                                                                       [100%]
2 passed in 0.04s
> now it never moves in the tower. stands at the bottom forever
$ python -c "
from tests.helpers import *
w = make_world('tower'); e = w.rooms['tower'].elevator
for i in range(130): w.tick()
print(e.y, e.low, e.high, e.speed, e.waiting)"
322 320 96 2 111
~ low 320 > high 96: in screen coordinates y grows downwards, the tower's data has low=320 (bottom) and high=96 (top). `low < y < high` is never true then. Before, the test was y >= high or y <= low which was always true too: so direction flipped every tick and it jittered?! No: 320>=96 true → flips every tick; so the elevator jittered by 2px. The user said it turns around at the moment... at the top. Other rooms have it the other way round. The tower is mixed up.
< The tower's data has low = 320 and high = 96: someone (the level file) counts y downwards, the other rooms upwards. With low above high my condition is never true. I'll normalise on load instead of guessing in `step`.
@ Edit server/things/elevator.py
-        self.low, self.high = data["low"], data["high"]
+        self.low, self.high = sorted((data["low"], data["high"]))
         self.y = self.low
$ pytest -q && python scripts/watch_elevator.py tower --ticks 600
41 passed in 1.40s
tick    0  y  96  waiting
tick  120  y  96  moves down
tick  232  y 320  waiting
tick  352  y 320  moves up
tick  464  y  96  waiting
tick  584  y  96  moves down
^ elevator-dwell
< Works in both kinds of rooms: the elevator now waits 120 ticks (2 s) at each end. The cause of the standstill was the tower's level file, which had low and high the other way round; both orders are accepted now.
> should it wait longer if somebody is walking towards it
< It could, but then two players can hold it at the top for ever by walking back and forth. I'd leave the two seconds; they are the same for everyone and you can learn the rhythm.
> ok leave it. commit
$ git commit -qam "Elevator: dwell of 120 ticks at both ends, low and high in any order" && git log --oneline -1
94a2f0d Elevator: dwell of 120 ticks at both ends, low and high in any order

=== bluedoor-dash
source: claude-code
project: /home/mira/code/bluedoor
branch: dash
at: -96d 19:48
title: Dash ability with a cooldown
model: claude-opus-4-5-20251101
version: 2.1.42

> add a dash: shift = 3x speed for 10 ticks, then you cant dash again for a while. cooldown should feel like hollow knight, you know what i mean
< I know the feeling, not the number. As a start: 10 ticks of dash, then 36 ticks (0.6 s) until the next. You can tune it while you play, I'll put both into `rules.toml`.
@ Read server/player.py:55-80
    def step(self, world):
        dx, dy = self.intent
        self.move(world, dx * SPEED, dy * SPEED)
@ Edit server/player.py
     def step(self, world):
         dx, dy = self.intent
-        self.move(world, dx * SPEED, dy * SPEED)
+        if self.dash_cooldown:
+            self.dash_cooldown -= 1
+        if self.wants_dash and not self.dash_cooldown and (dx or dy):
+            self.dash_left = world.rules.dash_ticks
+            self.dash_cooldown = world.rules.dash_cooldown
+        factor = 3 if self.dash_left else 1
+        self.dash_left = max(0, self.dash_left - 1)
+        for _ in range(factor):
+            self.move(world, dx * SPEED, dy * SPEED)
< Three small moves instead of one big one, so that a dash cannot jump through a wall or over a door trigger.
@ Write tests/test_dash.py
from tests.helpers import make_world


def test_dash_is_three_times_as_fast():
    world = make_world("field")
    mira = world.join("mira", room="field", pos=(0, 0))
    mira.intent = (1, 0)
    world.tick(10)
    walked = mira.pos[0]
    mira.wants_dash = True
    world.tick(10)
    assert mira.pos[0] - walked == 3 * walked


def test_no_second_dash_during_the_cooldown():
    world = make_world("field")
    mira = world.join("mira", room="field", pos=(0, 0))
    mira.intent, mira.wants_dash = (1, 0), True
    world.tick(10 + world.rules.dash_cooldown)
    assert mira.dashes == 1
    world.tick(1)
    assert mira.dashes == 2


def test_dash_stops_at_a_wall():
    world = make_world("field")
    mira = world.join("mira", room="field", pos=(600, 0))
    mira.intent, mira.wants_dash = (1, 0), True
    world.tick(10)
    assert mira.pos[0] == 608
$!1 pytest -q tests/test_dash.py
.F.                                                                      [100%]
_____________________ test_no_second_dash_during_the_cooldown __________________
        world.tick(10 + world.rules.dash_cooldown)
>       assert mira.dashes == 1
E       AssertionError: assert 2 == 1

tests/test_dash.py:20: AssertionError
1 failed, 2 passed in 0.06s
< The cooldown starts with the dash, not after it, so the 10 ticks of dashing eat into it: 36 ticks from start to start. You said "then you can't dash again for a while", so it should start when the dash ends.
@ Edit server/player.py
-            self.dash_cooldown = world.rules.dash_cooldown
+            self.dash_cooldown = world.rules.dash_ticks + world.rules.dash_cooldown
$ pytest -q
...............................................                          [100%]
47 passed in 1.61s
% wait 18m
> played it. 0.6 s is too short, it becomes the normal way to walk
@ Edit rules.toml
-dash_cooldown = 36
+dash_cooldown = 90
> better!! 90 it is. can the client show it? a small bar under the player
< The server already sends `dash_cooldown` with the player state, so the client only has to draw it: a 20 pixel bar that fills up again. I'll draw nothing when it is full, otherwise it's always there.
@ Edit client/player_sprite.py
+    def draw_dash_bar(self, screen):
+        if not self.state.dash_cooldown:
+            return
+        full = self.rules.dash_ticks + self.rules.dash_cooldown
+        width = round(20 * (1 - self.state.dash_cooldown / full))
+        pygame.draw.rect(screen, GREY, (self.x - 10, self.y + 18, 20, 2))
+        pygame.draw.rect(screen, WHITE, (self.x - 10, self.y + 18, width, 2))
^ dash-cooldown
< The dash lasts 10 ticks and its cooldown is 90 ticks (1.5 s), counted from the end of the dash. Both numbers stand in `rules.toml`; the bar under the player shows how much of it is over.
> merge
$ git checkout -q main && git merge -q --no-ff dash -m "Dash" && git branch -d dash && pytest -q
Deleted branch dash (was 3f9d01b).
47 passed in 1.63s

=== bluedoor-moths
source: claude-code
project: /home/mira/code/bluedoor
at: -60d 20:25
title: Lantern moths make the server miss ticks
model: claude-opus-4-7
version: 2.1.78

> with 40 moths in the greenhouse the server log is full of "late 3 ticks". profile it
$ python -m cProfile -s tottime -m server --room greenhouse --ticks 1200 2>&1 | head -30
         48211904 function calls in 31.204 seconds

   Ordered by: internal time

   ncalls  tottime  percall  cumtime  percall filename:lineno(function)
  1920000    9.914    0.000   14.802    0.000 server/paths.py:22(neighbours)
    48000    6.310    0.000   26.117    0.001 server/paths.py:31(find_path)
 15360000    4.888    0.000    4.888    0.000 server/grid.py:14(is_free)
  1968000    2.107    0.000    2.107    0.000 {built-in method _heapq.heappush}
  1920000    1.842    0.000    1.842    0.000 {built-in method _heapq.heappop}
    48000    1.320    0.000   28.006    0.001 server/things/moth.py:40(step)
  1968000    0.944    0.000    0.944    0.000 server/paths.py:12(distance)
    57600    0.702    0.000    0.702    0.000 server/player.py:55(step)
     1200    0.420    0.000   30.480    0.025 server/world.py:101(tick)
   230400    0.377    0.000    0.377    0.000 server/geometry.py:9(contains)
     2400    0.112    0.000    0.112    0.000 {method 'sendall' of '_socket.socket' objects}
   115200    0.097    0.000    0.097    0.000 server/geometry.py:21(move)
    14400    0.081    0.000    0.081    0.000 json/encoder.py:204(iterencode)
    14400    0.040    0.000    0.151    0.000 json/encoder.py:183(encode)
     1200    0.031    0.000    0.031    0.000 server/doors.py:38(update_doors)
        1    0.012    0.012    0.019    0.019 server/rooms.py:8(load_rooms)
       44    0.003    0.000    0.003    0.000 {built-in method marshal.loads}
        1    0.002    0.002   31.204   31.204 server/__main__.py:1(<module>)
< 48,000 calls of `find_path` in 1,200 ticks: every one of the 40 moths searches a new path to the lantern in every tick. That is 25 ms per tick where we have 16.7. The search itself is fine, it's asked far too often.

Two steps: moths re-plan every 30 ticks (each at a different tick), and all moths that fly to the same lantern share one distance map.
> shared map sounds right. do both
@ Read server/things/moth.py:30-58
    def step(self, world):
        lantern = world.nearest_lantern(self)
        if lantern is None:
            return self.flutter(world)
        path = find_path(world.grid(self.room), self.cell, lantern.cell)
        if len(path) > 1:
            self.fly_towards(path[1])
@ Write server/flow.py
from collections import deque


def flow_map(grid, goal):
    """For every free cell the next cell on a shortest way to ``goal``: one breadth-first search for all."""
    towards = {goal: goal}
    queue = deque([goal])
    while queue:
        cell = queue.popleft()
        for other in grid.neighbours(cell):
            if other not in towards:
                towards[other] = cell
                queue.append(other)
    return towards
@ Edit server/things/moth.py
-        path = find_path(world.grid(self.room), self.cell, lantern.cell)
-        if len(path) > 1:
-            self.fly_towards(path[1])
+        towards = world.flow(self.room, lantern.cell)
+        self.fly_towards(towards.get(self.cell, self.cell))
@ Edit server/world.py
+    def flow(self, room, goal):
+        key = (room, goal)
+        made, towards = self._flows.get(key, (-FLOW_AGE, None))
+        if self.now - made >= FLOW_AGE:
+            towards = flow_map(self.grid(room), goal)
+            self._flows[key] = (self.now, towards)
+        return towards
$ pytest -q && python -m server --room greenhouse --ticks 1200 --timing
52 passed in 2.20s
1200 ticks in 1.94 s, 1.62 ms a tick, worst 4.9 ms
< From 25 ms to 1.6 ms per tick, worst 4.9 ms. The worst ones are the ticks in which a map is made anew.
> moths look dumb now though, they fly in a single file like ducks
< They all follow the same arrow per cell. Before, ties between equally short ways were broken differently for each moth because of the heap order. I can keep all neighbours that are equally near and let each moth choose by its own number.
@ Edit server/flow.py
-    towards = {goal: goal}
+    distance = {goal: 0}
@ Edit server/flow.py
-            if other not in towards:
-                towards[other] = cell
+            if other not in distance:
+                distance[other] = distance[cell] + 1
                 queue.append(other)
-    return towards
+    return {cell: [n for n in grid.neighbours(cell) if distance.get(n, FAR) < d]
+            for cell, d in distance.items()}
$!1 pytest -q tests/test_moth.py
F..                                                                      [100%]
_______________________ test_moth_reaches_the_lantern __________________________
    def fly_towards(self, cell):
>       x, y = cell
E       ValueError: too many values to unpack (expected 2)

server/things/moth.py:61: ValueError
1 failed, 2 passed in 0.09s
@ Edit server/things/moth.py
-        self.fly_towards(towards.get(self.cell, self.cell))
+        choices = towards.get(self.cell) or [self.cell]
+        self.fly_towards(choices[self.number % len(choices)])
$ pytest -q
....................................................                     [100%]
52 passed in 2.24s
% compact
Analysis: the user asked to profile the server in the greenhouse with 40 moths, which logged "late 3 ticks".

1. Cause: every moth called `find_path` in every tick (48,000 searches in 1,200 ticks, 25 ms per tick).
2. Fix: `server/flow.py` makes one breadth-first distance map per lantern and room, kept for FLOW_AGE = 30 ticks in `World.flow`. 1.6 ms per tick now, worst 4.9 ms.
3. The moths flew in single file. The map now lists all neighbours that are nearer; each moth picks by `number % len(choices)`.
4. All 52 tests pass. Not committed yet. Pending: the user wants to see it in the client before the commit.
> looks like moths again, not ducks. commit. what was the tick time before and after again? for the devlog
$ git add -A && git commit -qm "Moths share a flow map per lantern" && git log --oneline -1
c84d1e7 Moths share a flow map per lantern
^ moths-numbers
< With 40 moths in the greenhouse: 25 ms per tick before, 1.6 ms after (worst 4.9 ms), at a budget of 16.7 ms. One shared breadth-first map per lantern, renewed every 30 ticks, replaced 40 path searches per tick.

=== bluedoor-crash-save
source: claude-code
project: /home/mira/code/bluedoor
at: -37d 20:50
title: Save file empty after a crash
model: claude-opus-4-7
version: 2.1.98

> laptop battery died while playing, save file has 0 bytes now. 3 hours gone. never again please
@ Grep write_text|open\(.*"w" in server
server/saves.py:88:    path.write_text(json.dumps(world.to_dict()))
server/stats.py:19:    with open(path, "w") as f:
< `write_text` empties the file first and fills it afterwards; if the power goes in between, you have neither the old nor the new save. I'd change three things:

1. write to a file beside it, `fsync`, then rename it over the old one
2. keep the last three saves (`slot.json`, `slot.1.json`, `slot.2.json`)
3. on load, if the newest can't be read, say so and offer the one before
> yes all. do we need fsync? its a game
^ crash-fsync
< For a crash of the game, no: the rename alone is enough. For a dead battery, yes: without `fsync` some file systems may write the rename to disk before the content, and that gives exactly the 0 bytes you have. It costs a few milliseconds every five minutes.
@ Edit server/saves.py
-    path.write_text(json.dumps(world.to_dict()))
+    part = path.with_suffix(".part")
+    with open(part, "w") as f:
+        json.dump(world.to_dict(), f)
+        f.flush()
+        os.fsync(f.fileno())
+    rotate(path, keep=3)
+    os.replace(part, path)
@ Write tests/test_crash.py
import os

import pytest

from server.saves import load_world, save_world
from tests.helpers import make_world


@pytest.mark.parametrize("step", ["write", "fsync", "rotate", "replace"])
def test_a_crash_at_any_step_leaves_a_save_that_loads(tmp_path, crash_at, step):
    path = tmp_path / "slot.json"
    world = make_world("cellar")
    world.now = 100
    save_world(world, path)
    world.now = 200
    with crash_at(step):
        save_world(world, path)
    assert load_world(path).now in (100, 200)
$!1 pytest -q tests/test_crash.py
...F                                                                     [100%]
=================================== FAILURES ===================================
_________ test_a_crash_at_any_step_leaves_a_save_that_loads[replace] ___________
        with crash_at(step):
            save_world(world, path)
>       assert load_world(path).now in (100, 200)
E       FileNotFoundError: [Errno 2] No such file or directory: '/tmp/pytest-14/slot.json'

tests/test_crash.py:19: FileNotFoundError
1 failed, 3 passed in 0.10s
< The test earns its keep: `rotate` *moves* `slot.json` to `slot.1.json`, so between rotate and replace there is no `slot.json` at all. It should link the old one under its new name instead, and the replace is the only moment at which `slot.json` changes.
@ Edit server/saves.py
 def rotate(path, keep):
     for n in range(keep - 1, 1, -1):
         older = path.with_suffix(f".{n - 1}.json")
         if older.exists():
             older.replace(path.with_suffix(f".{n}.json"))
     if path.exists():
-        path.replace(path.with_suffix(".1.json"))
+        first = path.with_suffix(".1.json")
+        first.unlink(missing_ok=True)
+        os.link(path, first)
$ pytest -q
.................................................................        [100%]
65 passed in 2.71s
> can you get my 3 hours back from somewhere
$ ls -la --time-style=+%H:%M saves/; find / -name 'slot*.json' -newermt '-1 day' 2>/dev/null
-rw-r--r-- 1 mira mira    0 20:31 slot.json
< No, I'm sorry: the file has no bytes, and nothing else on the machine has a copy. There was only ever one save.
> ok. 3 hours of watering virtual tomatoes. commit
$ git add -A && git commit -qm "Saves survive a crash: part file, fsync, rename, three generations" && git log --oneline -1
f02d9ce Saves survive a crash: part file, fsync, rename, three generations
^ crash-save
< Committed as f02d9ce. A save is written beside the old one, flushed to disk and renamed over it; the two before it stay as `slot.1.json` and `slot.2.json`. A test cuts the power at each of the four steps and always finds a save that loads.

=== bluedoor-seams
source: claude-code
project: /home/mira/code/bluedoor
at: -9d 21:15
title: Thin lines between tiles when the camera moves
model: claude-opus-4-7
version: 2.1.119

% image
> [Image #1] thin dark lines between the floor tiles, only while the camera moves
< The lines are one pixel wide and sit exactly on the tile edges, so the background shows through: neighbouring tiles are rounded to whole pixels separately.
@ Grep blit\( in client
client/room_view.py:88:                screen.blit(tile, (x * 32 - self.camera.x, y * 32 - self.camera.y))
client/hud.py:31:        screen.blit(self.hearts, (8, 8))
@ Read client/camera.py
class Camera:
    def follow(self, target, dt):
        self.x += (target.x - W / 2 - self.x) * min(1.0, 6 * dt)
        self.y += (target.y - H / 2 - self.y) * min(1.0, 6 * dt)
< `camera.x` is a float like 103.48. One tile is drawn at 96 - 103.48 = -7.48 and the next at 24.52. pygame truncates towards zero: -7 and 24, so they are 31 pixels apart instead of 32, with a gap to the following one. Rounding the camera once per frame, before anything is drawn, makes all tiles share the same error.
@ Edit client/room_view.py
-                screen.blit(tile, (x * 32 - self.camera.x, y * 32 - self.camera.y))
+                screen.blit(tile, (x * 32 - left, y * 32 - top))
@ Edit client/room_view.py
     def draw(self, screen):
+        left, top = round(self.camera.x), round(self.camera.y)
$ python scripts/screenshot.py greenhouse --pan 0.37 --frames 60 --check-seams
60 frames, 0 with seams
> gone. but now the player jitters against the floor when walking
< Same disease, other organ: the sprite still subtracts the float camera while the floor uses the rounded one. Everything drawn in the world has to use the same two integers.
@ Edit client/player_sprite.py
-        screen.blit(self.image, (self.x - camera.x, self.y - camera.y))
+        screen.blit(self.image, (round(self.x) - left, round(self.y) - top))
$ grep -rn "camera\.x\|camera\.y" client --include=*.py | grep -v camera.py
client/room_view.py:87:        left, top = round(self.camera.x), round(self.camera.y)
client/particles.py:40:        return self.x - camera.x, self.y - camera.y
@ Edit client/particles.py
-        return self.x - camera.x, self.y - camera.y
+        return round(self.x) - left, round(self.y) - top
$!1 python scripts/screenshot.py greenhouse --pan 0.37 --frames 60 --check-seams
Traceback (most recent call last):
  File "scripts/screenshot.py", line 33, in <module>
    view.draw(surface)
  File "client/room_view.py", line 95, in draw
    particle.draw(screen, self.camera)
  File "client/particles.py", line 46, in draw
    screen.set_at(self.place(camera), self.colour)
  File "client/particles.py", line 40, in place
    return round(self.x) - left, round(self.y) - top
NameError: name 'left' is not defined
< `place` still gets the camera. Cleaner: the camera itself hands out the rounded corner, then nobody can forget.
@ Edit client/camera.py
+    @property
+    def corner(self):
+        """Where the view begins, in whole pixels. Everything in the world is drawn relative to this."""
+        return round(self.x), round(self.y)
$ sed -i 's/left, top = round(self.camera.x), round(self.camera.y)/left, top = self.camera.corner/' client/room_view.py && sed -i 's/        return round(self.x) - left, round(self.y) - top/        left, top = camera.corner\n        return round(self.x) - left, round(self.y) - top/' client/particles.py && python scripts/screenshot.py greenhouse --pan 0.37 --frames 60 --check-seams
60 frames, 0 with seams
^ seams-cause
< No seams, no jitter. The lines came from a camera at fractions of a pixel: each tile was cut to whole pixels on its own. Now `Camera.corner` is rounded once per frame and floor, players and particles all subtract the same integers.
> commit please
$ git commit -qam "Draw everything relative to one rounded camera corner" && git log --oneline -1
2e7741b Draw everything relative to one rounded camera corner

=== bluedoor-review
source: claude-code
project: /home/mira/code/bluedoor
at: -5d 17:30
title: Review before the second playtest
model: claude-opus-4-7
version: 2.1.119

> saturday is playtest 2, six people over wifi not lan. have a second pair of eyes look at the netcode, only report, dont change anything. then tell me what you would fix before saturday
@ Task bluedoor-review-agent
Findings, most important first.

1. `server/session.py:61` reads with `recv(4096)` and calls `json.loads` on the piece. Over wifi a message will arrive in two parts sooner or later; the session then raises `JSONDecodeError` and the player is disconnected.
2. `server/session.py:112` sends to all players with a blocking `sendall`. One player with a bad connection stops the tick for everybody.
3. State is sent in full, 60 times a second: 2.1 KB per player and tick, about 750 KB/s for six players.
4. No heartbeat: a closed laptop lid is noticed after two hours.
< The review agent found four things. Before Saturday I'd fix the first two and leave the others:

1. **Messages split in two** (`recv` + `json.loads`): will hit you over wifi within minutes. Fix: length prefix or one JSON object per line with a buffer. Half an hour.
2. **Blocking `sendall`**: one slow player freezes all six. Fix: an outgoing queue per player, drop old states when it is longer than 3.
3. Full state 60 times a second: 750 KB/s is fine for a home router. Later.
4. No heartbeat: annoying, not fatal; a dead player stands around as a statue.
> do 1. one json per line
@ Edit server/session.py
-        data = self.sock.recv(4096)
-        self.handle(json.loads(data))
+        self.buffer += self.sock.recv(4096)
+        *whole, self.buffer = self.buffer.split(b"\n")
+        for line in whole:
+            self.handle(json.loads(line))
@ Write tests/test_session.py
import pytest

from tests.helpers import fake_session


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_message_may_arrive_in_two_pieces(cut):
    message = b'{"type": "intent", "dx": 1, "dy": 0}\n{"type": "dash"}\n'
    session = fake_session(message[:cut], message[cut:])
    session.read()
    session.read()
    assert [m["type"] for m in session.handled] == ["intent", "dash"]
$!1 pytest -q tests/test_session.py
.......................................F
E       ConnectionResetError: fake socket is empty
1 failed, 38 passed in 0.30s
< One case is left: the fake socket raises where a real one would wait. I'll rewrite `fake_session` on top of a `socketpair` with a reader thread, so that
% interrupt
> dont fight the fake socket, the last case is just the test reading once too often. drop range to 39
$ sed -i 's/range(1, 40)/range(1, 39)/' tests/test_session.py && pytest -q
.......................................................................  [ 77%]
.....................                                                    [100%]
93 passed in 3.02s
< Right, cut 39 is behind the whole message's first line end and needs only one read. 93 passed.
% queued
> and the sendall thing, but smaller: just set a timeout and drop the player
@ Edit server/session.py
+        # for sending only: reading may wait as long as it likes
+        self.sock.setsockopt(SOL_SOCKET, SO_SNDTIMEO, struct.pack("ll", 0, 50_000))
@ Edit server/session.py
-            self.sock.sendall(line)
+            try:
+                self.sock.sendall(line)
+            except BlockingIOError:
+                self.leave("too slow for 50 ms")
^ review-fixes
< Both are in: messages are read line by line from a buffer, and a player whose connection blocks for more than 50 ms is dropped instead of freezing the tick for everybody. He can rejoin, his state stays in the world. 93 passed.

=== bluedoor-review-agent
source: claude-code
project: /home/mira/code/bluedoor
agent-of: bluedoor-review
agent-type: general-purpose
at: -5d 17:31
title: Review the netcode
model: claude-opus-4-7
version: 2.1.119

> Review the network code of this repository (server/session.py, server/loop.py, client/net.py) for a playtest with six players over wifi. Do not edit files. Report findings ordered by how likely they are to spoil the evening, with file and line.
@ Read server/session.py:50-120
    def read(self):
        data = self.sock.recv(4096)
        self.handle(json.loads(data))

    def handle(self, message):
        match message["type"]:
            case "intent":
                self.player.intent = message["dx"], message["dy"]
            case "dash":
                self.player.wants_dash = True

    def send_state(self, world):
        line = json.dumps(world.state_for(self.player)).encode() + b"\n"
        for session in self.server.sessions:
            session.sock.sendall(line)
$ python -c "
from tests.helpers import make_world; import json
w = make_world('greenhouse'); [w.join(n, room='greenhouse', pos=(0,0)) for n in 'abcdef']
print(len(json.dumps(w.state_for(w.players['a']))))"
2140
@ Grep keepalive|heartbeat|settimeout in server
$ grep -n "recv\|loads" client/net.py
19:        self.file = self.sock.makefile("rb")
24:        for line in self.file:
25:            self.inbox.put(json.loads(line))
< Findings, most important first.

1. `server/session.py:61` reads with `recv(4096)` and calls `json.loads` on the piece. Over wifi a message will arrive in two parts sooner or later; the session then raises `JSONDecodeError` and the player is disconnected. The client does it right (`makefile`, line by line).
2. `server/session.py:112` sends to all players with a blocking `sendall`. One player with a bad connection stops the tick for everybody.
3. State is sent in full, 60 times a second: 2.1 KB per player and tick, about 750 KB/s for six players.
4. No heartbeat: a closed laptop lid is noticed after two hours.

=== bluedoor-crackle
source: codex
project: /home/mira/code/bluedoor
at: -3d 20:40
title: Sound crackles on the Raspberry Pi
model: gpt-5.4

> sound crackles on jons raspberry pi, fine on my laptop. footsteps mostly
$ rg -n "mixer" client
client/sound.py:8:pygame.mixer.init(44100, -16, 2, 512)
client/sound.py:21:    return pygame.mixer.Sound(path)
$ sed -n 1,60p client/sound.py
import pygame

FOLDER = "assets/sound"
_cache = {}

# small buffer = low latency

pygame.mixer.init(44100, -16, 2, 512)


def play(name, volume=1.0):
    sound = _load(name)
    sound.set_volume(volume)
    sound.play()


def _load(name):
    path = f"{FOLDER}/{name}.ogg"
    return pygame.mixer.Sound(path)
< Two suspects: the mixer buffer is 512 samples (11.6 ms), which is tight for a Pi, and `_load` ignores its cache, so every footstep decodes an OGG file from the SD card on the main thread. I'll measure the second before touching the first.
$ python - <<'PY'
import time, pygame
pygame.mixer.init(44100, -16, 2, 512)
t = time.perf_counter()
for _ in range(50): pygame.mixer.Sound("assets/sound/step_stone.ogg")
print(round((time.perf_counter() - t) * 20, 2), "ms per load")
PY
3.84 ms per load
< 3.8 ms per footstep on this machine; a Pi will take three or four times as long, which is most of a frame. Fixing the cache first.
@ Edit client/sound.py
 def _load(name):
-    path = f"{FOLDER}/{name}.ogg"
-    return pygame.mixer.Sound(path)
+    if name not in _cache:
+        _cache[name] = pygame.mixer.Sound(f"{FOLDER}/{name}.ogg")
+    return _cache[name]
% wait 40m
> jon says: better, but still cracks when three of us walk. he has 8 channels busy?
$ rg -n "set_num_channels|find_channel" client || echo none
none
< pygame has 8 channels by default and drops sounds beyond that silently, that would be missing steps, not crackling. Crackling with more sounds at once points at the buffer. I'll make it 1024 on ARM and leave 512 elsewhere: 23 ms of latency is still below what you notice for footsteps.
@ Edit client/sound.py
-# small buffer = low latency
-
-pygame.mixer.init(44100, -16, 2, 512)
+BUFFER = 1024 if platform.machine().startswith(("arm", "aarch")) else 512
+"""Samples; 512 underruns on a Raspberry Pi as soon as several sounds mix."""
+
+pygame.mixer.init(44100, -16, 2, BUFFER)
$!1 python -m client --check
Traceback (most recent call last):
  File "/home/mira/code/bluedoor/client/__main__.py", line 3, in <module>
    from client import sound
  File "/home/mira/code/bluedoor/client/sound.py", line 6, in <module>
    BUFFER = 1024 if platform.machine().startswith(("arm", "aarch")) else 512
NameError: name 'platform' is not defined
@ Edit client/sound.py
+import platform
+
 import pygame
$ python -m client --check
assets ok, sound ok (buffer 512)
% wait 30m
> clean now!! he's happy
^ crackle-fix
< Good. It was two things: every footstep decoded its OGG file again because `_load` never used the cache, and a mixer buffer of 512 samples underruns on the Pi when several sounds mix. The cache is used now and ARM machines get a buffer of 1024 samples.
