"""flashtext: whole words, the longest where they overlap. It takes `_` for a letter, and folds case itself."""

import flashtext
import words


def prepare(patterns, setting):
    assert setting == "words"
    processor = flashtext.KeywordProcessor(case_sensitive=False)
    for pattern in patterns:
        processor.add_keyword(pattern)
    return lambda text: len(processor.extract_keywords(text))


if __name__ == "__main__":
    words.run("flashtext", prepare)
