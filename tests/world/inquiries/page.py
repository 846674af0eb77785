"""``python -m tests.world.inquiries.page > docs/triage.md``: how inquiries are screened, with output of the real command and
figures of the real scorer. A test holds the page equal to what this prints.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping

from chatwarden.config.inquiries import LANGUAGES, REASONS, THRESHOLDS, TOPICS
from chatwarden.config.parse import parse
from chatwarden.routing.command import triage_stream
from chatwarden.routing.triage import TriageRules, rules_of
from tests.world.inquiries.corpus import HELD_OUT, LOOKED_AT, ORDINARY, cases
from tests.world.inquiries.measure import Count, measured, of_answers, of_questions

# Less is not written down as if nothing had happened: the test fails.
LEAST_RECALL, LEAST_PRECISION, MOST_FALSE = 0.55, 0.9, 0.03
YESTERDAY = (
    {"id": 1, "text": "When do you open on Saturday?"},
    {"id": 2, "text": "I'd like to talk to a person, please"},
    {"id": 3, "text": "Someone used my card in a shop I have never been to!!"},
    {"id": 4, "text": "so where is my order 4711??", "past": ["Where is my order 4711?"]},
    {"id": 5, "text": "Do you have it in blue?", "answer": "I'm afraid I have no information about that."},
    {"id": 6, "text": "This is ridiculous, nobody reads what I write"},
    {"id": 7, "text": 7},
)
OWN = """\
[triage.topic.mortgage]
words = ["mortgage|home-loan", "borrow .. house|flat"]
unless = ["mortgage calculator"]
outcome = "queue"
skill = "loans"
priority = 30

[triage.topic.self-harm]
line = "You can talk to somebody now, day and night: 116 123 (Samaritans, free). A colleague is joining this chat."

[triage.reason.tone]
outcome = "bot"

