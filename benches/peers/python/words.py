"""What the keyword peers share: called with FOLDER WORKLOAD.SETTING TEXTS REPEATS like every peer.

The folder holds WORKLOAD.patterns and WORKLOAD.texts, one a line. What is timed goes from texts as they are to how many of them
have a hit and how many hits there are, folding of case included.
"""

import os

import common


def read(data, workload, texts):
    """Texts and patterns, these folded, and the setting: `anywhere` or `words`."""
    name, setting = workload.split(".")

    def lines(ending):
        with open(os.path.join(data, f"{name}.{ending}"), encoding="utf-8", newline="\n") as file:
            return file.read().split("\n")[:-1]

    patterns = sorted({pattern.casefold() for pattern in lines("patterns")})
    return lines("texts")[:texts], patterns, setting


def run(package, prepare):
    """Calls prepare(patterns, setting), which gives a function from a text to its number of hits."""

    def whole(data, workload, count):
        texts, patterns, setting = read(data, workload, count)
        find = prepare(patterns, setting)

        def evaluate():
            with_hit = hits = 0
            for text in texts:
                found = find(text)
                if found:
                    with_hit += 1
                    hits += found
            return with_hit, hits

        return evaluate

    common.run(package, whole)
