/*
 * learn: parsing a table, interning its attributes and putting its prefixes into the RIB's tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "learn.h"

#include "bgp/update.h"
#include "rib/lookahead.h"

#define SEED UINT64_C(0x9e3779b97f4a7c15)
#define PEER 1

static const struct bgp_context context = { .as4 = true, .ibgp = true };

void learn_init(struct learn *l)
{
	attr_table_init(&l->attrs, SEED);
	prefix_table_init(&l->prefixes, BGP_IPV4_UNICAST, SEED);
	arena_init(&l->arena, 65536);
	l->changed = 0;
}

void learn_done(struct learn *l)
{
	attr_table_done(&l->attrs);
	prefix_table_done(&l->prefixes);
	arena_done(&l->arena);
}

static uint32_t add(struct learn *l, const struct attr_key *key)
{
	struct bgp_attrs attrs = { 0 };
	struct bgp_notification n;
	enum bgp_verdict verdict;

	arena_clear(&l->arena);
	verdict = bgp_attrs_decode(key->bytes, key->length, &context, true, &l->arena, &attrs, &n,
				   NULL);
	return attr_table_add(&l->attrs, key, &attrs,
			      verdict <= BGP_ATTRIBUTE_DISCARD ? ATTR_ACCEPTED : ATTR_MALFORMED);
}

/* The id of the block, with a reference for the caller. */
static uint32_t intern(struct learn *l, const struct attr_key *key)
{
	uint32_t id = attr_table_find(&l->attrs, key);

	if (id == 0)
		id = add(l, key);
	attr_table_ref(&l->attrs, id);
	return id;
}

static void set_path(struct learn *l, uint32_t prefix, uint32_t attr)
{
	struct prefix_table *t = &l->prefixes;
	uint32_t number = prefix_table_path(t, prefix, PEER, 0);
	struct rib_path *path;

	if (number == RIB_NONE)
		number = prefix_table_add_path(t, prefix, PEER, 0);
	path = &t->paths[number];
	if (path->attr == attr)
		return;
	attr_table_ref(&l->attrs, attr);
	if (path->attr != 0)
		attr_table_unref(&l->attrs, path->attr);
	path->attr = attr;
	l->changed++;
}

static void learn_update(struct learn *l, const uint8_t *body, size_t length)
{
	static struct bgp_update update;
	struct prefix_batch batch;
	struct bgp_notification n;
	struct attr_key key;
	uint32_t attr;

	if (bgp_update_cut(body, length, &context, &update, &n, NULL) != BGP_OK ||
	    update.announced[1].family == BGP_FAMILY_NONE ||
	    bgp_nlri_check(&update.announced[1], &context, &n, NULL) != BGP_OK)
		return;
	key = attr_table_key(&l->attrs, update.key, update.key_length, &context);
	batch.rest = update.announced[1].reader;
	prefix_batch_read_ipv4(&batch, &l->prefixes);
	attr = intern(l, &key);
	for (; batch.count != 0; prefix_batch_read_ipv4(&batch, &l->prefixes))
		for (size_t i = 0; i < batch.count; i++)
			set_path(l, prefix_batch_get(&batch, i, &l->prefixes), attr);
	attr_table_unref(&l->attrs, attr);
}

/* The header of a message that is here whole. */
static bool read_header(const uint8_t *bytes, size_t length, struct bgp_header *ret_header)
{
	struct bgp_notification n;

	return length >= BGP_HEADER_BYTES &&
	       bgp_header_decode(bytes, BGP_MESSAGE_BYTES_MAX, ret_header, &n) == 0 &&
	       ret_header->length <= length;
}

void learn_table(struct learn *l, const uint8_t *table, size_t length)
{
	struct bgp_header h = { 0 }, next = { 0 };
	bool more = read_header(table, length, &h);

	for (size_t at = 0; more; at += h.length, h = next) {
		const uint8_t *behind = table + at + h.length;

		more = read_header(behind, length - at - h.length, &next);
		if (more && next.type == BGP_UPDATE)
			lookahead_update(&l->attrs, &l->prefixes, &context,
					 behind + BGP_HEADER_BYTES,
					 (size_t)next.length - BGP_HEADER_BYTES);
		if (h.type == BGP_UPDATE)
			learn_update(l, table + at + BGP_HEADER_BYTES,
				     (size_t)h.length - BGP_HEADER_BYTES);
	}
}
