"""ahocorasick_rs: all overlapping hits of the keywords."""

import ahocorasick_rs
import common


def prepare(data, workload, events):
    texts, keywords = common.texts(data, events)
    matcher = ahocorasick_rs.AhoCorasick(keywords, matchkind=ahocorasick_rs.MatchKind.Standard)

    def evaluate():
        with_hit = hits = 0
        for text in texts:
            found = len(matcher.find_matches_as_indexes(text, overlapping=True))
            if found:
                with_hit += 1
                hits += found
        return with_hit, hits

    return evaluate


if __name__ == "__main__":
    common.run("ahocorasick_rs", prepare)
