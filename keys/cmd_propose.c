/* charter propose, charter renew: one text from options. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/file.h"
#include "keys/cmd.h"
#include "keys/pubkey.h"
#include "keys/tool.h"

#define LIFE_DAYS 730
#define PUB_MAX (2 * KEY_BYTES + 1 + NAME_MAX_BYTES + 1)

/*
 * The clocks and tiers of the default profile, in seconds: what the nearest
 * law obliges to, where there is one (DIALOGUE.md).  No sign lines: who must
 * countersign is for the two sides to write into --profile.
 */
static const char profile[] =
    "clock ack 604800 86400 3600\n"
    "clock data_at_hand 604800 28800 28800\n"
    "clock decision 2592000 259200 28800\n"
    "clock decision_extension 2592000 259200 -\n"
    "clock result 7776000 2592000 259200\n"
    "clock status 2592000 604800 86400\n"
    "clock status_query 432000 86400 7200\n"
    "clock clarify 1209600 86400 7200\n"
    "clock preservation 5184000 5184000 5184000\n"
    "clock feedback 5184000 2592000 2592000\n"
    "clock countersign - - 86400\n"
    "clock lead 5184000 5184000 5184000\n"
    "clock consent 432000 432000 432000\n"
    "clock session 1209600 1209600 1209600\n"
    "clock dossier 2592000 2592000 2592000\n"
    "tier 1 86400 14400 900 172800 86400 3600\n"
    "tier 2 86400 14400 900 432000 172800 3600\n"
    "tier 3 86400 14400 900 864000 345600 14400\n";

/* "<64 hex> <name>", from a root.pub file or typed out. */
static enum err
read_pub(const char *value, uint8_t key[KEY_BYTES],
    char name[NAME_MAX_BYTES + 1])
{
	struct buf line = buf_init(PUB_MAX + 1);
	char hex[2 * KEY_BYTES + 1];
	const char *text;
	enum err err = ERR_SYNTAX;
	size_t len;

	if (file_exists(value))
		file_load(value, PUB_MAX, &line);
	else
		buf_str(&line, value);
	text = buf_text(&line);
	len = strcspn(text, "\n");
	if (len > 2 * KEY_BYTES + 1 && text[2 * KEY_BYTES] == ' ' &&
	    len - 2 * KEY_BYTES - 1 <= NAME_MAX_BYTES &&
	    (text[len] == '\0' || text[len + 1] == '\0')) {
		memcpy(hex, text, 2 * KEY_BYTES);
		hex[2 * KEY_BYTES] = '\0';
		len -= 2 * KEY_BYTES + 1;
		memcpy(name, text + 2 * KEY_BYTES + 1, len);
		name[len] = '\0';
		err = hex_decode(key, KEY_BYTES, hex);
		if (err == ERR_OK)
			err = pubkey_check(key, KEY_BYTES);
	}
	buf_free(&line);
	if (err != ERR_OK)
		diag_error("keys", "%s: wanted a root.pub file or "
		    "\"<64 hex> <name>\" with a good key", value);
	return err;
}

static enum err
take_parties(struct cli *cli, struct charter *c)
{
	struct charter_party swap;
	enum err err;

	if (cli_opt_nth(cli, "party", 1) == NULL ||
	    cli_opt_nth(cli, "party", 2) != NULL) {
		diag_error("keys", "wanted --party twice, one for each side");
		return ERR_USAGE;
	}
	err = read_pub(cli_opt_nth(cli, "party", 0), c->party[0].root,
	    c->party[0].name);
	if (err == ERR_OK)
		err = read_pub(cli_opt_nth(cli, "party", 1), c->party[1].root,
		    c->party[1].name);
	if (err != ERR_OK)
		return err;
	/* a is the one whose root is lower. */
	if (memcmp(c->party[0].root, c->party[1].root, KEY_BYTES) > 0) {
		swap = c->party[0];
		c->party[0] = c->party[1];
		c->party[1] = swap;
	}
	return ERR_OK;
}

/* "ROOT.PUB=tcp://host:port" or "<64 hex> <name>=tcp://host:port". */
static enum err
take_relay(struct charter_relay *relay, const char *value)
{
	const char *at = strstr(value, "=tcp://");
	char *who;
	enum err err;

	if (at == NULL || strlen(at + 1) > CHARTER_ENDPOINT_MAX) {
		diag_error("keys", "--relay %s: wanted ROOT.PUB=tcp://HOST:PORT",
		    value);
		return ERR_USAGE;
	}
	who = tool_copy(value);
	who[at - value] = '\0';
	err = read_pub(who, relay->root, relay->name);
	free(who);
	strcpy(relay->endpoint, at + 1);	/* its length was checked */
	return err;
}

