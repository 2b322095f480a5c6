A recipe web app in TypeScript (Fastify, SQLite): importing, ingredients, speed, search, images, print, shopping lists.

=== larder-import
source: claude-code
project: /home/mira/code/larder
at: -170d 10:05
title: Import recipes from web pages
model: claude-sonnet-4-5-20250929
version: 2.0.76

> paste a url, get a recipe. most recipe sites have schema.org json-ld in them so start with that, no llm no scraping of html
@ WebSearch schema.org Recipe JSON-LD @graph recipeIngredient recipeInstructions HowToSection
1. schema.org/Recipe: properties recipeIngredient (Text), recipeInstructions (CreativeWork, ItemList, Text)
2. schema.org/HowToSection: itemListElement holds HowToStep
3. JSON-LD: several nodes of one page may be wrapped in @graph
< Three shapes to expect: the recipe as the only object, in an array, or inside `@graph`; and instructions as a plain string, a list of strings, `HowToStep`s, or `HowToSection`s with steps inside. I'll write the reader against saved pages, not against the live sites.
@ Write src/import/jsonld.ts
import { parse } from "node-html-parser";
import type { Recipe } from "../model";

export function readRecipe(html: string): Recipe | null {
  for (const script of parse(html).querySelectorAll('script[type="application/ld+json"]')) {
    for (const node of nodes(safeJson(script.text))) {
      if (isRecipe(node)) return toRecipe(node);
    }
  }
  return null;
}

function* nodes(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const v of value) yield* nodes(v);
  else if (value && typeof value === "object") {
    yield value as Record<string, unknown>;
    yield* nodes((value as Record<string, unknown>)["@graph"]);
  }
}
$!1 npx vitest run src/import
 RUN  v3.2.1 /home/mira/code/larder

 ❯ src/import/jsonld.test.ts (9 tests | 2 failed) 41ms
   × finds the recipe when @type is a list 6ms
     → expected null to match object { title: 'Linsensuppe' }
   × reads steps out of HowToSections 4ms
     → expected [ 'Dough', 'Filling' ] to deeply equal [ 'Knead.', 'Rest 1 h.', …(2) ]

 Test Files  1 failed (1)
      Tests  2 failed | 7 passed (9)
< Two real-world details: `@type` may be a list (`["Recipe", "NewsArticle"]`), and for a `HowToSection` the steps are one level deeper.
@ Edit src/import/jsonld.ts
-const isRecipe = (n: Record<string, unknown>) => n["@type"] === "Recipe";
+const isRecipe = (n: Record<string, unknown>) => [n["@type"]].flat().includes("Recipe");
@ Edit src/import/jsonld.ts
 function steps(value: unknown): string[] {
   if (typeof value === "string") return value.split(/\n+/).filter(Boolean);
-  return [value].flat().map((s: any) => s.text ?? s.name ?? String(s));
+  return [value].flat().flatMap((s: any) =>
+    s?.itemListElement ? steps(s.itemListElement) : [s?.text ?? s?.name ?? String(s)]);
 }
$ npx vitest run src/import
 ✓ src/import/jsonld.test.ts (9 tests) 38ms

 Test Files  1 passed (1)
      Tests  9 passed (9)
> tried 20 urls of mine: 17 work, 2 have no json-ld, 1 crashes: "Bad control character in string literal in JSON at position 812"
< That site writes raw line breaks inside its JSON strings. Strictly invalid, but easy to forgive: retry with control characters escaped, and only then give up on the block.
@ Edit src/import/jsonld.ts
 function safeJson(text: string): unknown {
-  return JSON.parse(text);
+  try {
+    return JSON.parse(text);
+  } catch {
+    return JSON.parse(text.replace(/[\u0000-\u001f]/g, (c) => (c === "\n" ? "\\n" : " ")));
+  }
 }
$!1 npx vitest run src/import -t "raw line breaks"
   × forgives raw line breaks inside strings 5ms
     → Expected property name or '}' in JSON at position 1 (line 1 column 2)
< My own mistake: I also replace the line breaks *between* the tokens, which are legal there. Only those inside strings may be touched.
@ Edit src/import/jsonld.ts
-    return JSON.parse(text.replace(/[\u0000-\u001f]/g, (c) => (c === "\n" ? "\\n" : " ")));
+    return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"/gs, (s) => s.replace(/[\u0000-\u001f]/g, " ")));
$ npx vitest run
 Test Files  4 passed (4)
      Tests  23 passed (23)
