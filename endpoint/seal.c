#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/secret.h"
#include "endpoint/agent_priv.h"
#include "endpoint/alarm.h"
#include "endpoint/cosigned.h"
#include "endpoint/lanes.h"
#include "endpoint/mail.h"
#include "endpoint/outbox.h"
#include "endpoint/outbox_rows.h"
#include "endpoint/relays.h"
#include "endpoint/seal.h"
#include "endpoint/timebound.h"
#include "keys/box.h"
#include "proto/fields.h"
#include "proto/label.h"
#include "proto/run.h"

#define DAY_MS 86400000

/* A run being made; header and CT of each envelope lie in bytes. */
struct seal_run {
	struct peering *pg;
	uint8_t lane;
	bool full;			/* the turn's share of files is out */
	size_t file_bytes;		/* on lane 2 in this turn */
	size_t n;
	size_t used;
	struct envelope env[RUN_MAX];
	uint8_t bytes[RUN_BYTES_MAX];
	uint8_t plain[BUCKET_MAX];
};

enum err
seal_ready(struct agent *agent, const struct pair *pair)
{
	const struct peering *pg = peering_of(pair);

	if (pg->refused != ERR_OK)
		return pg->refused;
	if ((uint64_t)agent->now < pair->charter->from_at ||
	    (uint64_t)agent->now >= pair->charter->until_at)
		return ERR_CHARTER_ENDED;
	if (!pg->compared)
		return ERR_UNREACHABLE;
	if (!pairs_prekey_good(agent, pair))
		return ERR_NOTFOUND;
	return ERR_OK;
}

/* Today by own clock, but no later than the day after the newest time a relay
 * told or a witness signed: a wrong clock cannot run the ratchet ahead, nor a
 * relay's hold it back. */
static int64_t
seal_day(struct agent *agent, const struct pair *pair)
{
	int64_t day = agent->now / DAY_MS, seen = relays_seen_at(agent);

	if (seen > 0 && day > seen / DAY_MS + 1)
		seen = cosigned_seen_at(agent, pair);
	if (seen > 0 && day > seen / DAY_MS + 1) {
		diag_warn("seal", "own clock is days ahead of every relay "
		    "and witness: no new courier day is used");
		day = seen / DAY_MS + 1;
	}
	return day - (int64_t)(pair->charter->from_at / DAY_MS);
}

/* A clock put back must not bring an earlier day back. */
static int64_t
seal_day_used(const struct peering *pg)
{
	int64_t day = 0;
	unsigned i;

	for (i = 0; i < LANE_COUNT; i++)
		if (pg->own[i].charter == pg->charter->number &&
		    (int64_t)pg->own[i].pub.psk_day > day)
			day = pg->own[i].pub.psk_day;
	return day;
}

/*
 * PSK of today and its day; NULL and 0 without one.  The peer's floor may
 * have erased today already, its clock being ahead: then the first day left.
 * ERR_PREKEY_GONE: there was one and it is lost; nothing goes without it.
 */
static enum err
seal_psk(struct agent *agent, const struct pair *pair, struct psk **psk,
    uint32_t *day)
{
	int64_t today, least;
	uint32_t first;
	enum err err;

	*psk = NULL;
	*day = 0;
	err = prekeys_psk_day(&first, agent->prekeys, &pair->charter_id);
	if (err == ERR_NOTFOUND)
		return pairs_couriered(agent, &pair->charter_id) ?
		    ERR_PREKEY_GONE : ERR_OK;
	if (err != ERR_OK)
		return err;
	today = seal_day(agent, pair);
	least = seal_day_used(peering_of(pair));
	if (least < first)
		least = first;
	if (today < least)
		today = least;
	err = prekeys_psk(psk, agent->prekeys, &pair->charter_id,
	    (uint32_t)today);
	if (err == ERR_OK)
		*day = (uint32_t)today;
	return err;
}

static bool
seal_epoch_fits(const struct agent *agent, const struct peering *pg,
    const struct own_lane *own, uint32_t day)
{
	return own->epoch != NULL &&
	    epoch_next(own->epoch) < EPOCH_MAX &&
	    agent->mono - own->opened_at < EPOCH_MS &&
	    own->pub.prekey_id == pg->prekey.prekey_id &&
	    own->charter == pg->charter->number &&
	    own->pub.psk_day == day;
}

