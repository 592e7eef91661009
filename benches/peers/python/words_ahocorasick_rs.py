"""ahocorasick_rs: all overlapping hits, anywhere."""

import ahocorasick_rs
import words


def prepare(patterns, setting):
    assert setting == "anywhere"
    matcher = ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.Standard)
    return lambda text: len(matcher.find_matches_as_indexes(text.casefold(), overlapping=True))


if __name__ == "__main__":
    words.run("ahocorasick_rs", prepare)
