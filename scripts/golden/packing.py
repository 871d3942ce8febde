"""Packs and padding-free batches exactly as TRL makes them, on lengths that are awkward."""

import random

from common import folder, origin, write_json

from datasets import Dataset, disable_progress_bars
from trl import pack_dataset
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

disable_progress_bars()


def lengths_of(name: str) -> list[int]:
    """Ties, empty rows, rows beyond the maximum, exact multiples, more than a group of 1000."""
    numbers = random.Random(11)
    return {
        "documented": [5, 2, 3, 1, 2, 3],
        "ties": [3, 3, 2, 2, 2, 4, 1, 1, 1, 3, 5, 2, 1],
        "empty": [0, 3, 0, 0, 7, 2, 0],
        "long": [23, 8, 16, 17, 1, 7, 9],
        "full": [8, 8, 8],
        "one": [1],
        "many": [min(int(numbers.expovariate(1 / 9)), 70) for _ in range(1234)],
    }[name]


CASES = {"documented": 4, "ties": 5, "empty": 4, "long": 8, "full": 8, "one": 1, "many": 24}
STRATEGIES = ("bfd", "bfd_split", "wrapped")


def rows_of(lengths: list[int]) -> dict:
    """Ids count on over the dataset, so that each says where it comes from; some labels are masked."""
    ids, at = [], 0
    for length in lengths:
        ids.append(list(range(at, at + length)))
        at += length
    return {"input_ids": ids, "labels": [[-100 if i % 3 == 0 else i for i in row] for row in ids]}


def runs(ids: list[int]) -> list[list[int]]:
    """[first, count] of each stretch of ids that count on: the whole pack in little space."""
    found = []
    for i in ids:
        if found and found[-1][0] + found[-1][1] == i:
            found[-1][1] += 1
        else:
            found.append([i, 1])
    return found


def pack(name: str, strategy: str) -> dict:
    length = CASES[name]
    # Written by `map`, as SFTTrainer's preparation leaves it: of a table in one piece, `wrapped` of TRL 1.13 packs the first rows again and again.
    data = Dataset.from_dict(rows_of(lengths_of(name))).map(lambda row: row)
    packed = pack_dataset(data, length, strategy)
    for row in packed:
        assert row["labels"] == [-100 if i % 3 == 0 else i for i in row["input_ids"]]
    bordered = {"seq_lengths": [row["seq_lengths"] for row in packed]} if strategy != "wrapped" else {}
    return {"name": name, "strategy": strategy, "max_length": length, "lengths": lengths_of(name),
            "packs": [runs(row["input_ids"]) for row in packed], **bordered}


def collate(examples: list[dict], padding_free: bool, multiple: int | None) -> dict:
    collator = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=padding_free, pad_to_multiple_of=multiple)
    batch = {key: value.tolist() for key, value in collator(examples).items()}
    return {"examples": examples, "padding_free": padding_free, "pad_to_multiple_of": multiple, "batch": batch}


def batches() -> list[dict]:
    rows = [{"input_ids": [5, 6, 7, 8], "labels": [5, -100, 7, 8]}, {"input_ids": [9], "labels": [9]}, {"input_ids": [3, 4], "labels": [3, 4]}]
    packs = [
        {"input_ids": [5, 6, 7, 8, 9], "labels": [5, 6, 7, -100, 9], "seq_lengths": [2, 3]},
        {"input_ids": [3, 4, 2], "labels": [3, 4, 2], "seq_lengths": [1, 2]},
    ]
    return [collate(examples, free, multiple) for examples, free in ((rows, False), (rows, True), (packs, True)) for multiple in (None, 4)]


if __name__ == "__main__":
    path = folder("packing")
    write_json(path / "packs.json", [pack(name, strategy) for name in CASES for strategy in STRATEGIES])
    write_json(path / "batches.json", batches())
    origin(
        path,
        """
| File | Content |
|---|---|
| `packs.json` | `trl.pack_dataset` over rows of these lengths whose ids count on through the dataset: each pack as `[first id, how many]` of its stretches, and its `seq_lengths` where the strategy gives them |
| `batches.json` | what TRL's `DataCollatorForLanguageModeling` makes of rows and packs, padded and padding-free |
""",
    )
