/*
 * prefix_table: the prefixes of one family and the paths to each.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/prefix_table.h"

#include "base/hash.h"
#include "base/mem.h"

#define PREFIX_SLOTS_FIRST 16u
#define SHRINK_CAPACITY_MIN 1024u
#define INLINE_KEY_BYTES_MAX 5u
#define STRIDE_KEY_BYTES_MAX 32u

struct prefix_key {
	uint16_t length;
	uint8_t bytes[];
};

static bool has_data(const struct bgp_family_info *info)
{
	return info->kind == BGP_NLRI_LABELED || info->kind == BGP_NLRI_VPN ||
	       info->kind == BGP_NLRI_EVPN || info->kind == BGP_NLRI_LENGTH_WIDE;
}

void prefix_table_init(struct prefix_table *t, enum bgp_family family, uint64_t seed)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	*t = (struct prefix_table){
		.family = family, .seed = seed, .prefixes_end = 1, .paths_end = 1
	};
	t->inline_keys = info->key_length_max <= INLINE_KEY_BYTES_MAX;
	if (!t->inline_keys && info->key_length_max <= STRIDE_KEY_BYTES_MAX)
		t->key_stride = (uint8_t)(info->key_length_max + 1);
	t->has_data = has_data(info);
}

static size_t slots_bytes(const struct prefix_table *t)
{
	return t->slots == NULL ? 0 : (t->slot_mask + 1) * sizeof(*t->slots);
}

static void free_long_key(struct prefix_table *t, uint32_t prefix)
{
	struct prefix_key *key = t->long_keys[prefix];

	if (key == NULL)
		return;
	mem_account_release(t->prefix_account, sizeof(*key) + key->length);
	mem_free(key);
	t->long_keys[prefix] = NULL;
}

void prefix_table_done(struct prefix_table *t)
{
	for (uint32_t i = 1; t->long_keys != NULL && i < t->prefixes_end; i++)
		free_long_key(t, i);
	MEM_ACCOUNT_FREE(t->prefix_account, t->prefixes, t->prefixes_capacity);
	MEM_ACCOUNT_FREE(t->prefix_account, t->free_prefixes, t->free_prefixes_capacity);
	MEM_ACCOUNT_FREE(t->prefix_account, t->keys, t->keys_capacity);
	MEM_ACCOUNT_FREE(t->prefix_account, t->long_keys, t->long_keys_capacity);
	MEM_ACCOUNT_FREE(t->path_account, t->paths, t->paths_capacity);
	MEM_ACCOUNT_FREE(t->path_account, t->path_data, t->path_data_capacity);
	mem_account_release(t->prefix_account, slots_bytes(t));
	mem_free(t->slots);
	route_data_free(t->data);
	*t = (struct prefix_table){ .family = t->family };
}

static uint32_t key_tag(const struct prefix_table *t, uint64_t key)
{
	return (uint32_t)(t->inline_keys ? hash_u64(key, t->seed) : key);
}

static uint64_t nlri_key(const struct prefix_table *t, const struct bgp_nlri *nlri)
{
	uint64_t key = 0;

	if (!t->inline_keys)
		return hash_bytes(nlri->key, nlri->key_length, t->seed);
	for (size_t i = 1; i < nlri->key_length; i++)
		key |= (uint64_t)nlri->key[i] << (40 - 8 * i);
	return key | nlri->key[0];
}

/* The key of a prefix that is not kept in the record. */
static const uint8_t *stored_key(const struct prefix_table *t, uint32_t prefix,
				 uint16_t *ret_length)
{
	const uint8_t *stored;

	if (t->key_stride == 0) {
		*ret_length = t->long_keys[prefix]->length;
		return t->long_keys[prefix]->bytes;
	}
	stored = t->keys + (size_t)prefix * t->key_stride;
	*ret_length = stored[0];
	return stored + 1;
}

static void store_key(struct prefix_table *t, uint32_t prefix, const struct bgp_nlri *nlri)
{
	struct prefix_key *key;
	uint8_t *stored;

	if (t->key_stride == 0) {
		key = mem_alloc(sizeof(*key) + nlri->key_length);
		mem_account_charge(t->prefix_account, sizeof(*key) + nlri->key_length);
		key->length = nlri->key_length;
		memcpy(key->bytes, nlri->key, nlri->key_length);
		t->long_keys[prefix] = key;
		return;
	}
	assert(nlri->key_length < t->key_stride);
	stored = t->keys + (size_t)prefix * t->key_stride;
	stored[0] = (uint8_t)nlri->key_length;
	memcpy(stored + 1, nlri->key, nlri->key_length);
}

