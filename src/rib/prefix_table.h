/*
 * prefix_table: the prefixes of one family and the paths to each.
 * SPDX-License-Identifier: Apache-2.0
 *
 * To this table an NLRI is a key of octets; what it means is the codec's business. Prefixes and
 * paths are numbered from 1 and live in arrays; a prefix is found through an index of their
 * numbers. Keys of an IPv4 prefix are kept in the record itself, those of up to 32 octets in an
 * array beside it, longer ones (EVPN, FlowSpec, BGP-LS) each in memory of its own. What a path has
 * beside its key and its attributes is in arrays of their own, which are not there where it is
 * nothing: labels in families without such, path identifiers without ADD-PATH. The order of a
 * prefix's paths means nothing: the decision chooses.
 */
#ifndef RIB_PREFIX_TABLE_H
#define RIB_PREFIX_TABLE_H

#include "base/base.h"
#include "base/mem_account.h"
#include "bgp/nlri.h"
#include "rib/hash_index.h"
#include "rib/route_data.h"

#define RIB_NONE 0u
#define RIB_PEER_LOCAL 0u /* the source of this instance's own networks */

#define PREFIX_BATCH_MAX 16u

enum rib_path_flag {
	RIB_PATH_STALE = 1,	       /* kept over a graceful restart (RFC 4724) */
	RIB_PATH_EXTERNAL_ONLY = 2,    /* an own network for eBGP peers alone */
	RIB_PATH_INTERNAL_ONLY = 4,    /* an own network for iBGP peers alone */
	RIB_PATH_LONG_LIVED_STALE = 8, /* stale, and past the restart time (RFC 9494) */
	RIB_PATH_REFRESHING = 16,      /* not seen yet since the peer's BoRR (RFC 7313) */
};

/* Marks that mean nothing to those who are told the path. */
#define RIB_PATH_MARKS (RIB_PATH_STALE | RIB_PATH_REFRESHING)

struct rib_path {
	uint32_t attr;
	uint32_t next; /* path number */
	uint16_t peer;
	uint8_t flags;	/* enum rib_path_flag */
	uint8_t reject; /* 0, or the owner's reason why it may not be used */
};

enum rib_prefix_flag {
	RIB_PREFIX_DIRTY = 1,
	RIB_PREFIX_ZOMBIE = 4, /* no path; kept until every reader has seen it go */
	RIB_PREFIX_USED = 8,
};

struct rib_prefix {
	uint32_t key;	/* an IPv4 address, or the hash of a longer key */
	uint32_t paths; /* first path */
	uint32_t best;	/* path number; RIB_NONE */
	uint8_t length; /* in bits, of an IPv4 prefix */
	uint8_t flags;	/* enum rib_prefix_flag */
};

struct prefix_table {
	enum bgp_family family;
	bool inline_keys;
	uint8_t key_stride;	     /* 0: inline, or each in its own memory */
	struct rib_prefix *prefixes; /* [0] unused */
	size_t prefixes_capacity;
	uint32_t prefixes_end; /* first number never used */
	uint32_t free_prefix;  /* chained by `key`; to all who walk over the prefixes it has no path
				*/
	uint8_t *keys;	       /* key_stride octets a prefix: length, then the key */
	size_t keys_capacity;
	struct prefix_long_key **long_keys; /* by prefix */
	size_t long_keys_capacity;
	struct rib_path *paths; /* [0] unused */
	size_t paths_capacity;
	uint32_t *path_ids; /* by path number; NULL while all are 0 */
	size_t path_ids_capacity;
	bool has_data;		 /* the family has such */
	struct route_data *data; /* NULL until there is a path, or the family has none */
	uint32_t *path_data;	 /* by path number: id in `data` */
	size_t path_data_capacity;
	uint32_t paths_end;
	uint32_t free_path; /* chained by `next` */
	struct hash_index index;
	size_t count; /* prefixes */
	size_t path_count;
	size_t removed_count; /* prefixes and paths, since _shrink looked for room */
	uint64_t seed;
	/* set by the owner after _init; NULL: not counted */
	struct mem_account *prefix_account;
	struct mem_account *path_account;
};

void prefix_table_init(struct prefix_table *t, enum bgp_family family, uint64_t seed);
void prefix_table_done(struct prefix_table *t);

/* The number of the prefix, or RIB_NONE. */
uint32_t prefix_table_find(const struct prefix_table *t, const struct bgp_nlri *nlri);
/* Finds it or adds it. */
uint32_t prefix_table_get(struct prefix_table *t, const struct bgp_nlri *nlri);
/* What a prefix is looked for by: what its record has, and the hash. */
struct prefix_key {
	uint32_t key;
	uint32_t hash;
	uint8_t length;
};

/* Prefixes of a run of IPv4 unicast NLRI, taken together so that the memory in which they
 * are found is on its way while something else is done. */
struct prefix_batch {
	struct reader rest; /* of the run */
	size_t count;
	struct prefix_key keys[PREFIX_BATCH_MAX];
};

/* Takes the next prefixes off b->rest: none at its end. */
void prefix_batch_read_ipv4(struct prefix_batch *b, const struct prefix_table *t);
/* The number of the i-th, which is found or added. */
uint32_t prefix_batch_get(const struct prefix_batch *b, size_t i, struct prefix_table *t);
/* Takes a prefix without paths out. Its number will be used again. */
void prefix_table_remove(struct prefix_table *t, uint32_t prefix);
/* Gives back what is empty at the end of its arrays, when that may be most of them; what is in use
 * keeps its number. It looks at every prefix, and so only when many went since it last did;
 * `eager`: when any did. True: prefixes_end or paths_end went down. */
bool prefix_table_shrink(struct prefix_table *t, bool eager);
/* Might _shrink find something, when it is eager? */
bool prefix_table_may_shrink(const struct prefix_table *t);
void prefix_table_nlri(const struct prefix_table *t, uint32_t prefix, struct bgp_nlri *ret_nlri);

/* The path of this peer with this path identifier, or RIB_NONE. */
uint32_t prefix_table_path(const struct prefix_table *t, uint32_t prefix, uint16_t peer,
			   uint32_t path_id);
/* Adds a path in front of the others, without data; the caller fills attr, flags and reject. */
uint32_t prefix_table_add_path(struct prefix_table *t, uint32_t prefix, uint16_t peer,
			       uint32_t path_id);
void prefix_table_remove_path(struct prefix_table *t, uint32_t prefix, uint32_t path);
/* Its path identifier (RFC 7911), as received. */
static inline uint32_t prefix_table_path_id(const struct prefix_table *t, uint32_t path)
{
	return t->path_ids == NULL ? 0 : t->path_ids[path];
}
/* What the path has beside its key: an id in t->data, 0 for nothing. _set takes what the NLRI
 * has, and says whether that is another than before. */
static inline uint32_t prefix_table_path_data(const struct prefix_table *t, uint32_t path)
{
	return t->data == NULL ? 0 : t->path_data[path];
}
bool prefix_table_set_path_data(struct prefix_table *t, uint32_t path, const struct bgp_nlri *nlri);

#endif
