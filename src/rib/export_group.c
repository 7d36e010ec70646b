/*
 * export_group: Adj-RIB-Out entries and batches.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/mem.h"
#include "rib/export_member.h"

/* What a message has beside NLRI: the attribute block, in which MP_REACH_NLRI is up to its NLRI,
 * and around it the header, two lengths, and a second octet for MP_REACH_NLRI's length. */
static size_t frame_bytes(const struct export_group *g, uint32_t attr)
{
	const struct attr_entry *entry = attr_table_entry(&g->attrs, attr);

	return BGP_HEADER_BYTES + 4u + entry->length + (entry->mp_length != 0 ? 1u : 0u);
}

struct export_group *export_group_new(const struct prefix_table *prefixes, bool as4, bool addpath,
				      uint32_t message_bytes_max, uint64_t seed)
{
	struct export_group *g = mem_zalloc(sizeof(*g));

	g->prefixes = prefixes;
	g->as4 = as4;
	g->addpath = addpath;
	g->message_bytes_max = message_bytes_max;
	g->data_bytes_max = BGP_NLRI_DATA_BYTES_MAX;
	g->entries_end = addpath ? 1 : 0; /* slot 0 is none */
	attr_table_init(&g->attrs, seed);
	export_log_init(&g->log);
	list_init(&g->node);
	list_init(&g->members);
	list_init(&g->walks);
	g->log_bytes_max = EXPORT_LOG_BYTES_MAX;
	return g;
}

void export_group_set_accounts(struct export_group *g, struct mem_account *adj_rib_out,
			       struct mem_account *log)
{
	g->account = adj_rib_out;
	g->attrs.account = adj_rib_out;
	g->log.account = log;
	mem_account_charge(adj_rib_out, sizeof(*g));
}

void export_group_free(struct export_group *g)
{
	if (g == NULL)
		return;
	assert(list_is_empty(&g->members));
	list_remove(&g->node);
	export_log_done(&g->log);
	attr_table_done(&g->attrs);
	for (uint32_t slot = 1; g->entry_data != NULL && slot < g->entries_end; slot++)
		route_data_unref(g->prefixes->data, g->entry_data[slot]);
	MEM_ACCOUNT_FREE(g->account, g->entries, g->entries_capacity);
	MEM_ACCOUNT_FREE(g->account, g->entry_data, g->entry_data_capacity);
	MEM_ACCOUNT_FREE(g->account, g->slots, g->slots_capacity);
	MEM_ACCOUNT_FREE(g->account, g->first_slots, g->first_slots_capacity);
	MEM_ACCOUNT_FREE(g->account, g->not_told, g->not_told_capacity);
	MEM_ACCOUNT_FREE(g->account, g->withdrawals, g->withdrawals_capacity);
	mem_account_release(g->account, sizeof(*g));
	mem_free(g);
}

/* Arrays grow by doubling; what is new is zero. */
#define GROW_ZEROED(account, array, capacity, from, end)                                  \
	do {                                                                              \
		MEM_ACCOUNT_RESERVE(account, array, capacity, (size_t)(end));             \
		memset((array) + (from), 0, ((size_t)(end) - (from)) * sizeof(*(array))); \
	} while (0)

void export_reserve_slots(struct export_group *g, uint32_t end)
{
	uint32_t from = g->entries_end;

	if (end <= from)
		return;
	GROW_ZEROED(g->account, g->entries, g->entries_capacity, from, end);
	if (g->entry_data != NULL)
		GROW_ZEROED(g->account, g->entry_data, g->entry_data_capacity, from, end);
	if (g->addpath)
		GROW_ZEROED(g->account, g->slots, g->slots_capacity, from, end);
	g->entries_end = end;
}