static enum err
take_relays(struct cli *cli, struct charter *c)
{
	const char *value;
	enum err err = ERR_OK;
	unsigned i;

	if (!cli_has(cli, "relay"))
		return ERR_OK;
	for (i = 0; err == ERR_OK &&
	    (value = cli_opt_nth(cli, "relay", i)) != NULL; i++) {
		if (i == CHARTER_RELAYS_MAX)
			return ERR_COUNT;
		err = take_relay(&c->relay[i], value);
	}
	c->relay_count = i;
	return err;
}

static enum err
take_witnesses(struct cli *cli, struct charter *c)
{
	const char *value;
	enum err err = ERR_OK;
	unsigned i;

	if (!cli_has(cli, "witness"))
		return ERR_OK;
	for (i = 0; err == ERR_OK &&
	    (value = cli_opt_nth(cli, "witness", i)) != NULL; i++) {
		if (i == CHARTER_WITNESSES_MAX)
			return ERR_COUNT;
		err = read_pub(value, c->witness[i].key, c->witness[i].name);
	}
	c->witness_count = i;
	return err;
}

static enum err
take_numbers(struct cli *cli, struct charter *c)
{
	int64_t copies, quorum, heartbeat, keep, size;
	enum err err;

	err = cli_opt_int(cli, "copies", c->copies, 1, CHARTER_RELAYS_MAX,
	    &copies);
	if (err == ERR_OK)
		err = cli_opt_int(cli, "quorum", c->quorum, 0,
		    CHARTER_WITNESSES_MAX, &quorum);
	if (err == ERR_OK)
		err = cli_opt_int(cli, "heartbeat", c->heartbeat_s, 1, 86400,
		    &heartbeat);
	if (err == ERR_OK)
		err = cli_opt_int(cli, "keep", c->keep_days, 1, 3650, &keep);
	if (err == ERR_OK)
		err = cli_opt_int(cli, "size", c->size_max, BUCKET_MIN,
		    BUCKET_MAX, &size);
	if (err != ERR_OK)
		return err;
	c->copies = (uint8_t)copies;
	c->quorum = (uint8_t)quorum;
	c->heartbeat_s = (uint32_t)heartbeat;
	c->keep_days = (uint32_t)keep;
	c->size_max = (uint32_t)size;
	return ERR_OK;
}

static enum err
take_time(struct cli *cli, const char *opt, uint64_t def, uint64_t *at)
{
	const char *text = cli_opt(cli, opt);
	enum err err;

	*at = def;
	if (text == NULL)
		return ERR_OK;
	err = charter_time_parse(at, (struct view){ (const uint8_t *)text,
	    strlen(text) });
	if (err != ERR_OK)
		diag_error("keys", "--%s %s: wanted 2026-12-01T00:00:00Z", opt,
		    text);
	return err == ERR_OK ? ERR_OK : ERR_USAGE;
}

/* From: the start of this day in UTC, until: two years on. */
static enum err
take_times(struct cli *cli, struct charter *c)
{
	uint64_t today = (uint64_t)tool_now();
	int64_t days;
	enum err err;

	today -= today % TOOL_DAY_MS;
	err = cli_opt_int(cli, "days", LIFE_DAYS, 1, 36500, &days);
	if (err == ERR_OK)
		err = take_time(cli, "from", today, &c->from_at);
	if (err == ERR_OK)
		err = take_time(cli, "until", c->from_at +
		    (uint64_t)days * TOOL_DAY_MS, &c->until_at);
	return err;
}

static enum err
take_options(struct cli *cli, struct charter *c)
{
	enum err err;

	err = take_relays(cli, c);
	if (err == ERR_OK)
		err = take_witnesses(cli, c);
	if (err == ERR_OK)
		err = take_numbers(cli, c);
	if (err == ERR_OK)
		err = take_times(cli, c);
	return err;
}

/* The rules: --profile's lines, else what c has, else the default ones. */
static enum err
put_rules(struct cli *cli, struct buf *text, const struct charter *c)
{
	bool has = c->clock_count > 0 || c->sign_count > 0 ||
	    c->tier[0].present || c->tier[1].present || c->tier[2].present;

	if (cli_has(cli, "profile"))
		return file_load(cli_opt(cli, "profile"), CHARTER_MAX, text);
	if (!has)
		buf_str(text, profile);
	return text->err;
}

