/*
 * attr_table: attribute blocks, interned by their bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A block is looked up by the octets that came in the UPDATE (bgp_update's key) and by the class of
 * the session's context, before anything is parsed; keyed hash, then memcmp. On first sight it is
 * decoded and validated once and what the decision process needs of it is kept beside the octets;
 * the rest is decoded again on the rare occasions that it is needed. Ids are 32 bits wide; 0 is no
 * block. An id stays valid while references are held.
 */
#ifndef RIB_ATTR_TABLE_H
#define RIB_ATTR_TABLE_H

#include "base/arena.h"
#include "base/base.h"
#include "base/mem_account.h"
#include "bgp/attrs.h"
#include "rib/hash_index.h"

#define LOCAL_PREF_DEFAULT 100u

/* Why a path with these attributes may not be used, whoever sent it. */
enum attr_reject {
	ATTR_ACCEPTED,
	ATTR_MALFORMED,	      /* treat-as-withdraw (RFC 7606) */
	ATTR_AS_LOOP,	      /* RFC 4271 9.1.2 */
	ATTR_ORIGINATOR_LOOP, /* RFC 4456 8 */
	ATTR_CLUSTER_LOOP,
	ATTR_NEXT_HOP_SELF, /* our own address (RFC 4271 5.1.3) */
};

/* What few blocks have: it stands behind the octets of those. */
struct attr_rare {
	uint64_t aigp; /* RFC 7311 */
	uint32_t otc;  /* ONLY_TO_CUSTOMER (RFC 9234) */
};

struct attr_entry {
	uint32_t refs;
	uint32_t hash;
	uint32_t local_pref;
	uint32_t med;
	uint32_t neighbor_as;
	uint32_t originator_id; /* 0: absent */
	uint32_t next_hop;	/* the owner's number for it; 0: none */
	uint16_t length;
	uint16_t as_path_length;
	uint16_t cluster_list_length; /* ids */
	uint16_t mp_length;	      /* of blocks of our own: octets of MP_REACH_NLRI at the end */
	uint8_t context_class;
	uint8_t origin;
	uint8_t reject; /* enum attr_reject */
	bool has_med : 1;
	bool no_export : 1; /* a community that keeps it inside the AS */
	bool no_advertise : 1;
	bool graceful_shutdown : 1; /* community of RFC 8326 */
	bool llgr_stale : 1;	    /* communities of RFC 9494 */
	bool no_llgr : 1;
	bool has_otc : 1;
	bool has_aigp : 1;
	uint8_t bytes[]; /* `length`; then a struct attr_rare, if there is one */
};

struct attr_table {
	struct attr_entry **entries; /* by id; [0] unused */
	size_t entries_capacity;
	uint32_t entries_end; /* first id never used */
	uint32_t *free_ids;
	size_t free_count;
	size_t free_capacity;
	struct hash_index index; /* of ids */
	size_t count;
	size_t bytes;	      /* of entries */
	size_t removed_count; /* since _shrink looked for room */
	uint64_t seed;
	struct mem_account *account; /* set by the owner after _init; NULL: not counted */
};

void attr_table_init(struct attr_table *t, uint64_t seed);
void attr_table_done(struct attr_table *t);
/* Gives back what is empty at the end of its arrays, when that may be most of them. Ids stay. Only
 * when many went since it last looked; `eager`: when any did. */
void attr_table_shrink(struct attr_table *t, bool eager);
/* Octets that are looked for, as they came in this context. */
struct attr_key {
	const uint8_t *bytes;
	size_t length;
	uint32_t hash;
	uint8_t context_class;
};

/* Makes the key, and sends for the memory that finding it will touch. */
struct attr_key attr_table_key(const struct attr_table *t, const uint8_t *bytes, size_t length,
			       const struct bgp_context *context);
/* The id of the block with these octets, or 0. */
uint32_t attr_table_find(const struct attr_table *t, const struct attr_key *key);
/* Adds a block that _find did not find; it has no reference yet. `attrs` is its decoded form
 * (unused when `reject` is ATTR_MALFORMED). */
uint32_t attr_table_add(struct attr_table *t, const struct attr_key *key,
			const struct bgp_attrs *attrs, enum attr_reject reject);
/* Interns attributes that we made ourselves, in the form in which an iBGP peer would send them;
 * `as4`: 4-octet AS numbers. For families but ipv4-unicast MP_REACH_NLRI without NLRI comes last. 0
 * when they do not fit an UPDATE, or the next hop is not of the family or none that a peer would
 * take. */
uint32_t attr_table_intern(struct attr_table *t, const struct bgp_attrs *attrs,
			   enum bgp_family family, bool as4, bool *ret_is_new);
void attr_table_unref(struct attr_table *t, uint32_t id);
/* Frees the block when nobody refers to it. */
void attr_table_drop_unused(struct attr_table *t, uint32_t id);
/* Decodes the block again. The result points into the entry and into `arena`. The block was
 * accepted before, so this cannot fail. */
void attr_table_decode(const struct attr_table *t, uint32_t id, struct arena *arena,
		       struct bgp_attrs *ret_attrs);

/* All zero when the block has nothing of it. */
struct attr_rare attr_entry_rare(const struct attr_entry *entry);

static inline struct attr_entry *attr_table_entry(const struct attr_table *t, uint32_t id)
{
	return t->entries[id];
}

static inline void attr_table_ref(struct attr_table *t, uint32_t id)
{
	t->entries[id]->refs++;
}

#endif
