#include <string.h>

#include "base/utf8.h"
#include "proto/charter_check.h"
#include "proto/envelope.h"

#define HEARTBEAT_MAX_S 86400
#define KEEP_MAX_DAYS 3650
#define CLOCK_MAX_S UINT32_MAX

/* A party's name: shown, so no control character; one canonical spacing. */
static bool
party_name_ok(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_BYTES + 1), used;
	uint32_t code;

	if (len == 0 || len > NAME_MAX_BYTES || name[0] == ' ' ||
	    name[len - 1] == ' ' || strstr(name, "  "))
		return false;
	for (size_t i = 0; i < len; i += used) {
		used = utf8_next(name + i, len - i, &code);
		if (used == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			return false;
	}
	return true;
}

/* Characters that stand for themselves in a note, a URL and a file name. */
static bool
plain_ok(const char *name, const char *further, size_t max)
{
	size_t len = strnlen(name, max + 1);

	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr(further, c))
			continue;
		return false;
	}
	return true;
}

static bool
word_ok(const char *word)
{
	size_t len = strnlen(word, CHARTER_WORD_MAX + 1);

	if (len == 0 || len > CHARTER_WORD_MAX || word[0] < 'a' ||
	    word[0] > 'z')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = word[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '_'))
			return false;
	}
	return true;
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static bool
host_ok(const char *host, size_t len)
{
	if (len >= 4 && host[0] == '[' && host[len - 1] == ']')
		return len <= 47 && strspn(host + 1,
		    "0123456789abcdefABCDEF:") == len - 2;
	for (size_t i = 0; i < len; i++) {
		if (strchr(":[]", host[i]))
			return false;
	}
	return len > 0 && len <= 253;
}

/* tcp://host:port */
static bool
endpoint_ok(const char *endpoint)
{
	const char *host = endpoint + 6, *colon;
	unsigned port = 0;

	if (strncmp(endpoint, "tcp://", 6) != 0 ||
	    !plain_ok(host, ".-:[]", CHARTER_ENDPOINT_MAX - 6))
		return false;
	colon = strrchr(host, ':');
	if (!colon || !host_ok(host, (size_t)(colon - host)) ||
	    colon[1] < '1' || strlen(colon + 1) > 5)
		return false;
	for (const char *p = colon + 1; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		port = port * 10 + (unsigned)(*p - '0');
	}
	return port <= 65535;
}

static bool
number_ok(const struct charter *c)
{
	bool first = c->number == 0;

	return first == hash_is_zero(&c->pair) &&
	    first == hash_is_zero(&c->replaces);
}

static bool
parties_ok(const struct charter *c)
{
	int order = memcmp(c->party[0].root, c->party[1].root, KEY_BYTES);

	/* Letters stay with their party when a renewal changes a root. */
	if (order == 0 || (c->number == 0 && order > 0))
		return false;
	return party_name_ok(c->party[0].name) &&
	    party_name_ok(c->party[1].name);
}

static bool
suites_ok(const struct charter *c)
{
	if (c->suite_count == 0 || c->suite_count > CHARTER_SUITES_MAX)
		return false;
	for (unsigned i = 0; i < c->suite_count; i++) {
		if (c->suite[i] == 0 || (i && c->suite[i] <= c->suite[i - 1]))
			return false;
	}
	return true;
}

static bool
relays_ok(const struct charter *c)
{
	if (c->relay_count == 0 || c->relay_count > CHARTER_RELAYS_MAX ||
	    c->copies == 0 || c->copies > c->relay_count)
		return false;
	for (unsigned i = 0; i < c->relay_count; i++) {
		const struct charter_relay *r = &c->relay[i];

		if (!plain_ok(r->name, "._-", NAME_MAX_BYTES) ||
		    !endpoint_ok(r->endpoint) ||
		    memcmp(r->root, c->party[0].root, KEY_BYTES) == 0 ||
		    memcmp(r->root, c->party[1].root, KEY_BYTES) == 0)
			return false;
		for (unsigned k = 0; k < i; k++) {
			if (memcmp(r->root, c->relay[k].root, KEY_BYTES) == 0 ||
			    strcmp(r->name, c->relay[k].name) == 0)
				return false;
		}
	}
	return true;
}

