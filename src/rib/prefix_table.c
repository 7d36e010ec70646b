/*
 * prefix_table: the prefixes of one family and the paths to each.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/prefix_table.h"

#include "base/hash.h"
#include "base/mem.h"

#define RESIZE_AHEAD 16u /* lines that are sent for before they are needed */
#define SHRINK_CAPACITY_MIN 1024u
#define INLINE_KEY_BYTES_MAX 5u
#define STRIDE_KEY_BYTES_MAX 32u

struct prefix_long_key {
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

static void free_long_key(struct prefix_table *t, uint32_t prefix)
{
	struct prefix_long_key *key = t->long_keys[prefix];

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
	MEM_ACCOUNT_FREE(t->prefix_account, t->keys, t->keys_capacity);
	MEM_ACCOUNT_FREE(t->prefix_account, t->long_keys, t->long_keys_capacity);
	MEM_ACCOUNT_FREE(t->path_account, t->paths, t->paths_capacity);
	MEM_ACCOUNT_FREE(t->path_account, t->path_ids, t->path_ids_capacity);
	MEM_ACCOUNT_FREE(t->path_account, t->path_data, t->path_data_capacity);
	mem_account_release(t->prefix_account, hash_index_bytes(&t->index));
	hash_index_done(&t->index);
	route_data_free(t->data);
	*t = (struct prefix_table){ .family = t->family };
}

static struct prefix_key ipv4_key(const struct prefix_table *t, uint32_t address, uint8_t length)
{
	return (struct prefix_key){
		.key = address,
		.length = length,
		.hash = (uint32_t)hash_u64((uint64_t)address << 8 | length, t->seed),
	};
}

static struct prefix_key nlri_key(const struct prefix_table *t, const struct bgp_nlri *nlri)
{
	uint32_t hash, address = 0;

