/*
 * casewire-keys: identities, key statements, charters, couriers, officers.
 *
 * The custodian's tool.  It talks to nobody: files in, files out.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/secret.h"
#include "keys/cmd.h"
#include "keys/tool.h"

#define DIR_OPT { "dir", 'd', "DIR", "folder of the keys (default: keys)" }
#define ROOT_OPT { "root", 0, "FILE", "root key file (default: DIR/root.key)" }
#define OUT_OPT(what) { "out", 'o', "FILE", what }
#define NEW_OPTS \
	{ "new-passphrase-file", 0, "FILE", "the new passphrase" }, \
	{ "new-passphrase-fd", 0, "N", "the same, from a descriptor" }, \
	TOOL_COST_OPT
#define END { 0 }

static const struct cli_opt init_opts[] = {
	DIR_OPT,
	{ "name", 'n', "NAME", "name in charters (default: this host's)" },
	{ "relay", 0, NULL, "make a relay's keys, not an agency's" },
	{ "witness", 0, "NAME", "make a witness's key, by this name" },
	{ "days", 0, "N", "life of the keys (default: 90; relay: 365)" },
	TOOL_COST_OPT, TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};
static const struct cli_opt statement_opts[] = {
	DIR_OPT, ROOT_OPT,
	{ "days", 0, "N", "life of the keys (default: 90)" },
	TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};
static const struct cli_opt revoke_opts[] = {
	DIR_OPT, ROOT_OPT,
	{ "reason", 0, "WHY", "lost, stolen or other" },
	{ "cut", 0, "LOGID:INDEX",
	    "good below this index of that log; once for each log" },
	{ "days", 0, "N", "life of the keys (default: 90)" },
	TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};
static const struct cli_opt passphrase_opts[] = {
	TOOL_PASS_OPTS, NEW_OPTS, END
};
static const struct cli_opt code_opts[] = {
	{ "code-file", 0, "FILE", "the 24 words" }, NEW_OPTS, END
};
static const struct cli_opt channel_opts[] = {
	ROOT_OPT, OUT_OPT("statement to write (default: recovery)"),
	{ "reason", 0, "WHY", "restored, cloned or lost" },
	{ "incarnation", 0, "START:HEX", "where the new branch begins" },
	{ "lane", 0, "N:SEQ:ENV:NEXT", "last that stands, first that follows" },
	TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};

#define CHARTER_OPTS \
	{ "relay", 0, "PUB=URL", "root.pub=tcp://host:port, in order of use" }, \
	{ "witness", 0, "PUB", "key and name of a witness" }, \
	{ "quorum", 0, "N", "witnesses that must have signed (default: 0)" }, \
	{ "copies", 0, "N", "relays that get each run (default: 1)" }, \
	{ "heartbeat", 0, "SECONDS", "default: 300" }, \
	{ "keep", 0, "DAYS", "how long relays keep content (default: 30)" }, \
	{ "size", 0, "BYTES", "largest bucket (default: 65536)" }, \
	{ "from", 0, "TIME", "UTC (default: this day, 00:00)" }, \
	{ "until", 0, "TIME", "UTC (default: from and --days)" }, \
	{ "days", 0, "N", "default: 730" }, \
	{ "profile", 0, "FILE", "clock, tier and sign lines" }

static const struct cli_opt propose_opts[] = {
	{ "party", 0, "PUB", "a side's root.pub, or \"<hex> <name>\"; twice" },
	CHARTER_OPTS, OUT_OPT("text to write (default: charter)"), END
};
static const struct cli_opt renew_opts[] = {
	CHARTER_OPTS, OUT_OPT("text to write (default: charter.next)"), END
};
static const struct cli_opt sign_opts[] = {
	ROOT_OPT,
	{ "words", 0, "WORDS", "the twelve words; signs only if they agree" },
	TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};
static const struct cli_opt words_opts[] = {
	{ "language", 0, "WHICH", "en, zh or digits (default: all)" },
	{ "compare", 0, "WORDS", "what the other side read; exit 8 if unequal" },
	{ "qr", 0, NULL, "draw the code people scan instead" }, END
};
static const struct cli_opt check_opts[] = {
	{ "keys", 0, "FILE", "a key statement that must belong to it" },
	{ "renews", 0, "FILE", "the charter it must follow" }, END
};
static const struct cli_opt make_opts[] = {
	{ "party", 0, "a|b", "whose half" },
	OUT_OPT("default: CHARTER.a.psk or CHARTER.b.psk"), END
};
static const struct cli_opt combine_opts[] = {
	OUT_OPT("default: charter.psk"), END
};
static const struct cli_opt officer_add_opts[] = {
	{ "custodian", 0, "FILE", "default: keys/custodian.key" },
	{ "keys", 0, "FILE", "key statement the custodian must stand in" },
	{ "desk", 0, "DESK", "the officer's desk" },
	{ "role", 0, "ROLE", "what the officer may do; several" },
	{ "days", 0, "N", "life of the certificate (default: 365)" },
	OUT_OPT("stem of OUT.key and OUT.cert (default: officer)"),
	TOOL_COST_OPT, TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};
static const struct cli_opt officer_revoke_opts[] = {
	{ "custodian", 0, "FILE", "default: keys/custodian.key" },
	OUT_OPT("default: CERTIFICATE.revoked"),
	TOOL_PASS_OPTS, TOOL_ROOT_OPTS, END
};

static const struct cli_cmd cmds[] = {
	{ "init", "", 0, 0, "make an agency's keys, a relay's, a witness's",
	    "casewire-keys init --dir keys --name \"Cyber Bureau\"",
	    init_opts, cmd_init },
	{ "show", "FILE", 1, 1, "say what a key file, statement, certificate "
	    "or charter is", "casewire-keys show keys/endpoint.key", NULL,
	    cmd_show },
	{ "passphrase", "KEYFILE", 1, 1, "change a key file's passphrase",
	    "casewire-keys passphrase keys/endpoint.key", passphrase_opts,
	    cmd_passphrase },
	{ "statement", "[FILE]", 0, 1, "sign the next key statement, or read "
	    "one", "casewire-keys statement --dir keys", statement_opts,
	    cmd_statement },
	{ "rotate", "[endpoint|transport|custodian|relay]", 0, 1,
	    "new keys and the statement of them",
	    "casewire-keys rotate endpoint --dir keys", statement_opts,
	    cmd_rotate },
	{ "revoke", "KID", 1, 1, "revoke a key from a log index on",
	    "casewire-keys revoke 0123456789abcdef0123456789abcdef --reason "
	    "stolen", revoke_opts, cmd_revoke },
	{ "recover passphrase", "KEYFILE", 1, 1,
	    "a new passphrase from the recovery code",
	    "casewire-keys recover passphrase keys/endpoint.key", code_opts,
	    cmd_recover_passphrase },
	{ "recover channel", "CHARTER", 1, 1,
	    "let the root name the branch of a forked channel",
	    "casewire-keys recover channel charter --reason cloned "
	    "--incarnation 7:00c0ffee --lane 0:0:-:1 --lane 1:0:-:1 --lane "
	    "2:0:-:1", channel_opts, cmd_recover_channel },
	{ "charter propose", "", 0, 0, "write a charter for both sides to read",
	    "casewire-keys charter propose --party keys/root.pub --party "
	    "theirs/root.pub --relay relay/root.pub=tcp://127.0.0.1:5570",
	    propose_opts, cmd_charter_propose },
	{ "charter words", "CHARTER", 1, 1,
	    "the twelve words both sides compare",
	    "casewire-keys charter words charter", words_opts,
	    cmd_charter_words },
	{ "charter sign", "CHARTER", 1, 1, "sign it with the root",
	    "casewire-keys charter sign charter --root keys/root.key",
	    sign_opts, cmd_charter_sign },
	{ "charter check", "CHARTER", 1, 1,
	    "are text, both signatures and statements good",
	    "casewire-keys charter check charter --keys keys/keys.1",
	    check_opts, cmd_charter_check },
	{ "charter renew", "CHARTER", 1, 1,
	    "the next charter of the same pair",
	    "casewire-keys charter renew charter --days 365", renew_opts,
	    cmd_charter_renew },
	{ "psk make", "CHARTER", 1, 1, "one half of a courier's secret",
	    "casewire-keys psk make charter --party a", make_opts,
	    cmd_psk_make },
	{ "psk combine", "HALF HALF", 2, 2, "both halves into one file",
	    "casewire-keys psk combine charter.a.psk charter.b.psk",
	    combine_opts, cmd_psk_combine },
	{ "officer add", "NAME", 1, 1, "an officer's key and certificate",
	    "casewire-keys officer add \"Li Wei\" --desk cyber --role desk",
	    officer_add_opts, cmd_officer_add },
	{ "officer revoke", "CERTIFICATE", 1, 1, "end an officer's certificate",
	    "casewire-keys officer revoke officer.cert", officer_revoke_opts,
	    cmd_officer_revoke },
	{ "explain", "[CODE]", 0, 1, "what an error means and what to do",
	    "casewire-keys explain passphrase", NULL, cli_explain },
	{ 0 }
};

static const struct cli_program program = {
	.name = "casewire-keys",
	.about = "Identities, key statements, charters, couriers, officers.",
	.cmds = cmds,
};

int
main(int argc, char **argv)
{
	enum err err;

	diag_plain("casewire-keys");
	err = secret_start();
	if (err != ERR_OK)
		return err_exit(err);
	return cli_main(&program, argc, argv);
}
