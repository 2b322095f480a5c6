Questions to a chat model: a trip, bread, ranking, a landlord, a microphone, a cargo bike.

=== chat-islands
source: chatgpt
at: -173d 12:30
title: Three days on the islands without a car
model: gpt-5

> two people, long weekend, train + ferry only, north sea islands. we want to walk a lot, dont care about beaches, one of us gets seasick
< For walking and for weak stomachs I'd choose by the **length of the crossing** first, then by the island.

- **Crossings under an hour, in the shelter of the tidal flats**: calm on all but stormy days.
- **Crossings of two hours or more in open water**: beautiful, but in a north-west wind one of you will not see much of it.

An island of about 15 km length with dunes, salt marsh and a village at one end gives you two full days of different walks. Take the earliest ferry on the first day and the last one on the third; the ferries run by the tide, so their times move by about 50 minutes per day. That matters for the train back.
> ferries run by the TIDE? so i cant plan the train
< On the routes through the tidal flats, yes: at low water there isn't enough of it in the channel. The timetable is published for the whole year, though, because tides can be computed far ahead. So you can plan, only not from one weekend to the next by analogy: look up your exact dates, and leave at least 60 minutes between the ferry's arrival and the train.
> what would you pack against seasickness that isnt a pill
^ chat-ginger
< In the order of what helps most:

1. **Where you stand**: outside, in the middle of the ship, facing forward, eyes on the horizon.
2. **A light meal** an hour before. An empty stomach is worse than a full one.
3. **Ginger**: candied or as biscuits, from half an hour before. The evidence is modest, the biscuits are good.
4. No reading, no phone. That is the hard one.
% wait 9d
> we did it, eyes on the horizon and ginger biscuits, no problem at all. the walk along the north side was the best

=== chat-sourdough
source: chatgpt
at: -138d 18:45
title: Sourdough gummy inside
model: gpt-5

> my sourdough looks great outside but inside its gummy and the crumb sticks to the knife. 500 g flour 375 water 10 salt 100 starter. bulk 4h at 19 degrees, fridge 12h, baked 45 min 230
^ chat-gummy-first
< Two things in your numbers stand out:

1. **Four hours of bulk at 19 °C is short.** At that temperature the dough needs more like 8–10 hours. Underfermented dough gives exactly this: a good crust, a few large holes, and a wet, gummy crumb around them.
2. **When do you cut it?** Crumb sets while it cools. Cut within the first hour it will always smear.

How much did the dough grow during bulk?
> maybe 20%? and i cut it after 30 min because who can wait
< Then both apply. Aim for **50–60 % growth** in bulk, whatever the clock says: put a bit of the dough into a small straight glass and mark it. At 19 °C expect 8 to 10 hours, at 24 °C about 5. And let the loaf cool for at least two hours.

If it's still gummy after that, bake 10 minutes longer at 210 °C with the lid off, and check with a thermometer: 97–98 °C inside.
% again
^ chat-gummy
< Then the main reason for the gummy crumb is **underfermentation**: at 19 °C four hours of bulk are about half of what this dough needs. Let it go until it has grown by 50 to 60 %, which will take 8 to 10 hours in your kitchen; a marked glass with a piece of the dough tells you when. The second reason is the knife: the crumb sets while cooling, so wait two hours.

Change only the bulk time first. If you change the baking too, you won't know which of the two it was.
% wait 3d
> 9 hours, 55% growth, waited 2 hours: perfect, open crumb, not sticky at all. so it was the bulk
< It was the bulk. Write the growth down rather than the hours; in a warmer kitchen 9 hours would be too long.

=== chat-bm25
source: chatgpt
at: -99d 21:10
title: Explain BM25 like I know tf-idf
model: gpt-5

> explain bm25 to me, i know tf-idf. whats k1 and b, and why does everyone use 1.2 and 0.75
^ chat-bm25-b
< Start from tf-idf and repair two of its habits.

**Habit one: the tenth occurrence counts as much as the first.** BM25 replaces tf by

    tf · (k1 + 1) / (tf + k1)

which rises quickly and then saturates. With k1 = 1.2 a word that occurs once scores 1, three times 1.57, ten times 1.96; it never gets above 2.2. A k1 of 0 means only presence counts; a large k1 brings back plain tf.

**Habit two: long documents win because they contain more of everything.** BM25 divides by the length, relative to the average: tf is compared with k1 · (1 − b + b · length / average). **b says how much of the length is held against a document**: 0 not at all, 1 fully.
> and why 0.75, isnt full normalization fairer
^ chat-bm25-why
< Because documents are long for two reasons. Some just say the same thing with more words: those you want to normalise fully (b = 1). Others are long because they cover more: those deserve to match more (b = 0). Collections are a mix, and 0.75 turned out well on newspaper articles in the nineties. It's a default, not a law of nature.

