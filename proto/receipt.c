#include "proto/label.h"
#include "proto/receipt.h"

void
receipt_encode(uint8_t out[RECEIPT_BYTES], const struct receipt *r)
{
	struct wr wr = wr_init(out, RECEIPT_BYTES);

	wr_copy(&wr, LABEL_RECEIPT, LABEL_LEN(LABEL_RECEIPT));
	wr_copy(&wr, r->kid.b, ID_BYTES);
	wr_u8(&wr, r->event);
	wr_u16(&wr, r->reason);
	wr_copy(&wr, r->channel.b, ID_BYTES);
	wr_u64(&wr, r->first_seq);
	wr_u64(&wr, r->last_seq);
	wr_copy(&wr, r->env_id.b, HASH_BYTES);
	wr_copy(&wr, r->log_id.b, HASH_BYTES);
	wr_u64(&wr, r->index);
	wr_u64(&wr, r->time_at);
}

static enum err
receipt_check(const struct receipt *r)
{
	bool positive = r->event == RECEIPT_FETCHED ||
	    r->event == RECEIPT_DELIVERED;
	bool refused = r->event == RECEIPT_REFUSED;

	if (r->event < RECEIPT_REFUSED || r->event > RECEIPT_EXPIRED)
		return ERR_CODE;
	if (positive != (r->reason == 0))
		return ERR_ENCODING;
	if (r->event == RECEIPT_EXPIRED && r->reason != ERR_EXPIRED)
		return ERR_ENCODING;
	if (r->first_seq == 0 || r->first_seq > r->last_seq)
		return ERR_SEQ;
	if (refused != (r->index == RECEIPT_NO_INDEX))
		return ERR_ENCODING;
	return ERR_OK;
}

enum err
receipt_decode(struct receipt *r, struct view statement)
{
	struct rd rd = rd_init(statement.p, statement.len);
	enum err err;

	*r = (struct receipt){0};
	rd_expect(&rd, LABEL_RECEIPT, LABEL_LEN(LABEL_RECEIPT), ERR_MAGIC);
	rd_copy(&rd, r->kid.b, ID_BYTES);
	r->event = rd_u8(&rd);
	r->reason = rd_u16(&rd);
	rd_copy(&rd, r->channel.b, ID_BYTES);
	r->first_seq = rd_u64(&rd);
	r->last_seq = rd_u64(&rd);
	rd_copy(&rd, r->env_id.b, HASH_BYTES);
	rd_copy(&rd, r->log_id.b, HASH_BYTES);
	r->index = rd_u64(&rd);
	r->time_at = rd_u64(&rd);
	err = rd_end(&rd);
	return err ? err : receipt_check(r);
}

const char *
receipt_event_name(uint8_t event)
{
	switch (event) {
	case RECEIPT_REFUSED:
		return "refused";
	case RECEIPT_FETCHED:
		return "fetched";
	case RECEIPT_DELIVERED:
		return "delivered";
	case RECEIPT_UNDECRYPTABLE:
		return "undecryptable";
	case RECEIPT_EXPIRED:
		return "expired";
	default:
		return "unknown";
	}
}
