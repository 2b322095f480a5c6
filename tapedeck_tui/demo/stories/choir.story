The static website of a small choir: events, a calendar feed, a deploy that deleted too much, and alt texts.

=== choir-events
source: claude-code
project: /home/mira/code/lindenchor
at: -125d 16:20
title: Concert dates are one day early
model: claude-sonnet-4-5-20250929
version: 2.1.29

> the concert on the 14th is shown as the 13th on the events page. in the yaml its right
@ Glob **/*event*
events.yaml
src/_data/events.js
src/events.njk
src/_includes/event-card.njk
test/events.test.js
@ Read src/_data/events.js
import { readFileSync } from "node:fs";
import yaml from "js-yaml";

const format = new Intl.DateTimeFormat("de-DE", { day: "numeric", month: "long", timeZone: "America/New_York" });

export default () =>
  yaml.load(readFileSync("events.yaml", "utf8")).map((e) => ({ ...e, when: format.format(e.date) }));
^ choir-day-cause
< Two steps lead to the wrong day. YAML reads `date: 2026-06-14` as midnight **UTC**, and the page formats it in a zone west of that, where it is still the evening of the 13th. And why New York?
> no idea, copied that from somewhere. so put Europe/Berlin there
< That would fix it here: midnight UTC is 1 or 2 in the morning in Berlin, same day. But it's only right by luck, because we live east of Greenwich. A concert day has no time zone at all; I'd format it in UTC, the zone it was read in, and keep the time of day as a separate text.
@ Edit src/_data/events.js
-const format = new Intl.DateTimeFormat("de-DE", { day: "numeric", month: "long", timeZone: "America/New_York" });
+// a day without a time: YAML reads it as midnight UTC, so it is written in UTC too
+const format = new Intl.DateTimeFormat("de-DE", { day: "numeric", month: "long", timeZone: "UTC" });
@ Write test/events.test.js
import test from "node:test";
import assert from "node:assert";
import { dayText } from "../src/_data/events.js";

for (const zone of ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"]) {
  test(`14 June stays 14 June in ${zone}`, () => {
    process.env.TZ = zone;
    assert.equal(dayText(new Date("2026-06-14")), "14. Juni");
  });
}
$!1 node --test test
✖ 14 June stays 14 June in UTC (1.2ms)
  SyntaxError: The requested module '../src/_data/events.js' does not provide an export named 'dayText'
ℹ tests 1
ℹ pass 0
ℹ fail 1
@ Edit src/_data/events.js
+export const dayText = (date) => format.format(date);
+
 export default () =>
-  yaml.load(readFileSync("events.yaml", "utf8")).map((e) => ({ ...e, when: format.format(e.date) }));
+  yaml.load(readFileSync("events.yaml", "utf8")).map((e) => ({ ...e, when: dayText(e.date) }));
$ node --test test
✔ 14 June stays 14 June in UTC (0.9ms)
✔ 14 June stays 14 June in Europe/Berlin (0.2ms)
✔ 14 June stays 14 June in America/New_York (0.2ms)
✔ 14 June stays 14 June in Pacific/Auckland (0.1ms)
ℹ tests 4
ℹ pass 4
$ npx @11ty/eleventy --quiet && grep -o '1[34]. Juni' _site/events/index.html
14. Juni
^ choir-day
< The page says 14. Juni. A date without a time is midnight UTC once YAML has read it, and it was written in New York's zone, which made it the evening before. It's read and written in UTC now; the test runs in four zones.
> and sort them, past ones at the bottom greyed out
@ Edit src/events.njk
-{% for event in events %}
+{% for event in events | upcoming %}
   {% include "event-card.njk" %}
 {% endfor %}
+<h2 class="past">Vorbei</h2>
+{% for event in events | past %}
+  {% include "event-card.njk" %}
+{% endfor %}
$ npx @11ty/eleventy --quiet && grep -c 'class="event' _site/events/index.html
11
< Upcoming events first, past ones below the heading "Vorbei" in grey. They are sorted when the site is built, so it has to be built once a day to stay true; your deploy cron already does.

=== choir-rsync
source: claude-code
project: /home/mira/code/lindenchor
at: -48d 22:40
title: Deploy deleted the uploaded recordings
model: claude-opus-4-7
version: 2.1.98

> HELP. i deployed and all rehearsal recordings are gone from the server. /uploads is 404
< Don't deploy again, and don't change anything on the server yet. Let me look at what the deploy does before touching it.
$ cat deploy.sh && git log --oneline -3 -- deploy.sh
#!/bin/sh
npx @11ty/eleventy --quiet
rsync -az --delete _site/ choir@web:/var/www/lindenchor/
a41c2de Deploy: remove old files on the server
08b3f77 Deploy with rsync
< `--delete` came in with the last commit (a41c2de): rsync makes the server an exact copy of `_site`, and `uploads/` exists only on the server. So everything in there was removed. Is there a backup? Let me look, read only.
$ ssh choir@web 'df -h /var/www | tail -1; ls -la /var/backups 2>/dev/null | tail -4; ls -d /var/www/.snapshots 2>/dev/null; sudo -n btrfs subvolume list / 2>/dev/null | tail -5'
/dev/vda1        40G   11G   28G  28% /
-rw-r--r-- 1 root root  52013 alternatives.tar.0
-rw-r--r-- 1 root root  31240 dpkg.status.0
< No backup there and no snapshots on ext4. Next idea: who uploads the recordings?
> jon, from his laptop, with the web form. but he deletes them after upload, disk full
$ ssh choir@web 'sudo -n lsof +L1 2>/dev/null | grep lindenchor; cat /etc/nginx/sites-enabled/lindenchor | grep -n cache'
14:    proxy_cache media;
$ ssh choir@web 'grep -rn "proxy_cache_path" /etc/nginx/nginx.conf; sudo -n du -sh /var/cache/nginx/media; sudo -n find /var/cache/nginx/media -type f | wc -l'
/etc/nginx/nginx.conf:31: proxy_cache_path /var/cache/nginx/media levels=1:2 keys_zone=media:10m max_size=8g inactive=60d;
1.9G	/var/cache/nginx/media
63
^ choir-rescue-cache
< That could be them. nginx caches `/uploads` for 60 days, up to 8 GB: 63 files, 1.9 GB. Each cache file has a header with its URL (`KEY:`) and the HTTP headers before the body.
@ Write scripts/rescue.py
"""Give back the files in an nginx cache: each has a binary header, KEY, HTTP headers, an empty line, the body."""
import pathlib
import re
import sys

source, target = map(pathlib.Path, sys.argv[1:3])
for path in source.rglob("*"):
    if path.is_file():
        raw = path.read_bytes()
        key = re.search(rb"\nKEY: \S*?(/uploads/[^\s?]+)\n", raw)
        if key:
            body = raw[raw.index(b"\r\n\r\n", key.end()) + 4 :]
            out = target / key[1].decode().lstrip("/")
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(body)
            print(len(body), out)
@ AskUserQuestion Copy the cache to your laptop first (1.9 GB, about 6 minutes), or work directly on the server?
Copy first
Work on the server
$ rsync -az choir@web:/var/cache/nginx/media/ /tmp/media/ && python3 scripts/rescue.py /tmp/media /tmp/rescued | tail -5 && find /tmp/rescued -type f | wc -l
31402210 /tmp/rescued/uploads/2026-w31-sopran.mp3
30188402 /tmp/rescued/uploads/2026-w31-alt.mp3
33014786 /tmp/rescued/uploads/2026-w31-tenor.mp3
29911034 /tmp/rescued/uploads/2026-w31-bass.mp3
30455120 /tmp/rescued/uploads/2026-w30-tutti.mp3
61
$ for f in /tmp/rescued/uploads/*.mp3; do ffprobe -v error "$f" || echo "BROKEN $f"; done
BROKEN /tmp/rescued/uploads/2026-w24-alt.mp3
< 61 of 63 cache files are recordings, 60 of them are whole. One (`2026-w24-alt.mp3`) was only ever fetched in part. How many were there in all?
> 64 i think. thats amazing!! put them back
$ rsync -az /tmp/rescued/uploads/ choir@web:/var/www/lindenchor/uploads/ && curl -sI https://lindenchor.example/uploads/2026-w31-alt.mp3 | head -1
HTTP/2 200
< They are back. Now the deploy. First guess: `--exclude uploads`, which also protects it from `--delete`.
@ Edit deploy.sh
-rsync -az --delete _site/ choir@web:/var/www/lindenchor/
+rsync -az --delete --exclude uploads _site/ choir@web:/var/www/lindenchor/
% reject no. i dont want to depend on one flag again. uploads should not be inside the folder that gets deployed at all
< Better. Then uploads move to `/srv/lindenchor-uploads`, nginx gets a `location /uploads/` with an alias, and the deploy folder may be deleted at any time.
$ ssh choir@web 'sudo -n mv /var/www/lindenchor/uploads /srv/lindenchor-uploads && sudo -n tee /etc/nginx/snippets/uploads.conf >/dev/null && sudo -n nginx -t && sudo -n systemctl reload nginx' < nginx/uploads.conf
nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
$ ./deploy.sh && curl -sI https://lindenchor.example/uploads/2026-w31-alt.mp3 | head -1
HTTP/2 200
^ choir-rescue
< Deployed with `--delete`, and the recordings are still there. What happened: `rsync --delete` removed `uploads/` because it existed only on the server. We got 60 of about 64 recordings back out of nginx's proxy cache with `scripts/rescue.py`. They live in `/srv/lindenchor-uploads` now, outside of everything a deploy can touch.
> and a backup please, i never want to feel like that again
@ Write scripts/backup-uploads.sh
#!/bin/sh
# every night: new recordings to the disk at home; nothing is ever deleted there
rsync -a --ignore-existing choir@web:/srv/lindenchor-uploads/ /mnt/disk/lindenchor/
$ sh scripts/backup-uploads.sh && ls /mnt/disk/lindenchor | wc -l && (crontab -l; echo "15 3 * * * sh ~/code/lindenchor/scripts/backup-uploads.sh") | crontab -
60
< 60 files on the disk at home, every night at 03:15 from now on, and that copy never deletes anything.

=== choir-feed
source: claude-code
project: /home/mira/code/lindenchor
branch: feed
at: -16d 19:30
title: Calendar feed shows rehearsals an hour early
model: claude-opus-4-7
version: 2.1.119

% command /clear
> people subscribe to /choir.ics and since last week rehearsals show at 18:30 instead of 19:30. half of them stood in front of a locked door yesterday :(
@ Read src/feed.11ty.js
export default class {
  data() {
    return { permalink: "/choir.ics" };
  }

  render({ rehearsals }) {
    return [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      ...rehearsals.flatMap((r) => [
        "BEGIN:VEVENT",
        `DTSTART:${stamp(r.from)}`,
        `RRULE:FREQ=WEEKLY;UNTIL=${stamp(r.until)}`,
        `SUMMARY:${r.title}`,
        "END:VEVENT",
      ]),
      "END:VCALENDAR",
    ].join("\r\n");
  }
}
$ curl -s https://lindenchor.example/choir.ics | head -8
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART:20260907T173000Z
RRULE:FREQ=WEEKLY;UNTIL=20261221T173000Z
SUMMARY:Probe
END:VEVENT
END:VCALENDAR
< `DTSTART` is in UTC (`Z`), and a weekly rule repeats that UTC time: 17:30 UTC is 19:30 in Berlin in summer and 18:30 in winter. So since the clocks changed it is off by an hour. A repeating event needs the *local* time plus the zone: `DTSTART;TZID=Europe/Berlin:20260907T193000`.
> so half of the year it will always be wrong? didnt we have this with the concerts
< The same family, not the same bug. Concerts were a day without a time that got a zone by accident. Rehearsals are a time that must have a zone and lost it.
@ Edit src/feed.11ty.js
-        `DTSTART:${stamp(r.from)}`,
+        `UID:${r.id}@lindenchor.example`,
+        `DTSTART;TZID=Europe/Berlin:${local(r.from)}`,
+        `DTEND;TZID=Europe/Berlin:${local(r.to)}`,
@ Edit src/feed.11ty.js
       "VERSION:2.0",
+      ...BERLIN,
@ Write src/zone.js
/** Europe/Berlin for calendar programs that do not know it by name. */
export const BERLIN = `BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE`.split("\n");
$ npx @11ty/eleventy --quiet && node scripts/check-feed.mjs _site/choir.ics
16 rehearsals, all at 19:30 Europe/Berlin
no UID: 0, lines over 75 bytes: 0
^ choir-zone
< All 16 rehearsals are at 19:30 local time, before and after the change of the clocks. The feed used UTC for a weekly event; now it carries the local time with `TZID=Europe/Berlin` and a `VTIMEZONE` block. I also added the UIDs, without which some calendars would show everything twice after the update.
% command /commit
Write a commit message for the staged changes. Summary line of at most 60 characters, then why, not what. Show it, then commit.
$ git add -A && git commit -q -F - <<'MSG' && git log --oneline -1
Feed: rehearsals in local time with their zone