For short texts of about equal length, titles for example, b hardly matters; try 0.3.
> for a recipe app: title, ingredients, steps. one field or three?
^ chat-bm25f
< Three, with weights, because a word in the title says more than the same word in step 9. Either score each field with its own b and add them with weights (10 : 3 : 1 is a fine start), or use BM25F, which first adds the weighted term frequencies and then saturates *once*. The difference: with separate scores a word that occurs in all three fields is counted three times over; BM25F knows that it is the same word. For a recipe app you won't notice.
> sqlite fts5 has bm25(table, 10, 3, 1), which of the two is that
< The BM25F-like one: the weights multiply the term frequencies of the columns before saturation. Two things to know: k1 and b are fixed at 1.2 and 0.75, and the result is *negative*, so that `order by rank` puts the best first.

=== chat-landlord
source: chatgpt
at: -64d 09:15
title: Letter to the landlord about the heating
model: gpt-5

> write a letter to my landlord: heating in the bathroom does not get warm since 3 weeks, i called twice, the janitor came once and said "air in the pipes", no change. 16 degrees. friendly but firm. deadline?
^ chat-deadline-first
< A deadline of **14 days** is usual for a heating that's merely weak; if it fails altogether in winter, a few days. Here is a version:

\> Dear Mr. [Name],
\>
\> for three weeks the radiator in my bathroom has not got warm. The room reaches 16 °C at most (measured daily, list enclosed). I reported this by telephone on [date] and on [date]; your janitor came on [date] and suspected air in the pipes, but nothing has changed since.
\>
\> Please have the radiator repaired by [date + 14 days] and let me know beforehand when somebody will come.
\>
\> I would be glad if we could settle this simply. From today on I pay the rent with reservation until the defect has been remedied.
\>
\> Kind regards

The last-but-one sentence matters: without the reservation you may lose the right to a reduction for these weeks. I'm not a lawyer; a tenants' association will check the letter for little money.
> isnt "with reservation" too unfriendly? we get along well
^ chat-deadline
< It reads harder than it is; landlords know the phrase. If you'd rather keep the tone, put it into its own short paragraph: "As a matter of form I note that I pay with reservation until then." The deadline of 14 days with a calendar date should stay in any case, it's what everything else hangs on. Send it so that you can prove it arrived.
% wait 1d
> sent. he answered the same day, plumber comes thursday. it was the thermostat pin, stuck
< Good outcome, and a cheap one. Write him two lines of thanks, and note the date: if the pin sticks again next winter, you both know what to look for.

=== chat-microphone
source: chatgpt
at: -30d 20:00
title: Recording a choir with one pair of microphones
model: gpt-5

> we want to record our choir (24 people) in a church for learning tracks. budget 300. one stereo recorder or two mics and an interface?
< For learning tracks: a **stereo recorder** on a tall stand. Two separate microphones sound better in skilled hands, but they bring cables, an interface, a laptop and a laptop's fan. The stand matters more than the microphone: 2.5 to 3 m high, in front of the conductor, aimed at the second row.
> how far away
< Start at **3 m** from the first row and listen. Too close: you hear the two altos at the edge and not the choir. Too far: you hear the church. The place where direct sound and room are about equally loud is the right one; in a small brick church that's between 2.5 and 4 m.
% wait 6d
> recording was too quiet, then it clipped in the last chord
^ chat-level
< Set the level with the loudest passage, not with the beginning: have them sing the last chord, set it so that the peak stays at −12 dB, and switch the automatic gain **off**. Automatic gain raises the quiet start and is then surprised by the end. If your recorder can write 32-bit float, use it: the level then hardly matters, it can be corrected afterwards without clipping.
> and per voice tracks? can i get just the alto out of the stereo recording
< Not cleanly. Source separation is made for voices against instruments; four voices in one acoustics blur. For learning tracks the common way is to record each voice once alone, twenty minutes per voice, with the others listening or having coffee, and to mix "alto loud, the rest soft" from those.

=== chat-cargobike
source: chatgpt
at: -2d 13:20
title: Looking at a used cargo bike
model: gpt-5

> going to look at a used electric cargo bike tomorrow, 4 years old, 2400 euro, 9000 km. what do i check, i know normal bikes
< What wears out on a cargo bike and not on yours:

1. **Battery.** Ask for the capacity report of the dealer, not the range the seller tells you. After 4 years 75–85 % of the original capacity is normal. A new one costs 600–900 euro: subtract that in your head.
2. **Steering linkage or steering head.** Lift the front, turn slowly from stop to stop. It must not click anywhere. Play in the rod ends is cheap, play in the frame is not.
3. **Chain and chainrings.** 9,000 km with a motor is two to three chains. Ask when they were changed.
4. **Brakes.** Discs below their minimum thickness (it's engraved) plus pads: 120 euro.
5. **Frame number and the key of the battery lock.** No second key, no purchase papers: leave.
> he says the battery is "like new" but has no report
^ chat-battery
< Then measure it: have it charged to 100 %, ride 10 km in the highest support and read how many percent are gone. With a 500 Wh battery and a loaded bike expect 20–25 % for that. If it loses 35 % or more, it's at about two thirds of its capacity, and the price should fall by half a new battery. Any dealer of the motor's make reads the real number out in ten minutes; offering to pay the 30 euro for that is fair and tells you a lot about the seller.
% wait 25h
> 22% for 10 km. bought it for 2150 :)
< Congratulations, 22 % is a healthy battery. Two things for the first week: retighten all bolts of the steering linkage after 100 km, and write down the frame number together with the number of the battery key. You'll want both when one of them is gone.
