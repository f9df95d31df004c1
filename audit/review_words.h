/*
 * review_words: what a dossier's groups and words are called, for people.
 */
#ifndef AUDIT_REVIEW_WORDS_H
#define AUDIT_REVIEW_WORDS_H

/* review_words_text(code): translated, static; a group's name or a word of
 * DIALOGUE.md's table "Ledger"; code itself where it has no text. */
const char *
review_words_text(const char *code);

#endif
