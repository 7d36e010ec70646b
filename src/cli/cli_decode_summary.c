/*
 * cli_decode_summary: what is in an input, counted.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_decode_summary.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "cli/cli_decode.h"

#define SEEN_FIRST 1024u

struct peer {
	struct hmap_node node;
	struct ip_addr address;
	uint32_t as;
	uint64_t records, announced, withdrawn;
};

/* --- what it counts with --- */

static void tally_add(struct cli_decode_tally *t, const char *name)
{
	size_t i = 0;

	while (i < t->count && strcmp(t->rows[i].name, name) != 0)
		i++;
	if (i == ARRAY_SIZE(t->rows)) {
		t->others++;
		return;
	}
	if (i == t->count) {
		snprintf(t->rows[i].name, sizeof(t->rows[i].name), "%s", name);
		t->count++;
	}
	t->rows[i].count++;
}

static void seen_put(struct cli_decode_seen *s, uint64_t hash)
{
	size_t at = hash & (s->capacity - 1);

	while (s->slots[at] != 0 && s->slots[at] != hash)
		at = (at + 1) & (s->capacity - 1);
	s->count += s->slots[at] == 0;
	s->slots[at] = hash;
}

static void seen_add(struct cli_decode_seen *s, uint64_t hash)
{
	if (2 * s->count >= s->capacity) {
		struct cli_decode_seen larger = { .capacity = s->capacity == 0 ? SEEN_FIRST
									       : 2 * s->capacity };

		larger.slots = mem_zalloc(larger.capacity * sizeof(*larger.slots));
		for (size_t i = 0; i < s->capacity; i++)
			if (s->slots[i] != 0)
				seen_put(&larger, s->slots[i]);
		mem_free(s->slots);
		*s = larger;
	}
	seen_put(s, hash == 0 ? 1 : hash);
}

static struct peer *peer_of(struct cli_decode_summary *s, const struct cli_decode_item *item)
{
	uint64_t hash =
		hash_bytes(item->peer->bytes, ip_family_bytes(item->peer->family), item->peer_as);
	struct hmap_node *node;
	struct peer *peer;

	HMAP_FOR_EACH_WITH_HASH (node, hash, &s->peers) {
		peer = CONTAINER_OF(node, struct peer, node);
		if (peer->as == item->peer_as && ip_addr_equal(&peer->address, item->peer))
			return peer;
	}
	peer = mem_zalloc(sizeof(*peer));
	peer->address = *item->peer;
	peer->as = item->peer_as;
	hmap_insert(&s->peers, &peer->node, hash);
	return peer;
}

void cli_decode_summary_init(struct cli_decode_summary *s)
{
	memset(s, 0, sizeof(*s));
	hmap_init(&s->peers);
}

void cli_decode_summary_done(struct cli_decode_summary *s)
{
	struct hmap_node *node, *next;

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		mem_free(s->families[i].different.slots);
	mem_free(s->attrs.slots);
	HMAP_FOR_EACH_SAFE (node, next, &s->peers)
		mem_free(CONTAINER_OF(node, struct peer, node));
	hmap_done(&s->peers);
}

/* --- counting --- */

void cli_decode_summary_record(struct cli_decode_summary *s, const struct cli_decode_item *item,
			       enum bgp_verdict verdict, const struct error *why, uint64_t offset)
{
	const char *type = cli_decode_item_message_type(item);

	if (item->record != NULL)
		tally_add(&s->records, item->record);
	if (item->message != NULL)
		tally_add(&s->messages, type != NULL ? type : "unknown");
	if (item->time_s != 0 && (s->first_s == 0 || item->time_s < s->first_s))
		s->first_s = item->time_s;
	s->last_s = MAX(s->last_s, item->time_s);
	if (item->peer != NULL)
		peer_of(s, item)->records++;
	if (verdict == BGP_OK)
		return;
	if (s->verdicts[verdict].count++ != 0)
		return;
	s->verdicts[verdict].first = *why;
	s->verdicts[verdict].first_offset = offset;
}

void cli_decode_summary_route(struct cli_decode_summary *s, const struct cli_decode_route *route)
{
	uint64_t *counted = route->attrs == NULL ? &s->families[route->family].withdrawn
						 : &s->families[route->family].announced;

	(*counted)++;
	if (route->item->peer != NULL) {
		struct peer *peer = peer_of(s, route->item);

		counted = route->attrs == NULL ? &peer->withdrawn : &peer->announced;
		(*counted)++;
	}
	if (route->attrs == NULL)
		return;
	seen_add(&s->families[route->family].different,
		 hash_bytes(route->nlri->key, route->nlri->key_length, 0));
	if (route->is_first)
		seen_add(&s->attrs, hash_bytes(route->attrs_bytes, route->attrs_length, 0));
}