void export_group_begin(struct export_group *g, uint32_t sequence)
{
	uint32_t end = g->prefixes->prefixes_end;

	g->sequence = sequence;
	g->withdrawal_count = 0;
	if (g->entry_data == NULL && g->prefixes->data != NULL)
		GROW_ZEROED(g->account, g->entry_data, g->entry_data_capacity, 0,
			    g->entries_end + 1);
	if (!g->addpath) {
		export_reserve_slots(g, end);
	} else if (end > g->first_slots_end) {
		GROW_ZEROED(g->account, g->first_slots, g->first_slots_capacity, g->first_slots_end,
			    end);
		g->first_slots_end = end;
	}
}

struct export_audience export_slot_audience(const struct export_group *g, uint32_t slot)
{
	if (g->addpath && g->slots[slot].only != 0)
		return (struct export_audience){ .only = g->slots[slot].only };
	return (struct export_audience){ .exclude = g->entries[slot].source };
}

bool export_slot_is_told(const struct export_group *g, uint32_t slot, uint16_t peer)
{
	return g->entries[slot].attr != 0 &&
	       export_audience_has(export_slot_audience(g, slot), peer);
}

/* The entry, which has a source, counts from now on (1), or does not any more (-1). */
static void count_entry(struct export_group *g, uint32_t slot, int how)
{
	struct export_audience to = export_slot_audience(g, slot);
	uint16_t peer = to.only != 0 ? to.only : to.exclude;

	if (peer >= g->not_told_capacity) {
		size_t old = g->not_told_capacity;

		MEM_ACCOUNT_RESERVE(g->account, g->not_told, g->not_told_capacity,
				    (size_t)peer + 1);
		memset(g->not_told + old, 0, (g->not_told_capacity - old) * sizeof(*g->not_told));
	}
	if (to.only == 0)
		g->announced += (uint32_t)how;
	g->not_told[peer] += to.only != 0 ? -how : how;
}

static void note_withdrawal(struct export_group *g, uint32_t slot, struct export_audience to)
{
	MEM_ACCOUNT_RESERVE(g->account, g->withdrawals, g->withdrawals_capacity,
			    g->withdrawal_count + 1);
	g->withdrawals[g->withdrawal_count++] = (struct export_withdrawal){ slot, to };
}

/* The peer's own route takes the place of what it was told. Where a withdrawal says data, it is
 * that of the old route, which is gone at the end of the batch. */
static void withdraw_from_source(struct export_group *g, uint32_t slot, uint16_t source)
{
	struct export_audience to = { .only = source };
	struct export_writer x;

	if (!export_withdraws_data(g)) {
		note_withdrawal(g, slot, to);
		return;
	}
	export_writer_init(&x, g, &g->log);
	export_writer_withdraw(&x, slot, to);
	export_writer_flush(&x);
}

static void set_data(struct export_group *g, uint32_t slot, uint32_t data)
{
	uint32_t old;

	if (g->entry_data == NULL)
		return;
	old = g->entry_data[slot];
	route_data_ref(g->prefixes->data, data);
	g->entry_data[slot] = data;
	if (old != 0)
		route_data_unref(g->prefixes->data, old);
}

static void entry_clear(struct export_group *g, uint32_t slot)
{
	struct adj_rib_out_entry *entry = &g->entries[slot];

	if (entry->attr == 0)
		return;
	count_entry(g, slot, -1);
	attr_table_unref(&g->attrs, entry->attr);
	entry->attr = 0;
	if (!export_withdraws_data(g)) /* else a withdrawal says it; export_group_forget */
		set_data(g, slot, 0);
}

bool export_entry_set(struct export_group *g, uint32_t slot, uint32_t attr, uint16_t source,
		      uint32_t data)
{
	struct adj_rib_out_entry *entry = &g->entries[slot];
	bool for_all = export_slot_audience(g, slot).only == 0;

	if (entry->attr == attr && entry->source == source &&
	    (g->entry_data == NULL || g->entry_data[slot] == data))
		return false;
	if (entry->attr != 0 && entry->source != source && source != RIB_PEER_LOCAL && for_all)
		withdraw_from_source(g, slot, source);
	attr_table_ref(&g->attrs, attr);
	entry_clear(g, slot);
	*entry = (struct adj_rib_out_entry){ .attr = attr,
					     .source = source,
					     .sequence = g->sequence };
	set_data(g, slot, data);
	count_entry(g, slot, 1);
	return true;
}