[triage.bot.helpdesk]
skill = "first-line"
"""
TOMORROW = (
    {"id": 1, "text": "Could we borrow more for the house?"},
    {"id": 2, "text": "Where is the mortgage calculator?"},
    {"id": 3, "text": "This is ridiculous, nobody reads what I write"},
)
WHEN = {
    "asked": "the person asks for a person",
    "bot-failed": "the bot did not answer, or not in time",
    "paused": "an administrator has paused the bot",
    "bot-did-not-know": "the bot says itself that it gives up (the built-in one, or a bot's own hand-off), or its answer begins with words for it",
    "repeated": "the question came before in this conversation, said a little differently perhaps; its score is how alike they are",
    "tone": "insults, anger, capitals, several exclamation marks; half of the anger in the message before counts too",
    "hostile": "the text tries to turn the bot against its rules, or could not be checked",
}
MEANS = {
    "self-harm": "somebody may want to harm themselves",
    "fraud": "fraud, theft, a stolen card or account",
    "payment-dispute": "charged twice, never ordered, where is my refund",
    "legal": "lawyers, courts, legal action",
    "complaint": "a formal complaint, an ombudsman",
    "data-protection": "erase my data, what do you hold about me",
}


def run(lines: Iterable[Mapping[str, object]], rules: TriageRules) -> str:
    """What the command writes."""
    sink = io.BytesIO()
    triage_stream(io.BytesIO("\n".join(json.dumps(line) for line in lines).encode()), rules, sink)
    return sink.getvalue().decode()


def given(lines: Iterable[Mapping[str, object]]) -> str:
    """The lines as they stand in a file."""
    return "".join(json.dumps(line) + "\n" for line in lines)


def summary(lines: Iterable[Mapping[str, object]], rules: TriageRules) -> str:
    """What ``--summary`` prints."""
    found = triage_stream(io.BytesIO("\n".join(json.dumps(line) for line in lines).encode()), rules)
    rows: list[tuple[str, ...]] = [("OUTCOME", "REASON", "DETAIL", "INQUIRIES", "SHARE")]
    rows += [
        tuple(str(row[name]) for name in ("outcome", "reason", "detail", "inquiries", "share")) for row in found.rows()
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(5)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*table, f"{found.inquiries} inquiries, {found.wrong} line(s) that cannot be read"])


def reasons() -> str:
    """The table of reasons and topics."""
    lines = [
        f"| `{name}` | {WHEN[name]} | {THRESHOLDS.get(name, '')} | {route.outcome} | {route.priority} |"
        for name, route in REASONS.items()
    ]
    lines += [
        f"| `topic`: `{name}` | {MEANS[name]} | {THRESHOLDS['topic']} | {topic.route.outcome} | {topic.route.priority} |"
        for name, topic in TOPICS.items()
    ]
    return "\n".join(lines)


def figures(rules: TriageRules) -> str:
    """The table of figures, of both sets."""
    seen, unseen = (measured(cases(one, framed=True), rules) for one in (LOOKED_AT, HELD_OUT))
    lines = [
        f"| {label} | {_share(seen[label])} | {unseen[label].cases} | {_share(unseen[label])} |"
        for label in unseen
        if label != ORDINARY
    ]
    lines += [
        f"| {label} | | {count.cases} | {_share(count)} |"
        for label, count in (("bot-did-not-know", of_answers(rules)), ("repeated", of_questions(rules)))
    ]
    return "\n".join(lines)


def _share(count: Count) -> str:
    return f"{count.recall:.2f} / {count.precision:.2f}"


def false_alarms(rules: TriageRules) -> tuple[int, int]:
    """Ordinary inquiries that were held out: how many, and how many of them would go to people."""
    ordinary = measured(cases(HELD_OUT, framed=True), rules)[ORDINARY]
    return ordinary.cases, ordinary.cases - ordinary.found


def page() -> str:
    """The whole page."""
    rules = rules_of(parse("").triage)[""]
    own = rules_of(parse(OWN).triage)["helpdesk"]
    count, wrong = false_alarms(rules)
    unseen = measured(cases(HELD_OUT, framed=True), rules)
    meant = [one for label, one in unseen.items() if label != ORDINARY]
    return _PAGE.format(
        yesterday=given(YESTERDAY), told=run(YESTERDAY, rules), summary=summary(YESTERDAY, rules), reasons=reasons(),
        own=OWN, tomorrow=given(TOMORROW), tomorrow_told=run(TOMORROW, own), languages=", ".join(LANGUAGES),
        line=TOPICS["self-harm"].line, figures=figures(rules), ordinary=count, false=wrong, share=100 * wrong / count,
        harm=unseen["self-harm"].recall, noticed=sum(one.found for one in meant) / sum(one.cases for one in meant),
    )  # fmt: skip


_PAGE = """\
# Which inquiries go to people

Simple questions are for the bot. After every turn the gateway looks at what the person wrote, at their earlier lines and at
what the bot answered, and decides whether a person should take over: *bot*, nothing happens; *offer*, the person is offered
people and may decline; *queue*, people are asked for at once. With the decision goes a reason, and often a skill and a
priority; agents see them, and the log records them. Nothing of what was written is in a decision or in the log.

It is done by rules over words that you can read: no model, no second machine, some hundredths of a millisecond a turn
([what it costs](performance-triage.md)). The bot goes on answering while somebody waits.

## Try it on yesterday's questions

`chatwarden triage` reads JSON lines and writes, for each, where it would go and why. It needs no home and keeps nothing. A
line has `id` and `text`; it may have `past` (what the person wrote before, the oldest first), `answer` (what the bot said)
and `answered` (`failed` or `paused` where it did not).

```text
{yesterday}```

`chatwarden triage < yesterday.jsonl` answers:

```text
{told}```

The weights in `because` add up to the score. `also` names what else held, and a line that cannot be read is answered with
its number; the exit code is then 2. `--bot NAME` judges as for this bot, `--config FILE` by rules that are not in force
yet. `chatwarden triage --summary < yesterday.jsonl` only counts:

```text
{summary}
```

## Reasons

| reason | holds when | threshold | leads to | priority |
| --- | --- | --- | --- | --- |
{reasons}

Where several hold, what leads to the queue goes first, then the higher priority, then a topic before another reason, then
the higher score. The skill is the leading reason's, else that of another reason that holds, else the bot's; the priority is
the highest of all. Who declined an offer is not offered people again for the same reason, but who asks is heard; that is kept
with the conversation, as long as tombstones are, and goes when the conversation is destroyed. Who takes up an offer waits for
what it was made for. Who waits already and says something of a higher priority is served sooner, for that reason; the log has it
as `conversation:handoff-raised`. A bot that is only observed is handed over when it fails or gives up, and for no word.

