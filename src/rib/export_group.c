/*
 * export_group: Adj-RIB-Out entries, batches, encoding.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/export_group.h"

#include "base/mem.h"

struct export_group *export_group_new(const struct prefix_table *prefixes, bool as4,
				      uint32_t message_bytes_max, uint64_t seed)
{
	struct export_group *g = mem_zalloc(sizeof(*g));

	g->prefixes = prefixes;
	g->as4 = as4;
	g->message_bytes_max = MIN(message_bytes_max, BGP_MESSAGE_BYTES_MAX);
	attr_table_init(&g->attrs, seed);
	export_log_init(&g->log);
	list_init(&g->node);
	list_init(&g->members);
	list_init(&g->walks);
	g->log_bytes_max = EXPORT_LOG_BYTES_MAX;
	return g;
}

void export_group_free(struct export_group *g)
{
	if (g == NULL)
		return;
	assert(list_is_empty(&g->members));
	list_remove(&g->node);
	export_log_done(&g->log);
	attr_table_done(&g->attrs);
	mem_free(g->entries);
	mem_free(g->by_source);
	mem_free(g->withdrawals);
	mem_free(g);
}

void export_writer_init(struct export_writer *x, struct export_group *g, struct export_log *log)
{
	x->g = g;
	x->log = log;
	x->open = false;
}

/* The next hop in the MP_REACH_NLRI that ends a block of our own. */
static struct ip_addr mp_next_hop(const struct attr_entry *entry)
{
	struct reader r =
		reader_of(entry->bytes + entry->length - entry->mp_length, entry->mp_length);
	uint8_t flags = reader_u8(&r);
	struct ip_addr next_hop = { 0 };
	uint8_t length;

	reader_bytes(&r, flags & 0x10 ? 6 : 5); /* code, length, AFI, SAFI */
	length = reader_u8(&r);
	next_hop.family = length == 4 ? IP_V4 : IP_V6;
	reader_copy(&r, next_hop.bytes, MIN(length, 16));
	return next_hop;
}

static void writer_open(struct export_writer *x, uint32_t attr, uint16_t exclude, uint16_t only)
{
	enum bgp_family family = x->g->prefixes->family;
	const struct attr_entry *entry = attr == 0 ? NULL : attr_table_entry(&x->g->attrs, attr);
	struct ip_addr next_hop = { 0 };

	if (entry != NULL && entry->mp_length != 0)
		next_hop = mp_next_hop(entry);
	x->attr = attr;
	x->exclude = exclude;
	x->only = only;
	x->w = writer_of(x->message, x->g->message_bytes_max);
	bgp_update_begin(&x->update, &x->w, family, attr == 0, false,
			 entry == NULL ? NULL : entry->bytes,
			 entry == NULL ? 0 : (size_t)(entry->length - entry->mp_length), &next_hop,
			 x->g->message_bytes_max);
	x->open = true;
}

void export_writer_flush(struct export_writer *x)
{
	if (!x->open)
		return;
	x->open = false;
	bgp_update_end(&x->update);
	assert(!x->w.failed);
	export_log_append(x->log, x->message, writer_length(&x->w), x->exclude, x->only,
			  x->g->sequence);
}

void export_writer_add(struct export_writer *x, uint32_t prefix, uint32_t attr, uint16_t exclude,
		       uint16_t only)
{
	struct bgp_nlri nlri;

	prefix_table_nlri(x->g->prefixes, prefix, &nlri);
	if (x->open && x->attr == attr && x->exclude == exclude && x->only == only) {
		if (bgp_update_add(&x->update, &nlri))
			return;
	}
	export_writer_flush(x);
	writer_open(x, attr, exclude, only);
	if (!bgp_update_add(&x->update, &nlri))
		assert(false &&
		       "attributes leave no room for one NLRI: export transforms refuse them");
}

void export_group_begin(struct export_group *g, uint32_t sequence)
{
	uint32_t end = g->prefixes->prefixes_end;

	g->sequence = sequence;
	g->withdrawal_count = 0;
	if (end > g->entries_end) {
		MEM_RESERVE(g->entries, g->entries_capacity, (size_t)end);
		memset(g->entries + g->entries_end, 0,
		       (end - g->entries_end) * sizeof(*g->entries));
		g->entries_end = end;
	}
}