void export_entry_forget(struct export_group *g, uint32_t slot)
{
	assert(g->entries[slot].attr == 0);
	g->entries[slot] = (struct adj_rib_out_entry){ 0 };
	set_data(g, slot, 0);
}

void export_entry_withdraw(struct export_group *g, uint32_t slot)
{
	struct adj_rib_out_entry *entry = &g->entries[slot];

	if (entry->attr == 0)
		return;
	note_withdrawal(g, slot, export_slot_audience(g, slot));
	entry_clear(g, slot);
	entry->sequence = g->sequence;
}

bool export_has_room(const struct export_group *g, uint32_t attr)
{
	/* path identifier, length field, data */
	size_t nlri_max = 4 + 2 + BGP_NLRI_DATA_BYTES_MAX +
			  bgp_family_info(g->prefixes->family)->key_length_max;

	return frame_bytes(g, attr) + nlri_max <= g->message_bytes_max;
}

bool export_group_takes_data(const struct export_group *g, uint32_t data)
{
	size_t length;

	if (data == 0 || g->data_bytes_max == BGP_NLRI_DATA_BYTES_MAX)
		return true;
	(void)route_data_bytes(g->prefixes->data, data, &length);
	return length <= g->data_bytes_max;
}

bool export_fits(const struct export_group *g, uint32_t slot, uint32_t attr, uint32_t data,
		 bool has_room)
{
	struct bgp_nlri nlri;

	if (!export_group_takes_data(g, data))
		return false;
	if (has_room)
		return true;
	export_slot_nlri(g, slot, data, &nlri);
	return frame_bytes(g, attr) +
		       bgp_nlri_encoded_length(g->prefixes->family, &nlri, false, g->addpath) <=
	       g->message_bytes_max;
}

void export_group_announce(struct export_group *g, uint32_t attr, uint16_t source,
			   const uint32_t *prefixes, size_t count)
{
	const struct prefix_table *t = g->prefixes;
	bool has_room = export_has_room(g, attr);
	struct export_writer x;

	export_writer_init(&x, g, &g->log);
	for (size_t i = 0; i < count; i++) {
		uint32_t slot = prefixes[i];
		uint32_t data = prefix_table_path_data(t, t->prefixes[slot].best);

		if (UNLIKELY(!export_fits(g, slot, attr, data, has_room))) {
			g->left_out_count++;
			export_entry_withdraw(g, slot);
			continue;
		}
		if (export_entry_set(g, slot, attr, source, data) &&
		    !list_is_empty(&g->log.cursors))
			export_writer_announce(&x, slot, attr);
	}
	export_writer_flush(&x);
}

void export_group_withdraw(struct export_group *g, const uint32_t *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		export_entry_withdraw(g, prefixes[i]);
}

static int compare_withdrawals(const void *left, const void *right)
{
	const struct export_withdrawal *a = left;
	const struct export_withdrawal *b = right;

	if (a->to.only != b->to.only)
		return (int)a->to.only - (int)b->to.only;
	return (int)a->to.exclude - (int)b->to.exclude;
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
		export_writer_withdraw(&x, g->withdrawals[i].slot, g->withdrawals[i].to);
	export_writer_flush(&x);
	if (g->log.bytes > g->log_bytes_max)
		export_member_detach_slow(g);
}

uint32_t export_group_first_slot(const struct export_group *g, uint32_t prefix)
{
	if (g->addpath)
		return prefix < g->first_slots_end ? g->first_slots[prefix] : 0;
	return prefix < g->entries_end ? prefix : 0;
}

uint32_t export_group_next_slot(const struct export_group *g, uint32_t slot)
{
	return g->addpath ? g->slots[slot].next : 0;
}