Bots that fail or are paused always lead to people: words can be switched off (`triage.enabled = false`), silence cannot be
switched on.

## Rules of your own

```toml
{own}```

With this file in force, or with `--config new.toml --bot helpdesk`, these lines

```text
{tomorrow}```

are answered with

```text
{tomorrow_told}```

All of `[triage]` is in [Settings](settings.md); a reload is enough. Reasons are a closed list; topics are not, and those of
the package take further words in the same way.

**How words are written.** A phrase is words one behind the other, in small letters or not, with accents or not.

| written | means |
| --- | --- |
| `a\\|b` | either |
| `complain*` | every word that begins so |
| `word?` | it may be missing |
| `two-words` | several words where one could be, for example beside `\\|` |
| `a .. b` | up to four other words between them |
| `^ a`, `a $` | at the beginning, at the end of a sentence |

`..` does not reach over the end of a sentence. Contractions count as written out: `do not` finds "don't" and "dont". Disguises
come off first: accents, invisible signs, letters of other scripts that look the same, and signs that stand for letters
(`hum4n`).
Phrases are no regular expressions: whatever you write, a message is read in one pass, and a message that is made to take
long does not. All your phrases in `words` together count 1.0, those in `unless` -1.0: with the threshold as it is one phrase is
enough, and `unless` silences it. The words of the package, with the weight of each group, are in
`src/chatwarden/routing/words/`, a file for each language.

## Self-harm

This topic is treated apart. Where somebody may want to harm themselves, **the bot is not asked**, since an answer that it
makes up can do damage. The person reads this line, and people are asked for at the highest priority:

> {line}

Write your own: in the language of your visitors, with a help line of your country that you have called, and without a
promise that you cannot keep. If no agent is there at night, do not say that somebody is joining. Any topic may have such a
`line`; with `line = ""` the bot answers as always.

**Do not rely on it.** Words find what is said in words that somebody thought of. Of the sentences below that the words were
not made with, it noticed {harm:.0%}; the others went to the bot like any question. It is a net with wide meshes under your
people: no diagnosis, no protection that you could promise to anybody, and no replacement for people who read along. A manner of
speaking ("this queue is killing me") should not set it off, and sometimes will. If your visitors may be in danger, have somebody
who knows this field choose the words, the line and who answers.

## How often it is right

Measured on sentences in {languages} that were written for this project, each also within greetings and other frames:
recall / precision. *Made with*: words and weights were made with these, so they say little. *Held out*: written when the
words were done, and not used since. It is the fourth such set: three earlier ones, of which much less was noticed at first
(17 to 75 % of what one reason or topic means), were used to mend the words and count as *made with* now, so this one may be
easier. For `asked`, sentences were written before its words were, and half of them, drawn by a hash, were put aside and are
held out; so are most of the ordinary inquiries, among them some that were written to mislead ("Can someone else collect my
parcel?"). The same hand wrote all of them; how your visitors write is another matter. Your own lines, with `chatwarden triage`,
tell. As it comes, it noticed {noticed:.0%} of what was held out, and took {share:.1f} % of ordinary
inquiries for something else: it is made so that the bot keeps the simple questions and an offer of people means something.
Add the words of your trade, and what you find that it missed.

| what | made with | held out: cases | held out |
| --- | --- | --- | --- |
{figures}

Of {ordinary} ordinary inquiries that were held out, {false} would have gone to people ({share:.1f} %). Precision counts
ordinary inquiries only: an angry complaint is no false alarm for tone. English was written first and has the most words; German,
French and Spanish have fewer, and other languages have none: there only the bot's own signals, capitals, marks and repeated
questions count, and what you add.

## What it does not do

It does not understand. Irony, images in words, long letters that say little (only the first 4,096 characters are looked at)
and languages without words pass it. It looks at masked text, so a topic is never inferred from a number. Whoever writes
"fraud" to be served sooner is served sooner: the reason stands beside the entry, so agents see it, and priorities are yours
to set. Where that matters, keep the priorities of topics low or equal.
"""


if __name__ == "__main__":
    sys.stdout.write(page())