static uint32_t *source_count(struct export_group *g, uint16_t source)
{
	if (source >= g->by_source_capacity) {
		size_t old = g->by_source_capacity;

		MEM_RESERVE(g->by_source, g->by_source_capacity, (size_t)source + 1);
		memset(g->by_source + old, 0,
		       (g->by_source_capacity - old) * sizeof(*g->by_source));
	}
	return &g->by_source[source];
}

static void note_withdrawal(struct export_group *g, uint32_t prefix, uint16_t exclude,
			    uint16_t only)
{
	MEM_RESERVE(g->withdrawals, g->withdrawals_capacity, g->withdrawal_count + 1);
	g->withdrawals[g->withdrawal_count++] = (struct export_withdrawal){ prefix, exclude, only };
}

static void entry_clear(struct export_group *g, struct adj_rib_out_entry *entry)
{
	if (entry->attr == 0)
		return;
	g->announced--;
	(*source_count(g, entry->source))--;
	attr_table_unref(&g->attrs, entry->attr);
	entry->attr = 0;
}

void export_group_announce(struct export_group *g, uint32_t attr, uint16_t source,
			   const uint32_t *prefixes, size_t count)
{
	struct export_writer x;
	uint32_t changed = 0;

	export_writer_init(&x, g, &g->log);
	attr_table_ref(&g->attrs, attr); /* ours, while entries lose theirs */
	for (size_t i = 0; i < count; i++) {
		struct adj_rib_out_entry *entry = &g->entries[prefixes[i]];

		if (entry->attr == attr && entry->source == source)
			continue;
		if (entry->attr != 0 && entry->source != source && source != RIB_PEER_LOCAL)
			note_withdrawal(g, prefixes[i], 0, source);
		entry_clear(g, entry);
		*entry = (struct adj_rib_out_entry){ .attr = attr,
						     .source = source,
						     .sequence = g->sequence };
		attr_table_ref(&g->attrs, attr);
		changed++;
		if (!list_is_empty(&g->log.cursors))
			export_writer_add(&x, prefixes[i], attr, source, 0);
	}
	g->announced += changed;
	*source_count(g, source) += changed;
	export_writer_flush(&x);
	attr_table_unref(&g->attrs, attr);
}

void export_group_withdraw(struct export_group *g, const uint32_t *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct adj_rib_out_entry *entry = &g->entries[prefixes[i]];

		if (entry->attr == 0)
			continue;
		note_withdrawal(g, prefixes[i], entry->source, 0);
		entry_clear(g, entry);
		entry->sequence = g->sequence;
	}
}

static int compare_withdrawals(const void *left, const void *right)
{
	const struct export_withdrawal *a = left;
	const struct export_withdrawal *b = right;

	if (a->only != b->only)
		return (int)a->only - (int)b->only;
	return (int)a->exclude - (int)b->exclude;
}

static bool withdrawals_are_sorted(const struct export_group *g)
{
	for (size_t i = 1; i < g->withdrawal_count; i++)
		if (compare_withdrawals(&g->withdrawals[i - 1], &g->withdrawals[i]) > 0)
			return false;
	return true;
}

void export_group_end(struct export_group *g)
{
	struct export_writer x;

	if (!withdrawals_are_sorted(g))
		qsort(g->withdrawals, g->withdrawal_count, sizeof(*g->withdrawals),
		      compare_withdrawals);
	export_writer_init(&x, g, &g->log);
	for (size_t i = 0; i < g->withdrawal_count; i++)
		export_writer_add(&x, g->withdrawals[i].prefix, 0, g->withdrawals[i].exclude,
				  g->withdrawals[i].only);
	export_writer_flush(&x);
	if (g->log.bytes > g->log_bytes_max)
		export_member_detach_slow(g);
}

const struct adj_rib_out_entry *export_group_entry(const struct export_group *g, uint32_t prefix)
{
	if (prefix >= g->entries_end || g->entries[prefix].attr == 0)
		return NULL;
	return &g->entries[prefix];
}

uint32_t export_group_announced(const struct export_group *g, uint16_t peer)
{
	uint32_t own = peer != 0 && peer < g->by_source_capacity ? g->by_source[peer] : 0;

	return g->announced - own;
}

void export_group_forget(struct export_group *g, uint32_t prefix)
{
	if (prefix >= g->entries_end)
		return;
	assert(g->entries[prefix].attr == 0);
	g->entries[prefix] = (struct adj_rib_out_entry){ 0 };
}
