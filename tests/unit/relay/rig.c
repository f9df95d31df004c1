#include "tests/unit/relay/rig.h"

#include <string.h>

#include "audit/keyring.h"
#include "relay/quota.h"

void
rig_open(struct rig *rig, struct yard *y, uint32_t runs)
{
	struct admit_parts p = { 0 };

	memset(rig, 0, sizeof(*rig));
	rig->y = y;
	rig->when.wall = 1790000000000;
	rig->when.mono = 1000;
	MUST(store_open(&rig->store, yard_path(y, "store.db")));
	MUST(tlog_open(&rig->tree, rig->store));
	rig->keyring = keyring_new();
	rig->quota = quota_new(runs, 0);
	MUST(admitted_open(&rig->admitted, rig->store, rig->keyring,
	    &y->log_id));
	MUST(heads_open(&rig->heads, rig->store));
	MUST(group_new(&rig->group, rig->store, rig->tree, NULL));
	p.keyring = rig->keyring;
	p.admitted = rig->admitted;
	p.store = rig->store;
	p.group = rig->group;
	p.heads = rig->heads;
	p.quota = rig->quota;
	p.log_id = y->log_id;
	MUST(admit_new(&rig->admit, &p));
}

void
rig_close(struct rig *rig)
{
	admit_free(&rig->admit);
	group_free(&rig->group);
	heads_free(&rig->heads);
	admitted_free(&rig->admitted);
	quota_free(&rig->quota);
	keyring_free(rig->keyring);
	tlog_free(&rig->tree);
	store_close(&rig->store);
}

void
rig_admit(struct rig *rig)
{
	struct admitted_paper paper;
	struct admit_answer answer;
	unsigned i;

	MUST(group_begin(rig->group));
	for (i = 0; i < YARD_PAIRS; i++) {
		paper.text = buf_view(&rig->y->charter[i]);
		memcpy(paper.sig_a, rig->y->sig[i][0], SIG_BYTES);
		memcpy(paper.sig_b, rig->y->sig[i][1], SIG_BYTES);
		MUST(admitted_add(rig->admitted, &paper));
	}
	for (i = 0; i < 3; i++) {
		MUST(admit_keys(rig->admit,
		    buf_view(&rig->y->agency[i].keys), &answer));
		MUST(answer.status);
	}
	MUST(group_end(rig->group));
}

static void
party_of(struct rig *rig, unsigned agency, struct admit_party *party)
{
	MUST(admit_party(rig->admit,
	    dh_public(rig->y->agency[agency].transport), party));
}

enum err
rig_run(struct rig *rig, unsigned agency, const struct buf *bytes,
    struct admit_answer *answer)
{
	struct admit_party party;

	party_of(rig, agency, &party);
	MUST(admit_run(rig->admit, &party, buf_view(bytes), &rig->when,
	    answer));
	MUST(group_end(rig->group));
	return answer->status;
}

enum err
rig_statement(struct rig *rig, unsigned agency, const struct buf *bytes,
    struct admit_answer *answer)
{
	struct admit_party party;

	party_of(rig, agency, &party);
	MUST(admit_statement(rig->admit, &party, buf_view(bytes), &rig->when,
	    answer));
	MUST(group_end(rig->group));
	return answer->status;
}

enum err
rig_send(struct rig *rig, const struct yard_run *r, struct hash *last,
    struct admit_answer *answer)
{
	struct buf bytes = buf_init(RUN_CONTAINER_MAX);
	enum err status;

	yard_make(rig->y, r, &bytes, last);
	status = rig_run(rig, rig->y->side[r->pair][r->direction], &bytes,
	    answer);
	buf_free(&bytes);
	return status;
}
