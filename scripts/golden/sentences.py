"""Small deterministic text of our own: training rows for the tiny models and a corpus for their tokenizers."""

import random

PLACES = ["harbour", "market", "mill", "orchard", "station", "library", "bridge", "quarry", "café", "lighthouse"]
THINGS = ["lamp", "ladder", "kettle", "ferry", "clock", "bell", "wagon", "map", "anchor", "violin"]
COLOURS = ["green", "amber", "slate", "white", "copper", "blue", "naïve-red", "grey"]
VERBS = ["waits", "turns", "rings", "leaks", "shines", "sinks", "rattles", "sings"]
TIMES = ["at dusk", "before noon", "in the rain", "on Sunday", "at 6:45", "all winter"]
EXTRAS = ["", " It cost 12 coins.", " Nobody knew why…", " 你好, said the keeper.", " We laughed 🙂.", "\n  - twice"]


def fact(rng: random.Random) -> tuple[str, str, str, str, str]:
    return rng.choice(COLOURS), rng.choice(THINGS), rng.choice(PLACES), rng.choice(VERBS), rng.choice(TIMES)


def sentence(rng: random.Random) -> str:
    colour, thing, place, verb, time = fact(rng)
    return f"The {colour} {thing} by the {place} {verb} {time}.{rng.choice(EXTRAS)}"


def corpus() -> list[str]:
    rng = random.Random(11)
    return [sentence(rng) for _ in range(400)] + ["What colour is it?\nWhere does it stand?"] * 20


def text_rows(count: int, seed: int) -> list[dict]:
    rng = random.Random(seed)
    return [{"text": " ".join(sentence(rng) for _ in range(rng.choice([1, 1, 1, 2])))} for _ in range(count)]


def prompt_completion_rows(count: int, seed: int) -> list[dict]:
    """Borders fall between a newline and a letter or between a letter and a space: both tokenise cleanly."""
    rng = random.Random(seed)
    rows = []
    for index in range(count):
        colour, thing, place, verb, time = fact(rng)
        if index % 2 == 0:
            rows.append({"prompt": f"Where is the {colour} {thing}?\n", "completion": f"By the {place}.{rng.choice(EXTRAS)}"})
        else:
            rows.append({"prompt": f"{time}, the {thing}", "completion": f" {verb} by the {place}."})
    return rows


def message_rows(count: int, seed: int) -> list[dict]:
    rng = random.Random(seed)
    rows = []
    for index in range(count):
        colour, thing, place, verb, time = fact(rng)
        turns = [
            {"role": "user", "content": f"What {verb} {time}?"},
            {"role": "assistant", "content": f"The {colour} {thing}.{rng.choice(EXTRAS)}"},
        ]
        if index % 3 == 0:
            turns += [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": f"By the {place}."}]
        if index % 4 == 1:
            turns.insert(0, {"role": "system", "content": f"You keep the {place}."})
        rows.append({"messages": turns})
    return rows


def chat_prompt_completion_rows(count: int, seed: int) -> list[dict]:
    rows = message_rows(count, seed)
    return [{"prompt": row["messages"][:-1], "completion": row["messages"][-1:]} for row in rows]