static enum err
seal_epoch_new(struct agent *agent, struct peering *pg, uint8_t lane,
    uint32_t day, const struct psk *psk)
{
	struct own_lane *own = &pg->own[lane];
	const struct keyring_key *peer;

	peer = keyring_key(pairs_keyring(agent->pairs), &pg->prekey.kid);
	if (peer == NULL || !peer->has_dh)
		return ERR_KID_UNKNOWN;
	epoch_free(&own->epoch);
	memset(&own->pub, 0, sizeof(own->pub));
	own->pub.suite = ENVELOPE_SUITE;
	own->pub.charter_id = pg->p.charter_id;
	memcpy(own->pub.sx, sign_public(keyfile_signer(agent->keys,
	    KEYFILE_S)), KEY_BYTES);
	memcpy(own->pub.ix, dh_public(keyfile_dh(agent->keys, KEYFILE_I, 0)),
	    KEY_BYTES);
	memcpy(own->pub.iy, peer->dh, KEY_BYTES);
	own->pub.channel = pg->p.own_channel[lane];
	own->pub.prekey_id = pg->prekey.prekey_id;
	memcpy(own->pub.py, pg->prekey.key, KEY_BYTES);
	own->pub.psk_day = day;
	own->charter = pg->charter->number;
	own->opened_at = agent->mono;
	return epoch_open(&own->epoch, &own->pub,
	    keyfile_dh(agent->keys, KEYFILE_I, 0), psk);
}

static enum err
seal_epoch(struct agent *agent, struct peering *pg, uint8_t lane)
{
	struct psk *psk;
	uint32_t day;
	enum err err;

	err = seal_psk(agent, &pg->p, &psk, &day);
	if (err == ERR_OK &&
	    !seal_epoch_fits(agent, pg, &pg->own[lane], day))
		err = seal_epoch_new(agent, pg, lane, day, psk);
	psk_free(&psk);
	return err;
}

static void
seal_header(const struct agent *agent, const struct peering *pg,
    uint8_t lane, struct envelope_header *h)
{
	const struct own_lane *own = &pg->own[lane];
	const struct peer_lane *peer = &pg->peer[lane];

	memset(h, 0, sizeof(*h));
	h->suite = ENVELOPE_SUITE;
	h->charter = own->charter;
	h->channel = own->pub.channel;
	h->kid = *sign_kid(keyfile_signer(agent->keys, KEYFILE_S));
	h->incarnation = agent->incarnation;
	h->seq = own->seq + 1;
	h->prev = own->env;
	memcpy(h->e, own->pub.e, KEY_BYTES);
	h->prekey_id = own->pub.prekey_id;
	h->psk_day = own->pub.psk_day;
	h->n = epoch_next(own->epoch);
	h->created_at = (uint64_t)agent->now;
	h->ack_seq = peer->settled;
	h->ack_env = peer->settled_env;
}

/* Encrypt fields as the next envelope of run; own->seq and env move on. */
static enum err
seal_envelope(struct agent *agent, struct seal_run *run,
    struct envelope_header *h, const struct fields *fields)
{
	struct own_lane *own = &run->pg->own[run->lane];
	struct envelope *env = &run->env[run->n];
	size_t len = fields_padded_len(fields);
	uint8_t salts[FIELDS_MAX][SALT_BYTES];
	struct wr wr = wr_init(run->plain, sizeof(run->plain));
	uint8_t *header = run->bytes + run->used;
	uint8_t *ct = header + HEADER_BYTES;
	enum err err;

	err = epoch_keys(own->epoch, h->n, agent->box);
	if (err != ERR_OK)
		return err;
	fields_encode_padded(&wr, fields);
	box_salts(agent->box, salts, fields->n);
	h->c = fields_commitment(fields, salts[0]);
	h->ct_len = (uint32_t)(len + TAG_BYTES);
	envelope_header_encode(header, h);
	err = wr.err != ERR_OK ? wr.err : box_seal(agent->box, ct,
	    run->plain, len, &h->c, header, HEADER_BYTES);
	secret_wipe(salts, sizeof(salts));
	secret_wipe(run->plain, len);
	if (err == ERR_OK)
		err = envelope_decode(env,
		    (struct view){ header, HEADER_BYTES },
		    (struct view){ ct, h->ct_len });
	if (err != ERR_OK)
		return err;
	run->n++;
	run->used += HEADER_BYTES + h->ct_len;
	own->seq = h->seq;
	own->env = env->env_id;
	own->out_at = agent->now;
	return ERR_OK;
}

/* Sign what was gathered and put it into the outbox. */
static enum err
seal_sign(struct agent *agent, struct seal_run *run)
{
	const struct sign_key *key = keyfile_signer(agent->keys, KEYFILE_S);
	struct buf bytes = buf_init(RUN_CONTAINER_MAX);
	uint8_t statement[RUN_STATEMENT_BYTES], sig[SIG_BYTES];
	const struct run_seen *seen;
	struct run_statement st;
	enum err err;

	if (run->n == 0)
		return ERR_OK;
	seen = timebound_quote(agent, run->pg);
	err = run_statement_of(&st, run->env, run->n, seen);
	if (err != ERR_OK)
		goto out;
	run_statement_encode(statement, &st);
	err = sign_labelled(key, LABEL_RUN, statement, sizeof(statement),
	    sig);
	if (err == ERR_OK)
		err = run_encode(&bytes, RUN_FULL, seen, run->env, run->n,
		    sig);
	if (err == ERR_OK)
		err = outbox_run_put(agent, &run->pg->p, run->lane, &st,
		    &run->pg->own[run->lane].env, buf_view(&bytes));
	if (err == ERR_OK)
		err = lanes_save_own(agent->book, run->pg, run->lane);
out:
	buf_free(&bytes);
	run->n = 0;
	run->used = 0;
	return err;
}

