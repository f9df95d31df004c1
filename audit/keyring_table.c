#include <stdlib.h>
#include <string.h>

#include "audit/keyring_priv.h"

/* Ids are hashes of enrolled keys, so their first bytes spread well. */
static size_t
slot_of(const struct id *id, size_t size)
{
	size_t h;

	memcpy(&h, id->b, sizeof(h));
	return (h & (size - 1));
}

static void
place(struct keyring_slot *slot, size_t size, const struct id *id,
    void *value)
{
	size_t i = slot_of(id, size);

	while (slot[i].value != NULL && !id_eq(&slot[i].id, id))
		i = (i + 1) & (size - 1);
	slot[i].id = *id;
	slot[i].value = value;
}

static enum err
grow(struct keyring_table *t)
{
	size_t size = t->size == 0 ? 16 : 2 * t->size, i;
	struct keyring_slot *slot;

	slot = calloc(size, sizeof(*slot));
	if (slot == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < t->size; i++)
		if (t->slot[i].value != NULL)
			place(slot, size, &t->slot[i].id, t->slot[i].value);
	free(t->slot);
	t->slot = slot;
	t->size = size;
	return (ERR_OK);
}

enum err
keyring_table_put(struct keyring_table *t, const struct id *id, void *value)
{
	if (2 * (t->n + 1) > t->size && grow(t) != ERR_OK)
		return (ERR_NOMEM);
	if (keyring_table_get(t, id) == NULL)
		t->n++;
	place(t->slot, t->size, id, value);
	return (ERR_OK);
}

void *
keyring_table_get(const struct keyring_table *t, const struct id *id)
{
	size_t i;

	if (t->size == 0)
		return (NULL);
	for (i = slot_of(id, t->size); t->slot[i].value != NULL;
	     i = (i + 1) & (t->size - 1))
		if (id_eq(&t->slot[i].id, id))
			return (t->slot[i].value);
	return (NULL);
}

enum err
keyring_list_add(struct keyring_list *l, void *item)
{
	size_t size = l->size == 0 ? 8 : 2 * l->size;
	void **grown;

	if (l->n == l->size) {
		grown = reallocarray(l->item, size, sizeof(*grown));
		if (grown == NULL)
			return (ERR_NOMEM);
		l->item = grown;
		l->size = size;
	}
	l->item[l->n++] = item;
	return (ERR_OK);
}

void *
keyring_list_at(const struct keyring_list *l, size_t i)
{
	return (i < l->n ? l->item[i] : NULL);
}

struct view
keyring_copy(const void *p, size_t len)
{
	struct view v = { NULL, 0 };
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL)
		return (v);
	if (len > 0)
		memcpy(copy, p, len);
	v.p = copy;
	v.len = len;
	return (v);
}