static bool
witnesses_ok(const struct charter *c)
{
	if (c->witness_count > CHARTER_WITNESSES_MAX ||
	    c->quorum > c->witness_count)
		return false;
	for (unsigned i = 0; i < c->witness_count; i++) {
		const struct charter_witness *w = &c->witness[i];

		if (!plain_ok(w->name, "._-/", NAME_MAX_BYTES))
			return false;
		for (unsigned k = 0; k < i; k++) {
			if (memcmp(w->key, c->witness[k].key, KEY_BYTES) == 0 ||
			    strcmp(w->name, c->witness[k].name) == 0)
				return false;
		}
	}
	return true;
}

static bool
numbers_ok(const struct charter *c)
{
	return c->heartbeat_s > 0 && c->heartbeat_s <= HEARTBEAT_MAX_S &&
	    c->keep_days > 0 && c->keep_days <= KEEP_MAX_DAYS &&
	    envelope_is_bucket(c->size_max) &&
	    c->from_at % 1000 == 0 && c->until_at % 1000 == 0 &&
	    c->from_at < c->until_at &&
	    c->until_at < (uint64_t)253402300800 * 1000;
}

static bool
clocks_ok(const struct charter *c)
{
	if (c->clock_count > CHARTER_RULES_MAX)
		return false;
	for (unsigned i = 0; i < c->clock_count; i++) {
		const struct charter_clock *clock = &c->clock[i];

		if (!word_ok(clock->name))
			return false;
		for (unsigned k = 0; k < i; k++) {
			if (strcmp(clock->name, c->clock[k].name) == 0)
				return false;
		}
		for (unsigned u = 0; u < 3; u++) {
			if (clock->seconds[u] != CHARTER_NONE &&
			    (clock->seconds[u] == 0 ||
			    clock->seconds[u] > CLOCK_MAX_S))
				return false;
		}
	}
	return true;
}

static bool
tiers_ok(const struct charter *c)
{
	for (unsigned t = 0; t < CHARTER_TIERS; t++) {
		for (unsigned u = 0; c->tier[t].present && u < 3; u++) {
			if (c->tier[t].ack[u] == 0 ||
			    c->tier[t].ack[u] > CLOCK_MAX_S ||
			    c->tier[t].answer[u] == 0 ||
			    c->tier[t].answer[u] > CLOCK_MAX_S)
				return false;
		}
	}
	return true;
}

static bool
signs_ok(const struct charter *c)
{
	if (c->sign_count > CHARTER_RULES_MAX)
		return false;
	for (unsigned i = 0; i < c->sign_count; i++) {
		const struct charter_sign *sign = &c->sign[i];

		if (!word_ok(sign->type))
			return false;
		for (unsigned k = 0; k < i; k++) {
			if (strcmp(sign->type, c->sign[k].type) == 0)
				return false;
		}
		for (unsigned u = 0; u < 3; u++) {
			if (sign->officers[u] < 1 || sign->officers[u] > 2)
				return false;
		}
	}
	return true;
}

static bool
rules_ok(const struct charter *c)
{
	unsigned n = c->clock_count + c->sign_count;

	for (unsigned t = 0; t < CHARTER_TIERS; t++)
		n += c->tier[t].present;
	return n <= CHARTER_RULES_MAX;
}

enum err
charter_check(const struct charter *charter)
{
	bool ok = number_ok(charter) && parties_ok(charter) &&
	    suites_ok(charter) && relays_ok(charter) &&
	    witnesses_ok(charter) && numbers_ok(charter) &&
	    clocks_ok(charter) && tiers_ok(charter) && signs_ok(charter) &&
	    rules_ok(charter);

	return ok ? ERR_OK : ERR_CHARTER;
}
