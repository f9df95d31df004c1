#include "endpoint/export_pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "endpoint/caserows.h"
#include "endpoint/mail.h"

#define NUMBER_DIGITS 6		/* a longer word is an env_id's digits */
#define PREFIX_DIGITS 8

static enum err
pick_number(struct book *book, const struct id *case_id, const char *word,
    struct export_pick *pick)
{
	int64_t number = strtoll(word, NULL, 10);
	struct caserows_msg *list = NULL;
	size_t n = 0;
	enum err err;

	if (case_id == NULL)
		return ERR_USAGE;
	err = caserows_load(book, case_id, number - 1, &list, &n);
	if (err == ERR_OK && (n == 0 || list[0].revision != number))
		err = ERR_NOTFOUND;
	if (err == ERR_OK)
		pick->message = list[0].id;
	free(list);
	return err;
}

enum err
export_pick_word(struct book *book, const struct id *case_id,
    const char *word, struct export_pick *pick)
{
	size_t len = strlen(word);

	*pick = (struct export_pick){.message = 0};
	if (len > 0 && len <= NUMBER_DIGITS &&
	    strspn(word, "0123456789") == len && word[0] != '0')
		return pick_number(book, case_id, word, pick);
	if (len < PREFIX_DIGITS || len > (size_t)2 * HASH_BYTES ||
	    strspn(word, "0123456789abcdef") != len)
		return ERR_USAGE;
	pick->prefix = word;
	return ERR_OK;
}

static bool
means(struct book *book, const struct export_pick *pick,
    const struct mail *mail)
{
	char hex[2 * HASH_BYTES + 1];
	int64_t id;

	if (pick->prefix == NULL)
		return caserows_named(book, &mail->env_id, &id) == ERR_OK &&
		    id == pick->message;
	hex_encode(hex, mail->env_id.b, HASH_BYTES);
	return strncmp(hex, pick->prefix, strlen(pick->prefix)) == 0;
}

bool
export_pick_is(struct book *book, struct export_pick *pick,
    const struct mail *mail)
{
	bool is = means(book, pick, mail);

	pick->found += is;
	return is;
}

enum err
export_pick_found(const struct export_pick *pick)
{
	if (pick->found == 0)
		return ERR_NOTFOUND;
	return pick->prefix != NULL && pick->found > 1 ? ERR_USAGE : ERR_OK;
}
