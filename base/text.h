/*
 * text: messages in the reader's language (en, zh_CN).
 *
 * Codes travel, text is looked up here (gettext domain "casewire").  JSON
 * keys, names of errors and exit codes are never translated.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/*
 * text_start():
 * Choose the language from CASEWIRE_LANG, LC_ALL, LC_MESSAGES or LANG; the
 * locale of that name need not be installed.  Catalogues lie in
 * CASEWIRE_LOCALEDIR, else ../share/locale beside the program, else where
 * they were installed.
 */
void
text_start(void);
/* text_get(msgid): never NULL, static. */
const char *
text_get(const char *msgid) __attribute__((format_arg(1)));

#define _(msgid) text_get(msgid)
/* N_: marks a text for translation where it cannot be called. */
#define N_(msgid) msgid

#endif