/* c as text, rules behind it, read back strictly, written once. */
static enum err
write_charter(struct cli *cli, struct charter *c, const char *path,
    struct hash *id)
{
	struct buf text = buf_init(CHARTER_MAX);
	unsigned line = 0;
	enum err err;

	if (cli_has(cli, "profile")) {
		c->clock_count = c->sign_count = 0;
		memset(c->tier, 0, sizeof(c->tier));
	}
	err = charter_write(&text, c);
	if (err == ERR_OK)
		err = put_rules(cli, &text, c);
	if (err == ERR_OK) {
		err = charter_parse(c, buf_view(&text), &line);
		if (err != ERR_OK)
			tool_charter_fault(path, line);
	} else {
		diag_error("keys", "these values make no charter");
	}
	if (err == ERR_OK)
		*id = charter_id(buf_view(&text));
	if (err == ERR_OK)
		err = file_create(path, text.p, text.len, 0644);
	buf_free(&text);
	return err;
}

static int
report(struct cli *cli, const struct charter *c, const struct hash *id,
    const char *path)
{
	struct json *json = json_new_obj();
	struct buf next = buf_init(8192);
	int rc;

	json_put_str(json, "file", path);
	json_put_hex(json, "charter", id->b, HASH_BYTES);
	json_put_int(json, "number", c->number);
	json_put_str(json, "a", c->party[0].name);
	json_put_str(json, "b", c->party[1].name);
	json_put_time(json, "from", (int64_t)c->from_at);
	json_put_time(json, "until", (int64_t)c->until_at);
	buf_fmt(&next, "Next: send %s to the other side. Both sides read every "
	    "line of it, then:\n    casewire-keys charter words %s\nread six "
	    "words aloud, hear the other six, and only then:\n    "
	    "casewire-keys charter sign %s --root keys/root.key", path, path,
	    path);
	rc = tool_emit(cli, &json, buf_text(&next));
	buf_free(&next);
	return rc;
}

int
cmd_charter_propose(struct cli *cli)
{
	const char *out = cli_has(cli, "out") ? cli_opt(cli, "out") :
	    "charter";
	struct charter *c = calloc(1, sizeof(*c));
	struct hash id;
	enum err err = c != NULL ? ERR_OK : ERR_NOMEM;
	int rc;

	if (err == ERR_OK) {
		c->suite_count = 1;
		c->suite[0] = 1;
		c->copies = 1;
		c->heartbeat_s = 300;
		c->keep_days = 30;
		c->size_max = BUCKET_MAX;
		err = take_parties(cli, c);
	}
	if (err == ERR_OK && !cli_has(cli, "relay")) {
		diag_error("keys", "wanted --relay at least once");
		err = ERR_USAGE;
	}
	if (err == ERR_OK)
		err = take_options(cli, c);
	if (err == ERR_OK)
		err = write_charter(cli, c, out, &id);
	rc = err == ERR_OK ? report(cli, c, &id, out) :
	    cli_fail(cli, err, "no charter was proposed");
	free(c);
	return rc;
}

int
cmd_charter_renew(struct cli *cli)
{
	const char *out = cli_has(cli, "out") ? cli_opt(cli, "out") :
	    "charter.next";
	struct tool_charter *old = calloc(1, sizeof(*old));
	struct charter *c = calloc(1, sizeof(*c));
	struct hash id;
	enum err err = old != NULL && c != NULL ? ERR_OK : ERR_NOMEM;
	int rc;

	if (err == ERR_OK)
		err = tool_charter_load(old, cli_arg(cli, 0));
	if (err == ERR_OK && old->charter.number == UINT16_MAX)
		err = ERR_CHARTER_NUMBER;
	if (err == ERR_OK) {
		*c = old->charter;
		c->number++;
		c->pair = charter_pair(&old->charter, &old->id);
		c->replaces = old->id;
		err = take_options(cli, c);
	}
	if (err == ERR_OK)
		err = write_charter(cli, c, out, &id);
	rc = err == ERR_OK ? report(cli, c, &id, out) :
	    cli_fail(cli, err, "%s was not renewed", cli_arg(cli, 0));
	if (old != NULL)
		tool_charter_free(old);
	free(old);
	free(c);
	return rc;
}
