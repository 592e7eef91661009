"""pyahocorasick: all overlapping hits, anywhere."""

import ahocorasick
import words


def prepare(patterns, setting):
    assert setting == "anywhere"
    automaton = ahocorasick.Automaton()
    for pattern in patterns:
        automaton.add_word(pattern, pattern)
    automaton.make_automaton()
    return lambda text: sum(1 for _ in automaton.iter(text.casefold()))


if __name__ == "__main__":
    words.run("pyahocorasick", prepare)