A weekly rule repeats the time it starts with. In UTC that is an hour off
for half of the year.
MSG
3ac9e08 Feed: rehearsals in local time with their zone
< Committed on `feed` as 3ac9e08.

=== choir-alt
source: claude-code
project: /home/mira/code/lindenchor
headless: yes
at: -12d 04:00
title: Alt texts for new pictures
model: claude-sonnet-4-5-20250929
version: 2.1.119

> List the pictures below src/img that have no alt text in src/_data/alt.json and write one for each: one German sentence of at most 120 characters that says what can be seen. Do not name people. Change only src/_data/alt.json. Print the number of texts you added.
$ node scripts/missing-alt.mjs
src/img/2026/sommerkonzert-01.jpg
src/img/2026/sommerkonzert-02.jpg
src/img/2026/probe-gemeindesaal.jpg
@ Read src/img/2026/sommerkonzert-01.jpg
@ Read src/img/2026/sommerkonzert-02.jpg
@ Read src/img/2026/probe-gemeindesaal.jpg
@ Edit src/_data/alt.json
+  "2026/sommerkonzert-01.jpg": "Der Chor steht in drei Reihen vor der Backsteinwand der Kirche, alle in Schwarz mit roten Mappen.",
+  "2026/sommerkonzert-02.jpg": "Blick von der Empore auf das voll besetzte Kirchenschiff während des Schlussapplauses.",
+  "2026/probe-gemeindesaal.jpg": "Stuhlkreis im Gemeindesaal, in der Mitte ein Klavier mit aufgeklapptem Deckel und viel Papier.",
$ node scripts/missing-alt.mjs | wc -l && node --test test 2>&1 | grep pass
0
ℹ pass 4
< Added 3 alt texts.