static bool key_equal(const struct prefix_table *t, uint32_t prefix, uint64_t key,
		      const struct bgp_nlri *nlri)
{
	const uint8_t *stored;
	uint16_t length;

	if (t->prefixes[prefix].key != key)
		return false;
	if (t->inline_keys)
		return true;
	stored = stored_key(t, prefix, &length);
	return length == nlri->key_length && memcmp(stored, nlri->key, length) == 0;
}

static uint32_t find(const struct prefix_table *t, uint32_t tag, uint64_t key,
		     const struct bgp_nlri *nlri)
{
	if (t->slots == NULL)
		return RIB_NONE;
	for (size_t i = tag & t->slot_mask; t->slots[i].prefix != RIB_NONE;
	     i = (i + 1) & t->slot_mask)
		if (t->slots[i].tag == tag && key_equal(t, t->slots[i].prefix, key, nlri))
			return t->slots[i].prefix;
	return RIB_NONE;
}

static void slot_insert(struct prefix_slot *slots, size_t mask, struct prefix_slot slot)
{
	size_t i = slot.tag & mask;

	while (slots[i].prefix != RIB_NONE)
		i = (i + 1) & mask;
	slots[i] = slot;
}

static void resize_slots(struct prefix_table *t, size_t count)
{
	struct prefix_slot *slots = mem_zalloc(count * sizeof(*slots));

	for (size_t i = 0; t->slots != NULL && i <= t->slot_mask; i++)
		if (t->slots[i].prefix != RIB_NONE)
			slot_insert(slots, count - 1, t->slots[i]);
	mem_account_change(t->prefix_account, slots_bytes(t), count * sizeof(*slots));
	mem_free(t->slots);
	t->slots = slots;
	t->slot_mask = count - 1;
}

static uint32_t take_prefix(struct prefix_table *t)
{
	if (t->free_prefix_count != 0)
		return t->free_prefixes[--t->free_prefix_count];
	MEM_ACCOUNT_RESERVE(t->prefix_account, t->prefixes, t->prefixes_capacity,
			    (size_t)t->prefixes_end + 1);
	if (t->key_stride != 0)
		MEM_ACCOUNT_RESERVE(t->prefix_account, t->keys, t->keys_capacity,
				    ((size_t)t->prefixes_end + 1) * t->key_stride);
	else if (!t->inline_keys)
		MEM_ACCOUNT_RESERVE(t->prefix_account, t->long_keys, t->long_keys_capacity,
				    (size_t)t->prefixes_end + 1);
	return t->prefixes_end++;
}

static uint32_t insert(struct prefix_table *t, uint64_t key, const struct bgp_nlri *nlri)
{
	uint32_t prefix;

	if (t->slots == NULL || t->count * 4 >= (t->slot_mask + 1) * 3)
		resize_slots(t, t->slots == NULL ? PREFIX_SLOTS_FIRST : (t->slot_mask + 1) * 2);
	prefix = take_prefix(t);
	t->prefixes[prefix] = (struct rib_prefix){ .key = key, .flags = RIB_PREFIX_USED };
	if (!t->inline_keys)
		store_key(t, prefix, nlri);
	slot_insert(t->slots, t->slot_mask,
		    (struct prefix_slot){ .tag = key_tag(t, key), .prefix = prefix });
	t->count++;
	return prefix;
}

uint32_t prefix_table_find(const struct prefix_table *t, const struct bgp_nlri *nlri)
{
	uint64_t key = nlri_key(t, nlri);

	return find(t, key_tag(t, key), key, nlri);
}

uint32_t prefix_table_get(struct prefix_table *t, const struct bgp_nlri *nlri)
{
	uint64_t key = nlri_key(t, nlri);
	uint32_t prefix = find(t, key_tag(t, key), key, nlri);

	return prefix != RIB_NONE ? prefix : insert(t, key, nlri);
}

uint32_t prefix_table_find_ipv4(const struct prefix_table *t, uint32_t address, uint8_t length)
{
	uint64_t key = prefix_table_ipv4_key(address, length);

	return find(t, key_tag(t, key), key, NULL);
}

uint32_t prefix_table_get_ipv4(struct prefix_table *t, uint32_t address, uint8_t length)
{
	uint64_t key = prefix_table_ipv4_key(address, length);
	uint32_t prefix = find(t, key_tag(t, key), key, NULL);

	return prefix != RIB_NONE ? prefix : insert(t, key, NULL);
}

