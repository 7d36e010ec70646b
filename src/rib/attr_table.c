/*
 * attr_table: attribute blocks, interned by their bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/attr_table.h"

#include "base/hash.h"
#include "base/mem.h"
#include "bgp/attrs_table.h"
#include "bgp/update.h"

#define ATTR_BLOCK_BYTES_MAX 65535u
#define ATTR_SHRINK_ENTRIES_MIN 1024u

void attr_table_init(struct attr_table *t, uint64_t seed)
{
	*t = (struct attr_table){ .seed = seed, .entries_end = 1 };
}

void attr_table_done(struct attr_table *t)
{
	struct mem_account *account = t->account;

	for (uint32_t id = 1; id < t->entries_end; id++)
		mem_free(t->entries[id]);
	mem_account_release(account, t->bytes + hash_index_bytes(&t->index));
	MEM_ACCOUNT_FREE(account, t->entries, t->entries_capacity);
	MEM_ACCOUNT_FREE(account, t->free_ids, t->free_capacity);
	hash_index_done(&t->index);
	attr_table_init(t, t->seed);
	t->account = account;
}

struct attr_key attr_table_key(const struct attr_table *t, const uint8_t *bytes, size_t length,
			       const struct bgp_context *context)
{
	struct attr_key key = { .bytes = bytes,
				.length = length,
				.context_class = bgp_context_class(context) };

	key.hash = (uint32_t)hash_bytes(bytes, length, t->seed + key.context_class);
	hash_index_prefetch(&t->index, key.hash);
	return key;
}

static bool is_block(const struct attr_entry *entry, const struct attr_key *key)
{
	return entry->hash == key->hash && entry->length == key->length &&
	       entry->context_class == key->context_class &&
	       memcmp(entry->bytes, key->bytes, key->length) == 0;
}

uint32_t attr_table_find(const struct attr_table *t, const struct attr_key *key)
{
	struct hash_probe probe = hash_index_probe(&t->index, key->hash);
	uint32_t id;

	do
		id = hash_probe_next(&probe);
	while (id != 0 && !is_block(t->entries[id], key));
	return id;
}

static void resize_index(struct attr_table *t)
{
	size_t before = hash_index_bytes(&t->index);

	hash_index_reset(&t->index, t->count);
	mem_account_change(t->account, before, hash_index_bytes(&t->index));
	for (uint32_t id = 1; id < t->entries_end; id++)
		if (t->entries[id] != NULL)
			hash_index_add(&t->index, t->entries[id]->hash, id);
}

static uint32_t take_id(struct attr_table *t)
{
	if (t->free_count != 0)
		return t->free_ids[--t->free_count];
	MEM_ACCOUNT_RESERVE(t->account, t->entries, t->entries_capacity,
			    (size_t)t->entries_end + 1);
	t->entries[0] = NULL;
	return t->entries_end++;
}

static void note_communities(struct attr_entry *entry, const struct bgp_attrs *attrs)
{
	struct reader r = reader_of(attrs->communities, attrs->communities_bytes);

	while (reader_left(&r) != 0) {
		switch (reader_u32(&r)) {
		case BGP_COMMUNITY_NO_EXPORT:
		case BGP_COMMUNITY_NO_EXPORT_SUBCONFED:
			entry->no_export = true;
			break;
		case BGP_COMMUNITY_NO_ADVERTISE:
			entry->no_advertise = true;
			break;
		case BGP_COMMUNITY_GRACEFUL_SHUTDOWN:
			entry->graceful_shutdown = true;
			break;
		case BGP_COMMUNITY_LLGR_STALE:
			entry->llgr_stale = true;
			break;
		case BGP_COMMUNITY_NO_LLGR:
			entry->no_llgr = true;
			break;
		}
	}
}

static void keep_decision_keys(struct attr_entry *entry, const struct bgp_attrs *attrs)
{
	entry->local_pref =
		bgp_attrs_has(attrs, BGP_ATTR_LOCAL_PREF) ? attrs->local_pref : LOCAL_PREF_DEFAULT;
	entry->has_med = bgp_attrs_has(attrs, BGP_ATTR_MED);
	entry->med = entry->has_med ? attrs->med : 0;
	entry->neighbor_as = attrs->neighbor_as.number;
	entry->originator_id =
		bgp_attrs_has(attrs, BGP_ATTR_ORIGINATOR_ID) ? attrs->originator_id : 0;
	entry->as_path_length = attrs->as_path_length;
	entry->cluster_list_length = attrs->cluster_list_bytes / 4;
	entry->origin = attrs->origin;
	note_communities(entry, attrs);
}

static bool has_rare(const struct attr_entry *entry)
{
	return entry->has_otc || entry->has_aigp;
}

static size_t entry_bytes(const struct attr_entry *entry)
{
	return sizeof(*entry) + entry->length + (has_rare(entry) ? sizeof(struct attr_rare) : 0);
}

struct attr_rare attr_entry_rare(const struct attr_entry *entry)
{
	struct attr_rare rare = { 0 };

	if (has_rare(entry))
		memcpy(&rare, entry->bytes + entry->length, sizeof(rare));
	return rare;
}

/* `attrs` NULL: the block is malformed. */
static struct attr_entry *entry_new(const struct attr_key *key, const struct bgp_attrs *attrs)
{
	struct attr_entry head = { .hash = key->hash,
				   .length = (uint16_t)key->length,
				   .context_class = key->context_class };
	struct attr_rare rare = { 0 };
	struct attr_entry *entry;