^ larder-jsonld
< 18 of your 20 pages can be read now. Recipes are taken from the page's JSON-LD: alone, in an array or inside `@graph`, with `@type` as a word or a list; broken line breaks inside strings are forgiven. The remaining two pages have no JSON-LD at all and give a clear "no recipe found on this page".

=== larder-fractions
source: claude-code
project: /home/mira/code/larder
at: -133d 09:40
title: Ingredient parser reads 1 1/2 cups as 11/2
model: claude-sonnet-4-5-20250929
version: 2.1.29

> "1 1/2 cups flour" becomes 5.5 cups when i scale recipes :D
$ grep -n "quantity" -A12 src/ingredients/parse.ts
8:export function quantity(text: string): number | null {
9-  const m = /^[\d\s\/.,]+/.exec(text);
10-  if (!m) return null;
11-  const [top, bottom] = m[0].replace(/\s/g, "").split("/");
12-  return bottom ? Number(top) / Number(bottom) : Number(top.replace(",", "."));
13-}
< Line 11 removes the spaces before it splits at the slash: "1 1/2" becomes "11/2" = 5.5. A mixed number has to be read as whole + fraction. While I'm here: what else occurs in your data? Let me look before writing a grammar from imagination.
$ sqlite3 larder.db "select text from ingredients" | grep -oE '^[^a-zA-Zäöü]+' | sed -E 's/[0-9]+/N/g' | sort | uniq -c | sort -rn | head -50
   4120 N 
    611 N/N 
    402 N N/N 
    288 ½ 
    240 N-N 
    131 N,N 
    118 ¼ 
     97 N½ 
     90 N.N 
     62 N – N 
     55 ¾ 
     31 ca. N 
     30 N ½ 
     22 N x N 
     14 ~N 
     11 ⅓ 
      9 N to N 
      9 N bis N 
      8 (N) 
      6 N⅔ 
      4 N+N 
      3 > N 
      2 N:N 
< Good that we looked: vulgar fractions (½, also glued: "1½"), ranges with hyphen, dash, "to" and "bis", and "2 x 400" for tins. I'll write the tests from this list.
@ Write src/ingredients/quantity.test.ts
import { expect, test } from "vitest";
import { quantity } from "./parse";

test.each([
  ["2 eggs", { min: 2, max: 2 }],
  ["1/2 lemon", { min: 0.5, max: 0.5 }],
  ["1 1/2 cups flour", { min: 1.5, max: 1.5 }],
  ["½ tsp salt", { min: 0.5, max: 0.5 }],
  ["1½ l stock", { min: 1.5, max: 1.5 }],
  ["1 ½ l stock", { min: 1.5, max: 1.5 }],
  ["0,5 l Milch", { min: 0.5, max: 0.5 }],
  ["2-3 carrots", { min: 2, max: 3 }],
  ["2 – 3 carrots", { min: 2, max: 3 }],
  ["2 bis 3 Karotten", { min: 2, max: 3 }],
  ["ca. 200 g rice", { min: 200, max: 200 }],
  ["2 x 400 g tins", { min: 800, max: 800 }],
  ["salt", null],
])("%s", (text, expected) => expect(quantity(text)).toEqual(expected));
$!1 npx vitest run src/ingredients
 ❯ src/ingredients/quantity.test.ts (13 tests | 12 failed) 22ms
 Test Files  1 failed (1)
      Tests  12 failed | 1 passed (13)
@ Edit src/ingredients/parse.ts
+const VULGAR: Record<string, number> = { "¼": 1 / 4, "½": 1 / 2, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3 };
+const NUMBER = String.raw`(?:\d+\s+\d+\/\d+|\d+\/\d+|\d+\s*[¼½¾⅓⅔]|[¼½¾⅓⅔]|\d+(?:[.,]\d+)?)`;
+const AMOUNT = new RegExp(`^(?:ca\\.|~)?\\s*(${NUMBER})(?:\\s*(-|–|to|bis|x)\\s*(${NUMBER}))?`, "i");
+
-export function quantity(text: string): number | null {
-  const m = /^[\d\s\/.,]+/.exec(text);
-  if (!m) return null;
-  const [top, bottom] = m[0].replace(/\s/g, "").split("/");
-  return bottom ? Number(top) / Number(bottom) : Number(top.replace(",", "."));
-}
+export function quantity(text: string): Range | null {
+  const m = AMOUNT.exec(text.trim());
+  if (!m) return null;
+  const first = number(m[1]);
+  const second = m[3] ? number(m[3]) : first;
+  if (m[2] === "x") return { min: first * second, max: first * second };
+  return { min: first, max: second };
+}
$!1 npx vitest run src/ingredients
   × 1½ l stock 3ms
     → expected { min: NaN, max: NaN } to deeply equal { min: 1.5, max: 1.5 }
      Tests  1 failed | 12 passed (13)