void prefix_batch_read_ipv4(struct prefix_batch *b, const struct prefix_table *t)
{
	uint32_t address;
	uint8_t length;

	b->count = 0;
	while (b->count < PREFIX_BATCH_MAX && bgp_nlri_next_ipv4(&b->rest, &address, &length)) {
		uint64_t key = prefix_table_ipv4_key(address, length);
		uint32_t tag = key_tag(t, key);

		if (t->slots != NULL)
			__builtin_prefetch(&t->slots[tag & t->slot_mask]);
		b->keys[b->count] = key;
		b->tags[b->count++] = tag;
	}
}

uint32_t prefix_batch_get(const struct prefix_batch *b, size_t i, struct prefix_table *t)
{
	uint32_t prefix = find(t, b->tags[i], b->keys[i], NULL);

	return prefix != RIB_NONE ? prefix : insert(t, b->keys[i], NULL);
}

void prefix_table_remove(struct prefix_table *t, uint32_t prefix)
{
	size_t hole = key_tag(t, t->prefixes[prefix].key) & t->slot_mask;

	assert(t->prefixes[prefix].paths == RIB_NONE);
	while (t->slots[hole].prefix != prefix)
		hole = (hole + 1) & t->slot_mask;
	for (size_t i = (hole + 1) & t->slot_mask; t->slots[i].prefix != RIB_NONE;
	     i = (i + 1) & t->slot_mask) {
		size_t home = t->slots[i].tag & t->slot_mask;

		if (((i - home) & t->slot_mask) >= ((i - hole) & t->slot_mask)) {
			t->slots[hole] = t->slots[i];
			hole = i;
		}
	}
	t->slots[hole] = (struct prefix_slot){ 0 };
	t->prefixes[prefix].flags = 0;
	t->count--;
	if (t->long_keys != NULL)
		free_long_key(t, prefix);
	MEM_ACCOUNT_RESERVE(t->prefix_account, t->free_prefixes, t->free_prefixes_capacity,
			    t->free_prefix_count + 1);
	t->free_prefixes[t->free_prefix_count++] = prefix;
	t->removed_count++;
}

void prefix_table_nlri(const struct prefix_table *t, uint32_t prefix, struct bgp_nlri *ret_nlri)
{
	ret_nlri->path_id = 0;
	ret_nlri->data_length = 0;
	if (t->inline_keys) {
		uint64_t key = t->prefixes[prefix].key;

		ret_nlri->key[0] = (uint8_t)key;
		ret_nlri->key_length = (uint16_t)(1 + ((key & 0xff) + 7) / 8);
		for (size_t i = 1; i < 5; i++)
			ret_nlri->key[i] = (uint8_t)(key >> (40 - 8 * i));
	} else {
		const uint8_t *stored = stored_key(t, prefix, &ret_nlri->key_length);

		memcpy(ret_nlri->key, stored, ret_nlri->key_length);
	}
}

uint32_t prefix_table_path(const struct prefix_table *t, uint32_t prefix, uint16_t peer,
			   uint32_t path_id)
{
	uint32_t path = t->prefixes[prefix].paths;

	while (path != RIB_NONE &&
	       (t->paths[path].peer != peer || t->paths[path].path_id != path_id))
		path = t->paths[path].next;
	return path;
}

uint32_t prefix_table_add_path(struct prefix_table *t, uint32_t prefix, uint16_t peer,
			       uint32_t path_id)
{
	uint32_t path = t->free_path;

	if (t->has_data && t->data == NULL)
		t->data = route_data_new(t->seed, t->path_account);
	if (path != RIB_NONE) {
		t->free_path = t->paths[path].next;
	} else {
		MEM_ACCOUNT_RESERVE(t->path_account, t->paths, t->paths_capacity,
				    (size_t)t->paths_end + 1);
		if (t->data != NULL)
			MEM_ACCOUNT_RESERVE(t->path_account, t->path_data, t->path_data_capacity,
					    (size_t)t->paths_end + 1);
		path = t->paths_end++;
	}
	t->paths[path] = (struct rib_path){
		.next = t->prefixes[prefix].paths,
		.path_id = path_id,
		.peer = peer,
	};
	if (t->data != NULL)
		t->path_data[path] = 0;
	t->prefixes[prefix].paths = path;
	t->path_count++;
	return path;
}

