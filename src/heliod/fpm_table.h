/*
 * fpm_table: what heliod has told the agent of one instance: nexthop ids and routes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 5. Each BGP next hop (a CE) has a nexthop object with an id of its
 * own; routes refer to it, and are counted: an object goes when its last route has gone. So where a
 * CE is, is one message, however many routes it has. Pure: the messages go into a buffer, where a
 * next hop leads is asked of the caller.
 */
#ifndef HELIOD_FPM_TABLE_H
#define HELIOD_FPM_TABLE_H

#include "base/bitset.h"
#include "base/buf.h"
#include "base/hmap.h"
#include "base/ip.h"
#include "base/slab.h"

/* Where a BGP next hop leads. */
struct fpm_way {
	bool skip; /* our own: the agent has it already, it gets no object and no route */
	bool blackhole;
	struct ip_addr gateway;
};

typedef struct fpm_way fpm_table_resolve_fn(const struct ip_addr *next_hop, void *arg);

struct fpm_table {
	uint32_t table_id;
	uint64_t seed;
	struct bitset *ids; /* in use, of all instances */
	fpm_table_resolve_fn *resolve;
	void *arg;
	struct hmap next_hops;
	struct hmap routes;
	struct slab route_slab;
};

/* `ids` is shared by all tables, so that no id stands for two things. */
void fpm_table_init(struct fpm_table *table, uint32_t table_id, struct bitset *ids, uint64_t seed,
		    fpm_table_resolve_fn *resolve, void *arg);
/* Forgets everything without a word, and gives the ids back. */
void fpm_table_done(struct fpm_table *table);

/* Each appends what the agent must be told, if anything. */
void fpm_table_announce(struct fpm_table *table, const struct ip_prefix *prefix,
			const struct ip_addr *next_hop, struct buf *to);
void fpm_table_withdraw(struct fpm_table *table, const struct ip_prefix *prefix, struct buf *to);
/* The next hop may lead elsewhere now. */
void fpm_table_next_hop_changed(struct fpm_table *table, const struct ip_addr *next_hop,
				struct buf *to);
/* Takes away up to `count` routes, for an instance that ends. True while there are more. */
bool fpm_table_drop(struct fpm_table *table, size_t count, struct buf *to);

#endif