const struct adj_rib_out_entry *export_group_entry(const struct export_group *g, uint32_t prefix)
{
	for (uint32_t slot = export_group_first_slot(g, prefix); slot != 0;
	     slot = export_group_next_slot(g, slot))
		if (g->entries[slot].attr != 0)
			return &g->entries[slot];
	return NULL;
}

bool export_group_changed_after(const struct export_group *g, uint32_t prefix, uint32_t sequence)
{
	for (uint32_t slot = export_group_first_slot(g, prefix); slot != 0;
	     slot = export_group_next_slot(g, slot))
		if (export_sequence_after(g->entries[slot].sequence, sequence))
			return true;
	return false;
}

uint32_t export_group_announced(const struct export_group *g, uint16_t peer)
{
	int32_t not_told = peer != 0 && peer < g->not_told_capacity ? g->not_told[peer] : 0;

	return (uint32_t)((int64_t)g->announced - not_told);
}

void export_group_forget(struct export_group *g, uint32_t prefix)
{
	uint32_t next;

	for (uint32_t slot = export_group_first_slot(g, prefix); slot != 0; slot = next) {
		next = export_group_next_slot(g, slot);
		export_entry_forget(g, slot);
		if (g->addpath)
			export_slot_free(g, slot);
	}
	if (g->addpath && prefix < g->first_slots_end)
		g->first_slots[prefix] = 0;
}

void export_group_shrink(struct export_group *g)
{
	uint32_t end = g->prefixes->prefixes_end;

	MEM_ACCOUNT_FREE(g->account, g->withdrawals, g->withdrawals_capacity);
	if (g->addpath) {
		g->first_slots_end = MIN(g->first_slots_end, end);
		if ((size_t)end * 2 <= g->first_slots_capacity)
			MEM_ACCOUNT_RESIZE(g->account, g->first_slots, g->first_slots_capacity,
					   end);
		export_slots_shrink(g);
	} else {
		g->entries_end = MIN(g->entries_end, end);
	}
	end = MAX(g->entries_end, 1);
	if ((size_t)end * 2 > g->entries_capacity)
		return;
	MEM_ACCOUNT_RESIZE(g->account, g->entries, g->entries_capacity, end);
	if (g->entry_data != NULL)
		MEM_ACCOUNT_RESIZE(g->account, g->entry_data, g->entry_data_capacity, end);
	if (g->slots != NULL)
		MEM_ACCOUNT_RESIZE(g->account, g->slots, g->slots_capacity, end);
}

/* A feed has no peer number, so that one marker in the log is for all feeds that read it. */
void export_group_end_of_rib(struct export_group *g)
{
	bool told_feeds = false;

	if (g->end_of_rib)
		return;
	g->end_of_rib = true;
	LIST_FOR_EACH (node, &g->members) {
		struct export_member *m = CONTAINER_OF(node, struct export_member, node);

		if (m->peer == 0 && m->walk == NULL && !m->detached) {
			m->wants_end_of_rib = m->wants_end_of_rib && !told_feeds;
			told_feeds = true;
		}
		export_member_end_of_rib(m);
	}
}

/* What is still unread in the log counts too: a member that loses its place in it walks from there.
 */
bool export_group_oldest(const struct export_group *g, uint32_t *ret_sequence)
{
	bool any = g->log.head != NULL;

	if (any)
		*ret_sequence = g->log.head->first_sequence - 1;
	LIST_FOR_EACH (node, &g->members) {
		const struct export_member *m = CONTAINER_OF(node, struct export_member, node);

		if (m->blank || (m->walk == NULL && !m->detached))
			continue;
		if (!any || export_sequence_after(*ret_sequence, m->since))
			*ret_sequence = m->since;
		any = true;
	}
	return any;
}

void export_group_shed_log(struct export_group *g)
{
	size_t bytes_max = g->log_bytes_max;

	g->log_bytes_max = 0;
	export_member_detach_slow(g);
	g->log_bytes_max = bytes_max;
}