	if (attrs != NULL) {
		keep_decision_keys(&head, attrs);
		head.has_otc = bgp_attrs_has(attrs, BGP_ATTR_ONLY_TO_CUSTOMER);
		head.has_aigp = bgp_attrs_has(attrs, BGP_ATTR_AIGP);
		rare.otc = head.has_otc ? attrs->only_to_customer : 0;
		rare.aigp = head.has_aigp ? attrs->aigp : 0;
	}
	entry = mem_alloc(entry_bytes(&head));
	*entry = head;
	memcpy(entry->bytes, key->bytes, key->length);
	if (has_rare(entry))
		memcpy(entry->bytes + key->length, &rare, sizeof(rare));
	return entry;
}

uint32_t attr_table_add(struct attr_table *t, const struct attr_key *key,
			const struct bgp_attrs *attrs, enum attr_reject reject)
{
	struct attr_entry *entry;
	uint32_t id;

	assert(key->length <= ATTR_BLOCK_BYTES_MAX);
	if (hash_index_is_full(&t->index))
		resize_index(t);
	entry = entry_new(key, reject == ATTR_MALFORMED ? NULL : attrs);
	entry->reject = (uint8_t)reject;
	id = take_id(t);
	t->entries[id] = entry;
	t->count++;
	t->bytes += entry_bytes(entry);
	mem_account_charge(t->account, entry_bytes(entry));
	hash_index_add(&t->index, entry->hash, id);
	return id;
}

uint32_t attr_table_intern(struct attr_table *t, const struct bgp_attrs *attrs,
			   enum bgp_family family, bool as4, bool *ret_is_new)
{
	const struct bgp_context context = { .as4 = as4, .ibgp = true, .aigp = true };
	uint8_t bytes[BGP_MESSAGE_BYTES_MAX_EXTENDED];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct attr_key key;
	size_t plain_length;
	uint32_t id;

	if (!bgp_mp_reach_next_hop_suits(family, &attrs->next_hop))
		return 0;
	bgp_attrs_encode(&w, attrs, family, as4);
	plain_length = writer_length(&w);
	if (family != BGP_IPV4_UNICAST || attrs->next_hop.family == IP_V6)
		bgp_mp_reach_encode(&w, family, &attrs->next_hop, &attrs->next_hop_link_local);
	if (w.failed)
		return 0;
	key = attr_table_key(t, bytes, writer_length(&w), &context);
	id = attr_table_find(t, &key);
	*ret_is_new = id == 0;
	if (id == 0) {
		id = attr_table_add(t, &key, attrs, ATTR_ACCEPTED);
		t->entries[id]->mp_length = (uint16_t)(writer_length(&w) - plain_length);
	}
	return id;
}

void attr_table_drop_unused(struct attr_table *t, uint32_t id)
{
	struct attr_entry *entry = t->entries[id];

	if (entry->refs != 0)
		return;
	hash_index_remove(&t->index, entry->hash, id);
	t->bytes -= entry_bytes(entry);
	mem_account_release(t->account, entry_bytes(entry));
	t->count--;
	t->entries[id] = NULL;
	mem_free(entry);
	MEM_ACCOUNT_RESERVE(t->account, t->free_ids, t->free_capacity, t->free_count + 1);
	t->free_ids[t->free_count++] = id;
	t->removed_count++;
}

/* The free ids below the end; those past it are no ids any more. */
static void trim_free_ids(struct attr_table *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->free_count; i++)
		if (t->free_ids[i] < t->entries_end)
			t->free_ids[kept++] = t->free_ids[i];
	t->free_count = kept;
}

void attr_table_shrink(struct attr_table *t, bool eager)
{
	if (t->entries_capacity < ATTR_SHRINK_ENTRIES_MIN || t->count * 4 > t->entries_capacity ||
	    t->removed_count < (eager ? 1 : t->entries_capacity / 8))
		return;
	t->removed_count = 0;
	while (t->entries_end > 1 && t->entries[t->entries_end - 1] == NULL)
		t->entries_end--;
	trim_free_ids(t);
	if ((size_t)t->entries_end * 2 <= t->entries_capacity) {
		MEM_ACCOUNT_RESIZE(t->account, t->entries, t->entries_capacity, t->entries_end);
		MEM_ACCOUNT_RESIZE(t->account, t->free_ids, t->free_capacity, t->free_count + 1);
	}
	if (hash_index_is_roomy(&t->index))
		resize_index(t);
}

void attr_table_unref(struct attr_table *t, uint32_t id)
{
	struct attr_entry *entry = t->entries[id];

	assert(entry->refs > 0);
	if (--entry->refs == 0)
		attr_table_drop_unused(t, id);
}

void attr_table_decode(const struct attr_table *t, uint32_t id, struct arena *arena,
		       struct bgp_attrs *ret_attrs)
{
	const struct attr_entry *entry = t->entries[id];
	struct bgp_context context;
	struct bgp_notification error;
	enum bgp_verdict verdict;

	bgp_context_of_class(entry->context_class, &context);
	memset(context.extended_next_hop, true, sizeof(context.extended_next_hop));
	verdict = bgp_attrs_decode(entry->bytes, entry->length, &context, true, arena, ret_attrs,
				   &error, NULL);
	assert(verdict == BGP_OK || verdict == BGP_ATTRIBUTE_DISCARD);
}
