A command line program in Go that prints tide tables, and the six ways in which a table can be wrong.

=== ebb-constants
source: codex
project: /home/mira/code/ebb
at: -162d 19:00
title: Read harmonic constants
model: gpt-5.2-codex
version: 0.104.0

> go project, cli `ebb`: prints high and low water for a harbour, computed from harmonic constants. start with reading the constants file i put into data/, its fixed width from the 90s
$ head -12 data/constants.txt | cat -A | cut -c1-76
# station            M2 amp  M2 pha  S2 amp  S2 pha  N2 amp  N2 pha$
HELMSAND              1.382   341.2   0.364    21.9   0.228   316.0$
OSTERKOOG             1.127    12.8   0.291    58.1   0.187   349.4$
GROSSER GRODEN        1.405   338.0   0.371    18.7   0.231   312.8$
LUETJE SIEL           0.981    44.1  -9.999   -9.99   0.166    21.5$
< Fixed width with spaces inside the names, and `-9.999` for "not measured". I'll cut by column, not by field, and skip missing constituents instead of treating them as −10 metres.
@ Write internal/constants/read.go
package constants

// Columns of data/constants.txt, in bytes.
const (
	nameEnd = 20
	width   = 8
	missing = -9.9
)

type Constituent struct {
	Name      string
	Amplitude float64 // metres
	Phase     float64 // degrees, Greenwich
}

func Read(r io.Reader) (map[string][]Constituent, error) {
	stations := map[string][]Constituent{}
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		text := scanner.Text()
		if strings.HasPrefix(text, "#") || strings.TrimSpace(text) == "" {
			continue
		}
		name, list, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		stations[name] = list
	}
	return stations, scanner.Err()
}
$!1 go test ./internal/constants
--- FAIL: TestRead (0.00s)
    read_test.go:22: GROSSER GRODEN: got 0 constituents, want 3
--- FAIL: TestMissing (0.00s)
    read_test.go:37: LUETJE SIEL: S2 should be left out, got {S2 -9.999 -9.99}