@ Edit src/ingredients/parse.ts
-  const parts = text.split(/\s+/);
+  const parts = text.replace(/([¼½¾⅓⅔])/, " $1").trim().split(/\s+/);
$ npx vitest run
      Tests  41 passed (41)
^ larder-mixed
< 41 passed. The bug: spaces were removed before splitting at the slash, so "1 1/2" became 11/2. Quantities are ranges now (`min`, `max`), mixed numbers, vulgar fractions, "bis"/"to" and "2 x 400" are read, and scaling multiplies both ends.
> do the other 4120 still give the same numbers as before? i dont want surprises
$ npx tsx scripts/compare-quantities.ts HEAD~1 | tail -8
compared 6363 ingredients
same                 4969
mixed numbers         402   1 1/2 was 5.5
was null              517   ½, ca. 200, ~3
lost its half         133   1½ was 1
became a range        320   2-3 was 2
became a product       22   2 x 400 was 2
other                   0
< 1,394 differ, all of a kind we know: besides the mixed numbers, 133 had silently lost their half and 517 had no quantity at all. Nothing changed that shouldn't.
> ship it

=== larder-n-plus-one
source: claude-code
project: /home/mira/code/larder
at: -104d 20:10
title: Recipe list takes two seconds
model: claude-opus-4-5-20251101
version: 2.1.42