bool prefix_table_set_path_data(struct prefix_table *t, uint32_t path, const struct bgp_nlri *nlri)
{
	uint32_t old, new;

	if (t->data == NULL)
		return false;
	old = t->path_data[path];
	new = route_data_get(t->data, nlri->data, nlri->data_length);
	t->path_data[path] = new;
	route_data_unref(t->data, old);
	return new != old;
}

void prefix_table_remove_path(struct prefix_table *t, uint32_t prefix, uint32_t path)
{
	uint32_t *link = &t->prefixes[prefix].paths;

	while (*link != path) {
		assert(*link != RIB_NONE);
		link = &t->paths[*link].next;
	}
	*link = t->paths[path].next;
	if (t->data != NULL) {
		route_data_unref(t->data, t->path_data[path]);
		t->path_data[path] = 0;
	}
	if (t->prefixes[prefix].best == path)
		t->prefixes[prefix].best = RIB_NONE;
	t->paths[path].next = t->free_path;
	t->free_path = path;
	t->path_count--;
	t->removed_count++;
}

static void shrink_prefixes(struct prefix_table *t)
{
	size_t slots = t->slots == NULL ? 0 : t->slot_mask + 1;
	size_t kept = 0;

	while (t->prefixes_end > 1 &&
	       (t->prefixes[t->prefixes_end - 1].flags & RIB_PREFIX_USED) == 0)
		t->prefixes_end--;
	for (size_t i = 0; i < t->free_prefix_count; i++)
		if (t->free_prefixes[i] < t->prefixes_end)
			t->free_prefixes[kept++] = t->free_prefixes[i];
	t->free_prefix_count = kept;
	if ((size_t)t->prefixes_end * 2 <= t->prefixes_capacity) {
		MEM_ACCOUNT_RESIZE(t->prefix_account, t->prefixes, t->prefixes_capacity,
				   t->prefixes_end);
		MEM_ACCOUNT_RESIZE(t->prefix_account, t->free_prefixes, t->free_prefixes_capacity,
				   kept + 1);
		if (t->keys != NULL)
			MEM_ACCOUNT_RESIZE(t->prefix_account, t->keys, t->keys_capacity,
					   (size_t)t->prefixes_end * t->key_stride);
		if (t->long_keys != NULL)
			MEM_ACCOUNT_RESIZE(t->prefix_account, t->long_keys, t->long_keys_capacity,
					   t->prefixes_end);
	}
	while (slots > PREFIX_SLOTS_FIRST && t->count * 8 < slots * 3)
		slots /= 2;
	if (slots != 0 && slots <= t->slot_mask)
		resize_slots(t, slots);
}

/* Which paths are in use only the prefixes know. */
static void shrink_paths(struct prefix_table *t)
{
	uint8_t *used = mem_zalloc(t->paths_end);
	uint32_t end = 1;

	for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
		for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = t->paths[p].next) {
			used[p] = 1;
			end = MAX(end, p + 1);
		}
	}
	t->paths_end = end;
	t->free_path = RIB_NONE;
	for (uint32_t p = end - 1; p > 0; p--) {
		if (used[p] != 0)
			continue;
		t->paths[p].next = t->free_path;
		t->free_path = p;
	}
	mem_free(used);
	if ((size_t)end * 2 > t->paths_capacity)
		return;
	MEM_ACCOUNT_RESIZE(t->path_account, t->paths, t->paths_capacity, end);
	if (t->path_data != NULL)
		MEM_ACCOUNT_RESIZE(t->path_account, t->path_data, t->path_data_capacity, end);
}

static bool is_roomy(size_t count, size_t capacity)
{
	return capacity >= SHRINK_CAPACITY_MIN && count * 4 <= capacity;
}

bool prefix_table_may_shrink(const struct prefix_table *t)
{
	return t->removed_count != 0 && (is_roomy(t->count, t->prefixes_capacity) ||
					 is_roomy(t->path_count, t->paths_capacity));
}

bool prefix_table_shrink(struct prefix_table *t, bool eager)
{
	uint32_t prefixes_end = t->prefixes_end, paths_end = t->paths_end;

	if (!prefix_table_may_shrink(t) ||
	    (!eager && t->removed_count < (t->prefixes_capacity + t->paths_capacity) / 16))
		return false;
	t->removed_count = 0;
	shrink_prefixes(t);
	shrink_paths(t);
	return t->prefixes_end != prefixes_end || t->paths_end != paths_end;
}