	if (!t->inline_keys) {
		hash = (uint32_t)hash_bytes(nlri->key, nlri->key_length, t->seed);
		return (struct prefix_key){ .key = hash, .hash = hash };
	}
	for (size_t i = 1; i < nlri->key_length; i++)
		address |= (uint32_t)nlri->key[i] << (32 - 8 * i);
	return ipv4_key(t, address, nlri->key[0]);
}

static uint32_t hash_of(const struct prefix_table *t, const struct rib_prefix *p)
{
	return t->inline_keys ? ipv4_key(t, p->key, p->length).hash : p->key;
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
	struct prefix_long_key *key;
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

static bool key_equal(const struct prefix_table *t, uint32_t prefix, const struct prefix_key *key,
		      const struct bgp_nlri *nlri)
{
	const struct rib_prefix *p = &t->prefixes[prefix];
	const uint8_t *stored;
	uint16_t length;

	if (p->key != key->key || p->length != key->length)
		return false;
	if (t->inline_keys)
		return true;
	stored = stored_key(t, prefix, &length);
	return length == nlri->key_length && memcmp(stored, nlri->key, length) == 0;
}

static uint32_t find(const struct prefix_table *t, const struct prefix_key *key,
		     const struct bgp_nlri *nlri)
{
	struct hash_probe probe = hash_index_probe(&t->index, key->hash);
	uint32_t prefix;

	do
		prefix = hash_probe_next(&probe);
	while (prefix != RIB_NONE && !key_equal(t, prefix, key, nlri));
	return prefix;
}

static void resize_index(struct prefix_table *t)
{
	size_t before = hash_index_bytes(&t->index);

	hash_index_reset(&t->index, t->count);
	mem_account_change(t->prefix_account, before, hash_index_bytes(&t->index));
	for (uint32_t i = 1; i < t->prefixes_end; i++) {
		if (i + RESIZE_AHEAD < t->prefixes_end)
			hash_index_prefetch(&t->index, hash_of(t, &t->prefixes[i + RESIZE_AHEAD]));
		if ((t->prefixes[i].flags & RIB_PREFIX_USED) != 0)
			hash_index_add(&t->index, hash_of(t, &t->prefixes[i]), i);
	}
}

static uint32_t take_prefix(struct prefix_table *t)
{
	uint32_t prefix = t->free_prefix;

	if (prefix != RIB_NONE) {
		t->free_prefix = t->prefixes[prefix].key;
		return prefix;
	}
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

static uint32_t insert(struct prefix_table *t, const struct prefix_key *key,
		       const struct bgp_nlri *nlri)
{
	uint32_t prefix;

	if (hash_index_is_full(&t->index))
		resize_index(t);
	prefix = take_prefix(t);
	t->prefixes[prefix] = (struct rib_prefix){ .key = key->key,
						   .length = key->length,
						   .flags = RIB_PREFIX_USED };
	if (!t->inline_keys)
		store_key(t, prefix, nlri);
	hash_index_add(&t->index, key->hash, prefix);
	t->count++;
	return prefix;
}

uint32_t prefix_table_find(const struct prefix_table *t, const struct bgp_nlri *nlri)
{
	struct prefix_key key = nlri_key(t, nlri);

	return find(t, &key, nlri);
}

uint32_t prefix_table_get(struct prefix_table *t, const struct bgp_nlri *nlri)
{
	struct prefix_key key = nlri_key(t, nlri);
	uint32_t prefix = find(t, &key, nlri);

	return prefix != RIB_NONE ? prefix : insert(t, &key, nlri);
}

void prefix_batch_read_ipv4(struct prefix_batch *b, const struct prefix_table *t)
{
	uint32_t address;
	uint8_t length;

	b->count = 0;
	while (b->count < PREFIX_BATCH_MAX && bgp_nlri_next_ipv4(&b->rest, &address, &length)) {
		struct prefix_key *key = &b->keys[b->count++];

		*key = ipv4_key(t, address, length);
		hash_index_prefetch(&t->index, key->hash);
	}
}

uint32_t prefix_batch_get(const struct prefix_batch *b, size_t i, struct prefix_table *t)
{
	uint32_t prefix = find(t, &b->keys[i], NULL);

	return prefix != RIB_NONE ? prefix : insert(t, &b->keys[i], NULL);
}

void prefix_table_remove(struct prefix_table *t, uint32_t prefix)
{
	struct rib_prefix *p = &t->prefixes[prefix];

	assert(p->paths == RIB_NONE);
	hash_index_remove(&t->index, hash_of(t, p), prefix);
	p->flags = 0;
	t->count--;
	if (t->long_keys != NULL)
		free_long_key(t, prefix);
	p->key = t->free_prefix;
	t->free_prefix = prefix;
	t->removed_count++;
}

void prefix_table_nlri(const struct prefix_table *t, uint32_t prefix, struct bgp_nlri *ret_nlri)
{
	ret_nlri->path_id = 0;
	ret_nlri->data_length = 0;
	if (t->inline_keys) {
		const struct rib_prefix *p = &t->prefixes[prefix];

		ret_nlri->key[0] = p->length;
		ret_nlri->key_length = (uint16_t)(1 + (p->length + 7) / 8);
		for (size_t i = 1; i < 5; i++)
			ret_nlri->key[i] = (uint8_t)(p->key >> (32 - 8 * i));
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
	       (t->paths[path].peer != peer || prefix_table_path_id(t, path) != path_id))
		path = t->paths[path].next;
	return path;
}

static void set_path_id(struct prefix_table *t, uint32_t path, uint32_t path_id)
{
	bool first = t->path_ids == NULL;

	if (first && path_id == 0)
		return;
	MEM_ACCOUNT_RESERVE(t->path_account, t->path_ids, t->path_ids_capacity,
			    (size_t)t->paths_end);
	if (first)
		memset(t->path_ids, 0, t->paths_end * sizeof(*t->path_ids));
	t->path_ids[path] = path_id;
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
		.peer = peer,
	};
	set_path_id(t, path, path_id);
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

static bool is_used(const struct prefix_table *t, uint32_t prefix)
{
	return (t->prefixes[prefix].flags & RIB_PREFIX_USED) != 0;
}

static void shrink_prefixes(struct prefix_table *t)
{
	while (t->prefixes_end > 1 && !is_used(t, t->prefixes_end - 1))
		t->prefixes_end--;
	t->free_prefix = RIB_NONE;
	for (uint32_t p = t->prefixes_end - 1; p > 0; p--) {
		if (is_used(t, p))
			continue;
		t->prefixes[p].key = t->free_prefix;
		t->free_prefix = p;
	}
	if ((size_t)t->prefixes_end * 2 <= t->prefixes_capacity) {
		MEM_ACCOUNT_RESIZE(t->prefix_account, t->prefixes, t->prefixes_capacity,
				   t->prefixes_end);
		if (t->keys != NULL)
			MEM_ACCOUNT_RESIZE(t->prefix_account, t->keys, t->keys_capacity,
					   (size_t)t->prefixes_end * t->key_stride);
		if (t->long_keys != NULL)
			MEM_ACCOUNT_RESIZE(t->prefix_account, t->long_keys, t->long_keys_capacity,
					   t->prefixes_end);
	}
	if (hash_index_is_roomy(&t->index))
		resize_index(t);
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
	if (t->data != NULL)
		route_data_shrink(t->data);
	if ((size_t)end * 2 > t->paths_capacity)
		return;
	MEM_ACCOUNT_RESIZE(t->path_account, t->paths, t->paths_capacity, end);
	if (t->path_ids != NULL)
		MEM_ACCOUNT_RESIZE(t->path_account, t->path_ids, t->path_ids_capacity, end);
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