> /recipes takes 2 s since i imported my mothers whole folder
$ LOG_SQL=1 curl -s -o /dev/null -w '%{time_total}\n' localhost:3000/recipes; grep -c '"sql"' log/dev.log; grep '"sql"' log/dev.log | cut -c1-90 | sort | uniq -c | sort -rn | head -5
2.113
1613
    806 {"sql":"select name from tags join recipe_tags using (tag_id) where recipe_id = ?"
    806 {"sql":"select url from images where recipe_id = ? order by position limit 1"
      1 {"sql":"select * from recipes order by title"
< 806 recipes and 1,613 queries: one for the list, then two for each recipe. A classic N+1. I'd fetch tags and first images for the whole page in one query each, and page the list at 60.
> do it but no orm please
@ Read src/recipes/list.ts
export function listRecipes(db: Database) {
  return db.prepare("select * from recipes order by title").all().map((r) => ({
    ...r,
    tags: tagsOf(db, r.id),
    image: firstImage(db, r.id),
  }));
}
@ Write src/recipes/list.ts
const PAGE = 60;

const LIST = `
  select r.id, r.title, r.minutes,
         (select url from images i where i.recipe_id = r.id order by position limit 1) as image,
         (select json_group_array(t.name) from recipe_tags rt join tags t using (tag_id)
           where rt.recipe_id = r.id) as tags
    from recipes r
   where r.title > ?
   order by r.title
   limit ${PAGE}`;

export function listRecipes(db: Database, after = ""): Row[] {
  return db.prepare(LIST).all(after).map((r) => ({ ...r, tags: JSON.parse(r.tags) }));
}
$ LOG_SQL=1 curl -s -o /dev/null -w '%{time_total}\n' localhost:3000/recipes; sqlite3 larder.db "explain query plan $(node -p 'require("./dist/recipes/list").LIST.replace("?", "\"\"")')"
0.214
QUERY PLAN
|--SCAN r
|--CORRELATED SCALAR SUBQUERY 1
|  |--SCAN i
|  `--USE TEMP B-TREE FOR ORDER BY
|--CORRELATED SCALAR SUBQUERY 2
|  |--SEARCH rt USING PRIMARY KEY (recipe_id=?)
|  `--SEARCH t USING INTEGER PRIMARY KEY (rowid=?)
`--USE TEMP B-TREE FOR ORDER BY
< One query now, but two scans are left: no index on `recipes.title` and none on `images(recipe_id, position)`.
@ Write migrations/0009_list_indexes.sql
create index recipes_title on recipes (title);
create index images_recipe on images (recipe_id, position);
$ npm run migrate && curl -s -o /dev/null -w '%{time_total}\n' localhost:3000/recipes
applied 0009_list_indexes.sql
0.006
^ larder-n1
< 2.1 s → 6 ms: one query instead of 1,613, two indexes, and pages of 60. The page after the last title uses `title > ?`, so it stays fast at the end of the list.
> two recipes are called Apfelkuchen. one of them disappears between page 1 and 2!
< Right: with `title > ?` everything with the same title as the last row of a page is skipped. The key has to be unique: (title, id).
@ Edit src/recipes/list.ts
-   where r.title > ?
-   order by r.title
+   where (r.title, r.id) > (?, ?)
+   order by r.title, r.id
$ npx vitest run src/recipes
 ✓ src/recipes/list.test.ts (7 tests) 61ms
      Tests  7 passed (7)
< Fixed, with a test that puts two Apfelkuchen at a page border.

=== larder-search
source: claude-code
project: /home/mira/code/larder
at: -71d 19:05
title: Search: Käsespätzle finds nothing
model: claude-opus-4-7
version: 2.1.42

> searching "kasespatzle" finds nothing, "käsespätzle" finds it. and when i search kuchen i want recipes named kuchen first, not every recipe that says "wie beim kuchen" somewhere
< Two separate things: folding umlauts, and weighting the title. Let me look at the FTS table.
$ sqlite3 larder.db ".schema recipes_fts"
CREATE VIRTUAL TABLE recipes_fts USING fts5(title, ingredients, steps, content='recipes', content_rowid='id', tokenize='unicode61 remove_diacritics 0');
< `remove_diacritics 0` switches folding off. 2 is the right one (1 misses some code points). And `bm25()` takes a weight per column; right now all columns count the same.
@ Write migrations/0014_fold_search.sql
drop table recipes_fts;
create virtual table recipes_fts using fts5(
  title, ingredients, steps,
  content='recipes', content_rowid='id',
  tokenize='unicode61 remove_diacritics 2'
);
insert into recipes_fts(recipes_fts) values ('rebuild');
@ Edit src/search.ts
-   order by rank
+   order by bm25(recipes_fts, 10.0, 3.0, 1.0)
$ npm run migrate && for q in kasespatzle käsespätzle kuchen; do echo "$q: $(curl -s "localhost:3000/search?q=$q" | jq -r '[.[].title][:4] | join(" | ")')"; done
applied 0014_fold_search.sql
kasespatzle: Käsespätzle
käsespätzle: Käsespätzle
kuchen: Versunkener Apfelkuchen | Kirschkuchen | Apfelkuchen | Apfelkuchen
> "kuchen" doesnt find "Kuchen ohne Ei" on top?? its literally called that
$ sqlite3 larder.db "select title, round(bm25(recipes_fts,10,3,1),2) from recipes_fts where recipes_fts match 'kuchen*' order by 2 limit 6"
Versunkener Apfelkuchen|-4.11
Kirschkuchen|-3.94
Apfelkuchen|-3.9
Apfelkuchen|-3.9
Kuchen ohne Ei|-3.71
Zwiebelkuchen|-3.66
~ Wait: how can "Apfelkuchen" match 'kuchen*'? Prefix matching matches tokens starting with kuchen. Apfelkuchen does not start with it. Unless the tokenizer… the search code must add a trigram or the steps mention Kuchen. Probably these match in steps ("den Kuchen 50 min backen") — all of them do, that's why. OK so score comes from steps, many times "Kuchen". Title weight 10 for one with title match should be higher... bm25 length normalisation; steps in "Kuchen ohne Ei" are short. Hmm, -3.71 with title match weighting 10? suspicious: maybe weights are applied but idf is tiny as kuchen appears in > half of docs -> idf is near zero. Yes: FTS5 idf floor 1e-6. All scores would be near 0 then. They aren't. Let me look at which columns match.
$ sqlite3 larder.db "select title, highlight(recipes_fts,0,'[',']') h from recipes_fts where recipes_fts match 'title: kuchen*' limit 5"
$ sqlite3 larder.db "select count(*) from recipes_fts where recipes_fts match 'title: kuchen'"
0
< The title column matches nothing at all, so the weight of 10 never applies. `content='recipes'` reads the columns by name from the recipes table on rebuild, let me check what `title` is there.
$ sqlite3 larder.db "select typeof(title), quote(substr(title,1,12)) from recipes where title like 'Kuchen%'"
text|'Kuchen ohne'
$ sqlite3 larder.db "select sql from sqlite_master where name like 'recipes_%' and type='trigger'"
CREATE TRIGGER recipes_ai AFTER INSERT ON recipes BEGIN INSERT INTO recipes_fts(rowid, ingredients, title, steps) VALUES (new.id, new.title, new.ingredients, new.steps); END
^ larder-trigger
< There: the trigger names the columns in another order than the values. Titles land in `ingredients` and ingredients in `title`. Search "worked" all along because every word landed in *some* column; only the weights brought it to light. The rebuild should have repaired it, but `npm run migrate` re-inserted the recipes afterwards, through this trigger.
@ Write migrations/0015_fix_trigger.sql
drop trigger recipes_ai;
create trigger recipes_ai after insert on recipes begin
  insert into recipes_fts(rowid, title, ingredients, steps)
  values (new.id, new.title, new.ingredients, new.steps);
end;
insert into recipes_fts(recipes_fts) values ('rebuild');
$ npm run migrate && curl -s 'localhost:3000/search?q=kuchen' | jq -r '.[:3][].title'
applied 0015_fix_trigger.sql
Kuchen ohne Ei
Kuchen im Glas
Versunkener Apfelkuchen
< Now titles weigh ten times as much as steps, and umlauts are folded in both directions: the insert trigger had its columns mixed up, so titles were never searched as titles.

=== larder-images
source: claude-code
project: /home/mira/code/larder
at: -34d 21:20
title: Image downloads fail with 429
model: claude-opus-4-7
version: 2.1.98

> nightly image import: half of the images fail with 429 too many requests since the blog moved to a cdn. make it behave
@ Read src/images/fetch.ts
export async function fetchImage(url: string): Promise<Buffer> {
  for (let i = 0; i < 5; i++) {
    const res = await fetch(url);
    if (res.ok) return Buffer.from(await res.arrayBuffer());
  }
  throw new Error(`cannot fetch ${url}`);
}
^ larder-backoff-plan
< It retries five times at once without a pause, which turns one 429 into five. And 40 of these run in parallel. What a polite client does:

- obey `Retry-After` when it's there
- otherwise wait 1 s, 2 s, 4 s, 8 s, with some jitter so that 40 downloads don't come back in the same instant
- never retry a 404
- at most 4 at a time per host
$ curl -sI https://images.suppenblog.example/2024/linsen.jpg | head -5; for i in $(seq 30); do curl -s -o /dev/null -w '%{http_code} ' https://images.suppenblog.example/2024/linsen.jpg; done
HTTP/2 200
content-type: image/jpeg
cache-control: public, max-age=31536000
cdn-cache: HIT
200 200 200 200 200 200 200 200 200 200 429 429 429 429 429 429 429 429 429 429 429 429 429 429 429 429 429 429 429 429
$ curl -sI https://images.suppenblog.example/2024/linsen.jpg | grep -i retry-after
retry-after: 10
< Ten requests, then `Retry-After: 10`. So the header is there and we should use it.
@ Write src/images/backoff.ts
/** Milliseconds to wait before the next try, null for "do not try again". */
export function pause(status: number, retryAfter: string | null, attempt: number, random = Math.random): number | null {
  if (attempt >= 4 || (status >= 400 && status < 500 && status !== 429)) return null;
  const asked = Number(retryAfter);
  if (retryAfter && Number.isFinite(asked)) return asked * 1000;
  const base = 1000 * 2 ** attempt;
  return base / 2 + random() * (base / 2);
}
@ Edit src/images/fetch.ts
-  for (let i = 0; i < 5; i++) {
-    const res = await fetch(url);
-    if (res.ok) return Buffer.from(await res.arrayBuffer());
-  }
-  throw new Error(`cannot fetch ${url}`);
+  for (let attempt = 0; ; attempt++) {
+    const res = await perHost(url, () => fetch(url));
+    if (res.ok) return Buffer.from(await res.arrayBuffer());
+    const ms = pause(res.status, res.headers.get("retry-after"), attempt);
+    if (ms === null) throw new Error(`${res.status} for ${url} after ${attempt + 1} tries`);
+    await sleep(ms);
+  }
^ images-fork-point
< That's the plain version: the whole policy is one pure function, `pause`, which is easy to test.
> hm, or use p-retry + p-limit instead of own code?
< Possible, but neither reads `Retry-After`, so we'd write that part ourselves anyway. Own code here is 10 lines; I'd keep it.
> ok keep
$ npx vitest run src/images && npm run images -- --dry-run=false | tail -4
 ✓ src/images/backoff.test.ts (8 tests) 9ms
      Tests  8 passed (8)
fetched 812 images in 6 min 41 s
waited for Retry-After 74 times, backed off 3 times
failed: 2 (404)
^ larder-backoff
< 812 images, two real 404s and no more 429. The backoff obeys `Retry-After` when the server sends it, else waits 1, 2, 4 and 8 seconds with jitter, gives up after five tries and never retries a 404. At most four downloads per host run at the same time.

=== larder-images-fork
source: claude-code
project: /home/mira/code/larder
fork-of: larder-images
fork-at: images-fork-point
at: -33d 08:15
title: Image downloads fail with 429 (fork)
model: claude-opus-4-7
version: 2.1.98

> try the other way in this fork: p-retry and p-limit, i want to see how much code it would save
$ npm install --silent p-retry p-limit && git diff --stat
 package-lock.json | 52 ++++++++++++++++++++++++++++++++++++++++++++++++++++
 package.json      |  2 ++
 2 files changed, 54 insertions(+)
@ Edit src/images/fetch.ts
-  for (let attempt = 0; ; attempt++) {
-    const res = await perHost(url, () => fetch(url));
-    if (res.ok) return Buffer.from(await res.arrayBuffer());
-    const ms = pause(res.status, res.headers.get("retry-after"), attempt);
-    if (ms === null) throw new Error(`${res.status} for ${url} after ${attempt + 1} tries`);
-    await sleep(ms);
-  }
+  return pRetry(async () => {
+    const res = await limit(() => fetch(url));
+    if (res.ok) return Buffer.from(await res.arrayBuffer());
+    if (res.status === 404) throw new AbortError("404");
+    throw new Error(String(res.status));
+  }, { retries: 5, randomize: true });
$ npm run images -- --dry-run=false | tail -3
fetched 655 images in 11 min 20 s
failed: 159 (429 after 6 tries)
< It saves seven lines and loses the header: without `Retry-After` the retries all fall into the ten seconds in which the CDN refuses everything, 159 images fail. To obey the header I'd need `onFailedAttempt` with a sleep of my own inside, and then nothing is saved any more.
> clear. throw this fork away, stay with the own version
$ git checkout -q . && npm install --silent && git status --short
< Everything is back to the version with `pause`.

=== larder-print
source: codex
project: /home/mira/code/larder
at: -84d 17:10
title: Print a recipe on one page
model: gpt-5.4

> printing a recipe gives 3 pages with the nav bar on it. want: one a4 page, ingredients left, steps right, no nav, no comments
$ rg -n "@media print" src || echo "no print css"; ls src/styles
no print css
base.css
list.css
recipe.css
$ sed -n 1,40p src/styles/recipe.css
.recipe { max-width: 44rem; margin: 0 auto; }
.recipe-hero { height: 22rem; object-fit: cover; width: 100%; }
.ingredients { background: var(--paper); padding: 1rem; }
.steps li { margin-bottom: 1rem; }
.comments { border-top: 1px solid var(--line); }
< No print styles so far. I'll add one file that is only loaded for print, so that nothing on screen can change.
@ Write src/styles/print.css
@page { size: A4; margin: 14mm; }

nav, .recipe-hero, .comments, .share, footer { display: none; }

.recipe { max-width: none; display: grid; grid-template-columns: 62mm 1fr; column-gap: 8mm; }
.recipe h1 { grid-column: 1 / -1; margin: 0 0 4mm; }
.ingredients { background: none; padding: 0; font-size: 10pt; }
.steps { font-size: 11pt; }
.steps li { break-inside: avoid; margin-bottom: 3mm; }
@ Edit src/views/layout.ts
   <link rel="stylesheet" href="/styles/recipe.css">
+  <link rel="stylesheet" href="/styles/print.css" media="print">
$ node scripts/print-check.mjs linsensuppe sauerbraten laugenbrezeln
linsensuppe      1 page
sauerbraten      2 pages
laugenbrezeln    1 page
> sauerbraten has 31 steps, 2 pages are ok. but the ingredient column is empty on the second page, wasted
< A grid column can't be reused after the ingredients end. If the ingredients float instead, the steps flow around and below them.
@ Edit src/styles/print.css
-.recipe { max-width: none; display: grid; grid-template-columns: 62mm 1fr; column-gap: 8mm; }
-.recipe h1 { grid-column: 1 / -1; margin: 0 0 4mm; }
-.ingredients { background: none; padding: 0; font-size: 10pt; }
+.recipe { max-width: none; }
+.recipe h1 { margin: 0 0 4mm; }
+.ingredients { float: left; width: 62mm; margin: 0 8mm 4mm 0; background: none; padding: 0; font-size: 10pt; }
$ node scripts/print-check.mjs linsensuppe sauerbraten laugenbrezeln
linsensuppe      1 page
sauerbraten      2 pages
laugenbrezeln    1 page
< Same page counts, and on the second page of the Sauerbraten the steps use the full width. The ingredients float left, everything else hides in `print.css`, which is loaded with `media="print"` only.
% wait 1d
> lovely, my mother says she can read it without glasses

=== larder-shopping
source: codex
project: /home/mira/code/larder
at: -27d 11:30
title: Shopping list adds up units
model: gpt-5.4

> shopping list: "500 g flour" and "0.5 kg flour" should be one line. "2 onions" and "1 onion" too. dont try to be clever with cups
$ rg -n "function merge" -A14 src/shopping/list.ts
12:function merge(items: Item[]): Item[] {
13-  const byText = new Map<string, Item>();
14-  for (const item of items) {
15-    const key = item.name.toLowerCase();
16-    const known = byText.get(key);
17-    if (known && known.unit === item.unit) known.amount += item.amount;
18-    else byText.set(key, { ...item });
19-  }
20-  return [...byText.values()];
21-}
< There is a worse bug than the one you report: in line 18 a second unit for the same name overwrites the first. "500 g flour" plus "2 tbsp flour" becomes just "2 tbsp flour".
> uh. that explains the cake without butter
< Plan: convert within a family only (g/kg, ml/cl/l), keep unlike units as separate lines, and match names by a small singular rule plus an explicit table for the ugly ones.
@ TodoWrite
[x] find out why butter vanished
[~] key = name + unit family
[ ] singular names
[ ] tests with real lists
@ Edit src/shopping/list.ts
+const FAMILY: Record<string, [family: string, factor: number]> = {
+  g: ["mass", 1], kg: ["mass", 1000], ml: ["volume", 1], cl: ["volume", 10], l: ["volume", 1000],
+};
+
 function merge(items: Item[]): Item[] {
   const byText = new Map<string, Item>();
   for (const item of items) {
-    const key = item.name.toLowerCase();
-    const known = byText.get(key);
-    if (known && known.unit === item.unit) known.amount += item.amount;
-    else byText.set(key, { ...item });
+    const [family, factor] = FAMILY[item.unit] ?? [item.unit, 1];
+    const key = `${singular(item.name)}\0${family}`;
+    const known = byText.get(key);
+    if (known) known.amount += (item.amount * factor) / (FAMILY[known.unit]?.[1] ?? 1);
+    else byText.set(key, { ...item });
   }
   return [...byText.values()];
 }
$!1 npx vitest run src/shopping
 ❯ src/shopping/list.test.ts (11 tests | 1 failed) 14ms
   × asparagus stays asparagus 2ms
     → expected 'asparagu' to be 'asparagus'
      Tests  1 failed | 10 passed (11)
@ Edit src/shopping/singular.ts
-export const singular = (name: string) => name.toLowerCase().replace(/(?<!s)s$/, "");
+const SAME = new Set(["asparagus", "couscous", "hummus", "molasses", "peas"]);
+export const singular = (name: string) => {
+  const word = name.toLowerCase();
+  return SAME.has(word) ? word : word.replace(/(?<!s)s$/, "");
+};
$ npx vitest run src/shopping
 ✓ src/shopping/list.test.ts (11 tests) 12ms
      Tests  11 passed (11)
^ larder-merge
< "500 g flour" and "0.5 kg flour" are one line of 1 kg, "2 tbsp flour" stays a line of its own instead of overwriting the others, and onions find their singular. Your butter vanished because a second unit for the same name replaced the first.