static enum err
seal_tell(struct agent *agent, const struct seal_run *run,
    const struct mail *mail)
{
	struct outbox_event ev = {
		.what = OUTBOX_SEALED,
		.mail = mail->id,
		.message = mail->message,
		.pair = &run->pg->p,
		.lane = run->lane,
		.seq = mail->seq,
		.env_id = mail->env_id,
		.at = agent->now,
	};

	return outbox_tell(agent, &ev);
}

static enum err
seal_one(struct agent *agent, struct seal_run *run, struct mail_waiting *w)
{
	struct own_lane *own = &run->pg->own[run->lane];
	struct mail_content content;
	struct envelope_header h;
	enum err err;

	err = mail_content(agent->book, w->mail.id, &content);
	if (err != ERR_OK)
		return err;
	err = seal_epoch(agent, run->pg, run->lane);
	if (err != ERR_OK)
		goto out;
	seal_header(agent, run->pg, run->lane, &h);
	h.keep_ms = w->keep_ms;
	err = seal_envelope(agent, run, &h, &content.fields);
	if (err != ERR_OK)
		goto out;
	w->mail.seq = own->seq;
	w->mail.env_id = own->env;
	w->mail.charter = h.charter;
	w->mail.signed_at = (int64_t)h.created_at;
	err = mail_sealed(agent->book, &w->mail, own->pub.prekey_id,
	    box_disclose(agent->box));
	if (err == ERR_OK)
		err = seal_tell(agent, run, &w->mail);
out:
	box_wipe(agent->box);
	mail_content_free(&content);
	return err;
}

/* Does one more envelope of this content fit the run being made? */
static bool
seal_room(const struct seal_run *run)
{
	return run->n < RUN_MAX &&
	    run->used + ENVELOPE_MAX <= RUN_BYTES_MAX;
}

static enum err
seal_lane(struct agent *agent, struct seal_run *run, size_t *left)
{
	struct mail_waiting w;
	int64_t after = 0;
	enum err err;

	while (*left > 0) {
		/* Bulk goes out in portions, so that a turn stays short. */
		err = mail_next_waiting(agent->book, run->pg->p.number,
		    run->lane, after, &w);
		if (err == ERR_NOTFOUND)
			break;
		if (err != ERR_OK)
			return err;
		after = w.mail.id;
		if (run->lane == LANE_FILE &&
		    run->file_bytes >= SEAL_TURN_FILE_BYTES) {
			run->full = true;
			break;
		}
		if (w.prekey_above >= run->pg->prekey.prekey_id)
			continue;
		if (!seal_room(run) && (err = seal_sign(agent, run)) !=
		    ERR_OK)
			return err;
		err = seal_one(agent, run, &w);
		if (err != ERR_OK)
			return err;
		if (run->lane == LANE_FILE)
			run->file_bytes += run->env[run->n - 1].ct.len;
		(*left)--;
	}
	return seal_sign(agent, run);
}

static enum err
seal_pair(struct agent *agent, struct seal_run *run, struct peering *pg,
    size_t *left)
{
	static const uint8_t order[LANE_COUNT] = {
		LANE_EMERGENCY, LANE_NOTICE, LANE_FILE,
	};
	enum err err;
	unsigned i;

	run->pg = pg;
	for (i = 0; i < LANE_COUNT; i++) {
		run->lane = order[i];
		err = seal_lane(agent, run, left);
		if (err == ERR_STORAGE || err == ERR_NOMEM)
			return err;
		if (err == ERR_OK)
			continue;
		/* A key refused: nothing of this lane goes out until a
		 * person looked; what was sealed before it does. */
		alarm_raise(agent->book, agent->now, err, pg->p.number,
		    "cannot seal on lane %u", run->lane);
		err = seal_sign(agent, run);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

enum err
seal_flush(struct agent *agent)
{
	size_t i, left = SEAL_TURN_MAX;
	struct seal_run *run = NULL;
	struct peering *pg;
	enum err err = ERR_OK;

	for (i = 0; err == ERR_OK && i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (!pg->waits ||
		    seal_ready(agent, &pg->p) != ERR_OK)
			continue;
		if (run == NULL)
			run = calloc(1, sizeof(*run));
		if (run == NULL)
			return ERR_NOMEM;
		err = seal_pair(agent, run, pg, &left);
		pg->waits = left == 0 || run->full;
	}
	free(run);
	return err;
}

bool
seal_waits(struct agent *agent)
{
	const struct peering *pg;
	size_t i;

	for (i = 0; i < pairs_count(agent->pairs); i++) {
		pg = peering_of(pairs_at(agent->pairs, i));
		if (pg->waits && seal_ready(agent, &pg->p) == ERR_OK)
			return true;
	}
	return false;
}
