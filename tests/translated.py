#!/usr/bin/python3
"""translated: every code and text that a reader of Chinese meets has a word.

usage: tests/translated.py

Codes (types, outcomes, kinds, grounds, states, standings, clocks, verdicts)
come from the tables that name them; texts are what the desk's programs mark for translation.
"""

import ast
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
QUOTED = r'"(?:[^"\\]|\\.)*"'
# Codes that are shown as they are: letters, no words.
PLAIN = {"A", "B", "C", "X", "none", "?", "STAY", "BACK"}


def joined(text):
    return "".join(ast.literal_eval(q) for q in re.findall(QUOTED, text))


def translated():
    po = open("base/po/zh_CN.po", encoding="utf-8").read()
    pairs = re.findall(r"msgid ((?:%s\s*)+)msgstr ((?:%s\s*)+)" %
                       (QUOTED, QUOTED), po)
    return {joined(a) for a, b in pairs if joined(b)}


def codes():
    words = open("proto/notice_words.c").read()
    for name, table in re.findall(r"notice_words_(\w+)\[\] = {(.*?)\n};",
                                  words, re.S):
        for word in re.findall(r'"(\w+)"', table):
            yield word, "proto/notice_words.c " + name
    table = open("cases/casefile_table.c").read()
    for word in re.findall(r'\[CASE_\w+\] = "(\w+)"', table):
        yield word, "cases/casefile_table.c"
    for word in re.findall(r'return "(\w+)";', table):
        yield word, "cases/casefile_table.c"

    for path, pattern in (("cases/clocks_table.c", r'"([a-z_ ]+)",'),
                          ("endpoint/casejson.c",
                           r'CASEROWS_\w+:\s*return "(\w+)"')):
        for word in re.findall(pattern, open(path).read()):
            yield word, path


def texts():
    for folder in ("base", "endpoint/cli"):
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".c"):
                continue
            path = os.path.join(folder, name)
            for m in re.finditer(r"\bN?_\(\s*((?:%s\s*\\?\s*)+)\)" % QUOTED,
                                 open(path).read()):
                yield joined(m.group(1)), path


def main():
    have = translated()
    missing = sorted({(w, where) for w, where in [*codes(), *texts()]
                      if w not in have and w not in PLAIN})
    for word, where in missing:
        print("translated: no Chinese for %r (%s)" % (word, where),
              file=sys.stderr)
    print("translated: %d codes and texts, %d without Chinese" %
          (len({w for w, _ in [*codes(), *texts()]}), len(missing)))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