void cli_decode_summary_error(struct cli_decode_summary *s, const char *what, uint64_t offset)
{
	if (s->errors.count++ != 0)
		return;
	error_set(&s->errors.first, "%s", what);
	s->errors.first_offset = offset;
}

/* --- printing --- */

static void print_tally(struct outline *o, const char *key, const struct cli_decode_tally *t)
{
	if (t->count == 0)
		return;
	outline_object(o, key, OUTLINE_LINES);
	for (size_t i = 0; i < t->count; i++)
		outline_uint(o, t->rows[i].name, t->rows[i].count);
	if (t->others != 0)
		outline_uint(o, "others", t->others);
	outline_end(o);
}

static void print_routes(struct outline *o, const struct cli_decode_summary *s)
{
	outline_object(o, "routes", OUTLINE_LINES);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (s->families[i].announced == 0 && s->families[i].withdrawn == 0)
			continue;
		outline_object(o, bgp_family_info((enum bgp_family)i)->name, OUTLINE_INLINE);
		outline_uint(o, "announced", s->families[i].announced);
		outline_uint(o, "different", s->families[i].different.count);
		outline_uint(o, "withdrawn", s->families[i].withdrawn);
		outline_end(o);
	}
	outline_end(o);
}

static int compare_peers(const void *a, const void *b)
{
	const struct peer *x = *(struct peer *const *)a, *y = *(struct peer *const *)b;
	int order = ip_addr_compare(&x->address, &y->address);

	return order != 0 ? order : (x->as > y->as) - (x->as < y->as);
}

static void print_peers(struct outline *o, const struct cli_decode_summary *s)
{
	struct peer **peers;
	struct hmap_node *node;
	size_t count = 0;

	if (s->peers.count == 0)
		return;
	peers = mem_alloc(s->peers.count * sizeof(struct peer *));
	HMAP_FOR_EACH (node, &s->peers)
		peers[count++] = CONTAINER_OF(node, struct peer, node);
	qsort(peers, count, sizeof(struct peer *), compare_peers);
	outline_array(o, "peers", OUTLINE_LINES);
	for (size_t i = 0; i < count; i++) {
		outline_object(o, NULL, OUTLINE_INLINE);
		if (peers[i]->address.family != IP_NONE)
			outline_address(o, "peer", &peers[i]->address);
		outline_uint(o, "peer-as", peers[i]->as);
		outline_uint(o, "records", peers[i]->records);
		outline_uint(o, "announced", peers[i]->announced);
		outline_uint(o, "withdrawn", peers[i]->withdrawn);
		outline_end(o);
	}
	outline_end(o);
	mem_free(peers);
}

static void print_wrong(struct outline *o, const char *action, uint64_t count, uint64_t offset,
			const struct error *first)
{
	if (count == 0)
		return;
	outline_object(o, NULL, OUTLINE_INLINE);
	outline_bare(o, "action", action);
	outline_uint(o, "count", count);
	outline_uint(o, "first-offset", offset);
	if (first->text[0] != '\0')
		outline_string(o, "first-reason", first->text, strlen(first->text));
	outline_end(o);
}

void cli_decode_summary_print(const struct cli_decode_summary *s, const char *name, uint64_t octets,
			      struct outline *o)
{
	outline_begin(o);
	outline_string(o, "file", name, strlen(name));
	outline_uint(o, "octets", octets);
	if (s->first_s != 0) {
		cli_decode_time(o, "first", s->first_s, 0, false);
		cli_decode_time(o, "last", s->last_s, 0, false);
	}
	print_tally(o, "records", &s->records);
	print_tally(o, "messages", &s->messages);
	print_routes(o, s);
	outline_uint(o, "attribute-sets", s->attrs.count);
	print_peers(o, s);
	outline_array(o, "malformed", OUTLINE_LINES);
	for (int i = BGP_ATTRIBUTE_DISCARD; i <= BGP_SESSION_RESET; i++)
		print_wrong(o, bgp_print_verdict_name((enum bgp_verdict)i), s->verdicts[i].count,
			    s->verdicts[i].first_offset, &s->verdicts[i].first);
	print_wrong(o, "unreadable", s->errors.count, s->errors.first_offset, &s->errors.first);
	outline_end(o);
	outline_finish(o);
}