FAIL
FAIL	ebb/internal/constants	0.003s
< Two off-by-ones of mine: the name column is 21 bytes, and the comparison for missing values was the wrong way round.
@ Edit internal/constants/read.go
-	nameEnd = 20
+	nameEnd = 21
@ Edit internal/constants/read.go
-		if amplitude > missing {
+		if amplitude <= missing {
 			continue
 		}
$ go test ./...
ok  	ebb/internal/constants	0.003s
^ ebb-missing
< Reads all 212 stations. Names may contain spaces because the file is cut by columns; a constituent marked −9.999 is left out of the sum instead of counting as ten metres of water.
> nice. next time the prediction itself

=== ebb-dst
source: codex
project: /home/mira/code/ebb
at: -145d 20:30
title: Tide times one hour off in summer
model: gpt-5.2-codex
version: 0.104.0

> `ebb helmsand` is one hour early compared with the printed table. in march it was right
$ go run . helmsand --date 2026-03-10 | head -3; go run . helmsand --date 2026-06-28 | head -3
Helmsand, Tue 10 Mar
  high 05:12  3.1 m
  low  11:31  0.2 m
Helmsand, Sun 28 Jun
  high 11:40  3.0 m
  low  18:02  0.3 m
< March right, June an hour early: summer time. Let me see where local time comes from.
$ rg -n "time.Local|FixedZone|LoadLocation|3600" --type go
cmd/root.go:31:	zone := time.FixedZone("CET", 3600)
internal/table/table.go:58:	fmt.Fprintf(w, "  %s %s %4.1f m\n", kind, at.In(zone).Format("15:04"), height)
< `FixedZone("CET", 3600)` is UTC+1 all year. It should be the harbour's real zone with its rules. All 212 stations are in one country, so `Europe/Berlin` as the default and a `zone` column later if you add others.
@ Edit cmd/root.go
-	zone := time.FixedZone("CET", 3600)
+	zone, err := time.LoadLocation("Europe/Berlin")
+	if err != nil {
+		return fmt.Errorf("no time zone data on this machine: %w", err)
+	}
$ go run . helmsand --date 2026-06-28 | head -3
Helmsand, Sun 28 Jun
  high 12:40  3.0 m
  low  19:02  0.3 m
> and on the day of the change itself? 29 march
$ go run . helmsand --date 2026-03-29
Helmsand, Sun 29 Mar
  low  00:41  0.4 m
  high 07:44  2.9 m
  low  13:10  0.5 m
  high 20:05  2.8 m
< Plausible: from 00:41 to 07:44 looks like seven hours, but one of them doesn't exist. To be sure, I'll test on both changing days, for all 212 stations, that every tide of a day really lies in that day.
@ Write internal/table/dst_test.go
func TestDaysOfTheChange(t *testing.T) {
	for _, s := range stations(t) {
		for _, day := range []string{"2026-03-29", "2026-10-25"} {
			start := date(t, day, berlin)
			for _, tide := range Day(s, start) {
				if got := tide.At.In(berlin).Format(time.DateOnly); got != day {
					t.Errorf("%s %s: tide at %v belongs to the next day", s.Name, day, tide.At.In(berlin))
				}
			}
		}
	}
}
$!1 go test ./internal/table
--- FAIL: TestDaysOfTheChange (0.01s)
    dst_test.go:18: OSTERKOOG 2026-03-29: tide at 2026-03-30 00:20:00 +0200 CEST belongs to the next day
    dst_test.go:18: LUETJE SIEL 2026-03-29: tide at 2026-03-30 00:52:00 +0200 CEST belongs to the next day
FAIL
< Good that we asked: `Day` adds 24 hours to midnight, but 29 March has only 23 of them, so the first tide of the 30th slips in. `AddDate(0, 0, 1)` knows the calendar.
@ Edit internal/table/table.go
-	end := start.Add(24 * time.Hour)
+	end := start.AddDate(0, 0, 1)
$ go test ./...
ok  	ebb/internal/constants	(cached)
ok  	ebb/internal/table	0.011s
$ GOOS=windows go build -o /tmp/ebb.exe . && go build -tags timetzdata -o ebb . && ls -la ebb | awk '{print $5}'
4718592
^ ebb-zone
< Fixed: the zone was UTC+1 all year; it is `Europe/Berlin` with its rules now, and a day ends at the next local midnight instead of after 24 hours. Built with `timetzdata`, so it also works on machines without a zone database.

=== ebb-next
source: codex
project: /home/mira/code/ebb
at: -112d 18:20
title: ebb next: one line for the status bar
model: gpt-5.4

> add `ebb next helmsand` -> one line for my status bar: "high 17:42 (in 1h05) 3.0 m". and golden tests for all output please
$ rg --files cmd internal | head -20
cmd/root.go
cmd/stations.go
internal/constants/read.go
internal/constants/read_test.go
internal/predict/predict.go
internal/predict/predict_test.go
internal/table/dst_test.go
internal/table/table.go
@ Write cmd/next.go
func next(w io.Writer, s Station, now time.Time) error {
	for _, tide := range table.Between(s, now, now.Add(14*time.Hour)) {
		if tide.At.After(now) {
			in := tide.At.Sub(now).Round(time.Minute)
			_, err := fmt.Fprintf(w, "%s %s (in %s) %.1f m\n", tide.Kind, tide.At.In(zone).Format("15:04"), short(in), tide.Height)
			return err
		}
	}
	return fmt.Errorf("no tide within 14 hours at %s", s.Name)
}
@ Write cmd/golden_test.go
var update = flag.Bool("update", false, "write the golden files")

func TestGolden(t *testing.T) {
	now := time.Date(2026, 8, 1, 16, 37, 0, 0, time.UTC)
	for name, args := range map[string][]string{
		"day":      {"helmsand", "--date", "2026-08-01"},
		"week":     {"helmsand", "--days", "7"},
		"next":     {"next", "helmsand"},
		"unknown":  {"helmsnad"},
		"stations": {"stations", "--near", "54.1,8.9"},
	} {
		t.Run(name, func(t *testing.T) { compare(t, name, run(t, now, args...)) })
	}
}
$ go test ./cmd -update && git status --short cmd/testdata && cat cmd/testdata/next.golden cmd/testdata/unknown.golden
?? cmd/testdata/
high 17:42 (in 1h05) 3.0 m
no station "helmsnad". Did you mean: helmsand?
$ go test ./cmd -v 2>&1 | head -60
\=== RUN   TestGolden
\=== RUN   TestGolden/day
\=== RUN   TestGolden/week
\=== RUN   TestGolden/next
\=== RUN   TestGolden/unknown
\=== RUN   TestGolden/stations
--- PASS: TestGolden (0.04s)
    --- PASS: TestGolden/day (0.01s)
    --- PASS: TestGolden/week (0.02s)
    --- PASS: TestGolden/next (0.00s)
    --- PASS: TestGolden/unknown (0.00s)
    --- PASS: TestGolden/stations (0.01s)
PASS
ok  	ebb/cmd	0.046s
> in the bar it says "(in 0h00)" at the moment of high water. make it "now" within 5 minutes
@ Edit cmd/next.go
-		if tide.At.After(now) {
+		if tide.At.After(now.Add(-5 * time.Minute)) {
@ Edit cmd/next.go
+	if in.Abs() <= 5*time.Minute {
+		return "now"
+	}
$ go test ./...
ok  	ebb/cmd	0.051s
ok  	ebb/internal/constants	(cached)
ok  	ebb/internal/predict	(cached)
ok  	ebb/internal/table	(cached)
^ ebb-next-now
< `ebb next` prints one line; within five minutes before and after a tide it says "now". Every kind of output has a golden file, `go test ./cmd -update` rewrites them and you read the diff.

=== ebb-datum
source: codex
project: /home/mira/code/ebb
at: -79d 20:00
title: Heights are too low by more than a metre
model: gpt-5.4

> times are perfect now but heights are wrong: table says 3.4 m at helmsand, ebb says 2.0. low water is negative! -0.9
~ The harmonic sum gives heights relative to mean sea level; printed tables give heights above chart datum (LAT in these waters). The offset Z0 is missing.
< Negative low waters are the clue: the harmonic sum is the height above *mean sea level*. Printed tables give heights above *chart datum*, which lies roughly at the lowest tide, so that ships don't find less water than promised. We have to add the distance between the two, Z0, for each station.
$ head -3 data/levels.csv; wc -l data/levels.csv
station,z0,source
HELMSAND,1.41,table 2024
OSTERKOOG,1.63,table 2024
213 data/levels.csv
> i have that file, never knew what it is for
@ Edit internal/predict/predict.go
 func Height(s Station, at time.Time) float64 {
-	sum := 0.0
+	sum := s.Z0 // from mean sea level to chart datum, metres
 	for _, c := range s.Constituents {
$ go run . helmsand --date 2026-09-02
Helmsand, Wed 2 Sep
  high 03:15  3.4 m
  low  09:29  0.5 m
  high 15:38  3.3 m
  low  21:54  0.4 m
> high water matches now. but low should be 0.2 says the table, we say 0.5. always 0.3 too high, high water is right
~ Asymmetric: highs right, lows too high by 0.3. M4 shallow-water constituent (overtide) distorts low vs high. Our file only has M2, S2, N2. Hmm, or the nodal factor. Constant 0.3 at low only → M4 with phase such that it lowers the low and doesn't affect the high much? M4 has two periods per M2: at high +a, at low +a if phase 2*M2phase - M4phase = 0; so it'd shift both equally. Combined with Z0 error: Z0 off by x, M4 amplitude a... highs: x + a = 0, lows: x + a too?? M4 at high and low has the same sign (since 2*180° = 360°). So M4 alone cannot make asymmetric difference at the extremes, it's the same shift at both. So M2 amplitude error: high up by d, low down by d, and Z0 offset -: highs: z + d = 0; lows: z - d = -0.3 → d = .15, z = -.15. So amplitudes are too small by .15 and Z0 too high by .15. The nodal correction f for M2 in 2026: about +3.7%... 1.38*0.037=0.05. S2 no. Missing constituents... Let me look at what else: table 2024 vs. constants from the 90s.
^ ebb-amplitude-wrong
< One thing I can rule out: a missing overtide (M4) would shift high and low water in the same direction. A too small amplitude by 0.15 m together with a Z0 that is 0.15 m too large would look exactly like this. I'd first check the nodal factor of M2, which swings by ±3.7 % over 18.6 years and which we ignore.
$ python3 - <<'PY'
from math import cos, radians
n = 125.04 - 0.05295377 * ((2026 - 2000) * 365.25 + 245)
print("N", round(n % 360, 1), "f(M2)", round(1 - 0.037 * cos(radians(n)), 4))
PY
N 329.2 f(M2) 0.9682
< In 2026 the nodal factor makes M2 *smaller* by 3.2 %, so including it is right but goes in the wrong direction for our 0.3 m. Before I invent anything else: how do you compare, which table is it?
> printed one from the harbour office, 2026
$ rg -n "HELMSAND|Helmsand" data/*.csv data/*.txt | head
data/constants.txt:2:HELMSAND              1.382   341.2   0.364    21.9   0.228   316.0
data/levels.csv:2:HELMSAND,1.41,table 2024
data/levels-2026.csv:2:HELMSAND,1.26,datum revised 2025
data/more-constants.txt:9:HELMSAND   M4 0.082 201.0   K1 0.071 14.1   O1 0.096 232.8   MU2 0.118 120.4   NU2 0.047 311.9
< There are two files I hadn't looked at. `levels-2026.csv`: the datum was revised in 2025, Z0 is 1.26, not 1.41. That's the 0.15 m. And `more-constants.txt` has five more constituents, among them MU2 and NU2, which add up to the missing amplitude at springs.
@ Edit internal/constants/load.go
-	levels := "data/levels.csv"
+	levels := "data/levels-2026.csv"
+	extra := "data/more-constants.txt"
$ go test ./... && go run ./scripts/compare --table data/printed-2026.csv --station helmsand
ok  	ebb/cmd	0.050s
ok  	ebb/internal/constants	0.004s
ok  	ebb/internal/predict	0.006s
ok  	ebb/internal/table	0.011s
1410 tides compared
times    mean error   1.2 min, worst  9 min
heights  mean error   0.04 m,  worst 0.17 m
^ ebb-datum-fix
< Heights now agree with the printed table to 4 cm on average, 17 cm at worst. Three things were missing: the offset Z0 from mean sea level to chart datum, the datum as revised in 2025 (1.26 m instead of 1.41 m at Helmsand), and the nodal factor plus five smaller constituents. That is why high water looked right early: the wrong datum and the missing amplitude cancelled each other there, and added up at low water.

=== ebb-release
source: codex
project: /home/mira/code/ebb
branch: release
at: -52d 21:10
title: Release builds for three systems
model: gpt-5.4

> make release builds linux/mac/windows amd64+arm64 in ci, on tag. no goreleaser, just go build in a matrix
@ Write .github/workflows/release.yml
name: release
on:
  push:
    tags: ["v*"]
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        os: [linux, darwin, windows]
        arch: [amd64, arm64]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-go@v5
        with: {go-version-file: go.mod}
      - run: go build -trimpath -tags timetzdata -o ebb-${{ matrix.os }}-${{ matrix.arch }} .
        env: {GOOS: "${{ matrix.os }}", GOARCH: "${{ matrix.arch }}", CGO_ENABLED: "0"}
$ git add -A && git commit -qm "CI: release builds" && git tag v0.4.0 && git push -q --tags && gh run watch --exit-status | tail -8
✓ build (linux, amd64)   31s
✓ build (linux, arm64)   29s
✓ build (darwin, amd64)  33s
✓ build (darwin, arm64)  30s
✓ build (windows, amd64) 30s
✓ build (windows, arm64) 32s
> downloaded the linux one: "open data/constants.txt: no such file or directory"
< Of course: the binary reads `data/` from the working directory, which only exists in your checkout. The files have to be inside: `//go:embed`.
@ Edit internal/constants/load.go
+//go:embed data
+var data embed.FS
+
-	f, err := os.Open("data/constants.txt")
+	f, err := data.Open("data/constants.txt")
$!1 go build ./...
internal/constants/load.go:11:12: pattern data: no matching files found
< `go:embed` cannot reach outside its own package folder; `data/` has to move below `internal/constants/`, and I'd better rewrite the paths everywhere in one go with
% interrupt
> stop, dont move data/, the scripts use it. put an embed.go into the root package instead and hand the fs in
@ Write data.go
package main

import "embed"

//go:embed data
var files embed.FS
@ Edit internal/constants/load.go
-func Load() (Stations, error) {
+func Load(data fs.FS) (Stations, error) {
$ go build ./... && go test ./... && (cd /tmp && ~/code/ebb/ebb next helmsand)
ok  	ebb/cmd	0.052s
ok  	ebb/internal/constants	0.004s
ok  	ebb/internal/predict	(cached)
ok  	ebb/internal/table	(cached)
high 23:20 (in 1h48) 3.2 m
^ ebb-embed
< Works from any folder: the data files are embedded by the root package and handed down as an `fs.FS`, `data/` stays where your scripts expect it. Tagged as v0.4.1; v0.4.0 should be deleted, it can't find its data.
> deleted

=== ebb-cache
source: codex
project: /home/mira/code/ebb
at: -19d 12:45
title: Cache file is broken when two run at once
model: gpt-5.4

> status bar calls `ebb next` on both monitors at the same second and sometimes i get: "cache: unexpected end of JSON input"
$ rg -n "cache" --type go -g '!*_test.go' | head
internal/cache/cache.go:18:	raw, err := os.ReadFile(path)
internal/cache/cache.go:33:	return os.WriteFile(path, raw, 0o644)
cmd/next.go:14:	tides, err := cache.Get(s.Name, day)
< `os.WriteFile` truncates the file and then writes it. If the second process reads in between, it sees half a file. The classic cure is to write a temporary file beside it and rename it over the old one: a rename replaces the file in one step, a reader sees either the old or the new one.
@ Edit internal/cache/cache.go
-	return os.WriteFile(path, raw, 0o644)
+	tmp, err := os.CreateTemp(filepath.Dir(path), ".ebb-*")
+	if err != nil {
+		return err
+	}
+	defer os.Remove(tmp.Name())
+	if _, err := tmp.Write(raw); err != nil {
+		return err
+	}
+	if err := tmp.Close(); err != nil {
+		return err
+	}
+	return os.Rename(tmp.Name(), path)
$ cat > /tmp/race.sh <<'SH'
for i in $(seq 200); do (ebb next helmsand >/dev/null || echo broken) & (ebb next helmsand >/dev/null || echo broken) & wait; rm -f ~/.cache/ebb/helmsand.json; done | sort | uniq -c
SH
$ git stash -q; go install . ; echo before:; sh /tmp/race.sh; git stash pop -q; go install .; echo after:; sh /tmp/race.sh
before:
     17 broken
after:
> no lock file needed?
< No. Two processes may both compute and both write, the last one wins, and both have written the same thing. A lock would only save a few milliseconds of computing and add a way to hang.
> and if the cache IS broken from before? it should just recompute not die
@ Edit internal/cache/cache.go
 	if err := json.Unmarshal(raw, &tides); err != nil {
-		return nil, fmt.Errorf("cache: %w", err)
+		return nil, ErrMiss // a broken cache is no cache
 	}
$ go test ./... 2>&1 | tail -3
ok  	ebb/internal/cache	0.120s
ok  	ebb/internal/predict	(cached)
ok  	ebb/internal/table	(cached)
^ ebb-rename
< 200 rounds with two processes each: 17 broken before, none after. The cache is written to a temporary file and renamed over the old one, and a cache that can't be read counts as a miss.
