"""flashtext2: which texts hold a keyword. It finds no overlapping hits, so only the texts are counted."""

import common
import flashtext2


def prepare(data, workload, events):
    texts, keywords = common.texts(data, events)
    processor = flashtext2.KeywordProcessor(case_sensitive=True)
    for keyword in keywords:
        processor.add_keyword(keyword, keyword)

    def evaluate():
        return [sum(1 for text in texts if processor.extract_keywords(text))]

    return evaluate


if __name__ == "__main__":
    common.run("flashtext2", prepare)
