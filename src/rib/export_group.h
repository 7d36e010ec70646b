/*
 * export_group: one Adj-RIB-Out and one log of messages, shared by all peers with the same outbound
 * view.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A group has, per prefix, what its members are to hold: outgoing attributes and the peer that the
 * route came from. With ADD-PATH (RFC 7911) it has that per path: an entry has a slot, which is the
 * prefix's number without ADD-PATH, and one of a chain of the prefix's slots with it. A path can be
 * for one member alone, who then knows it by an identifier of its own (decisions/0008). Changes
 * come in batches; each batch is encoded once, into messages that have one source peer each, so
 * that "not back to where it came from" is skipping whole messages. When the best path of a prefix
 * moves from peer X to peer Y, all but Y are told the new route and Y alone is told to withdraw. An
 * entry carries the sequence number of the batch that changed it last.
 *
 * A member reads the log. One that joins is first given a walk over the Adj-RIB-Out, which joiners
 * share. One that is too slow loses its place in the log, remembers the sequence up to which it
 * heard everything, and walks over the newer entries when it can write again. While it walks,
 * withdrawn entries stay as tombstones (the owner keeps their prefixes, see export_group_oldest).
 * Who has walked goes on where the log stood when it began. So memory is bounded and the fast never
 * wait.
 *
 *   export_group.c   Adj-RIB-Out entries, batches
 *   export_paths.c   the slots of a group with ADD-PATH
 *   export_writer.c  encoding into messages
 *   export_member.c  members
 *   export_walk.c    what catches them up
 */
#ifndef RIB_EXPORT_GROUP_H
#define RIB_EXPORT_GROUP_H

#include <sys/uio.h>

#include "base/base.h"
#include "base/list.h"
#include "bgp/update.h"
#include "rib/attr_table.h"
#include "rib/export_log.h"
#include "rib/prefix_table.h"

/* A member whose unread part of the log passes this loses its place in it. */
#define EXPORT_LOG_BYTES_MAX (16u << 20)
/* What a walk has encoded ahead of the slowest of those who share it. */
#define EXPORT_WALK_BYTES_MAX (1u << 20)
#define EXPORT_WALK_STEP_BYTES (64u * 1024u)

struct adj_rib_out_entry {
	uint32_t attr;	   /* outgoing attributes, in group->attrs; 0: not announced */
	uint32_t sequence; /* of its last change; 0: there was none */
	uint16_t source;   /* peer */
};

/* With ADD-PATH: what a slot stands for. */
struct export_slot {
	uint32_t prefix; /* RIB_NONE: free */
	uint32_t path_id;
	uint32_t next; /* the prefix's next slot; the next free one */
	uint16_t only; /* the peer that it is for; 0: for all but its source */
	bool unseen;   /* in a batch: not among the prefix's paths so far */
};

/* What a path for one member alone has in its path identifier. A path may be for everybody and,
 * until everybody has heard that, for some alone: neither undoes the other. */
#define EXPORT_PATH_ID_ALONE 0x80000000u

/* A path that is to be announced with ADD-PATH. */
struct export_path {
	uint32_t prefix;
	uint32_t path; /* its number in the RIB, which becomes the path identifier */
};

struct export_withdrawal {
	uint32_t slot;
	struct export_audience to;
};

struct export_group {
	struct list node; /* for the owner's list of groups */
	void *owner_data; /* the owner's key of the group */
	const struct prefix_table *prefixes;
	bool as4;
	bool addpath;
	uint32_t message_bytes_max;
	/* A route with more data is not for the members: labels that they do not take (RFC 8277
	 * 3.2.1). Set at once after _new; all, without. */
	uint32_t data_bytes_max;
	struct attr_table attrs;	   /* outgoing */
	struct adj_rib_out_entry *entries; /* by slot; [0] unused */
	uint32_t entries_end;
	size_t entries_capacity;
	uint32_t *entry_data; /* by slot: id in prefixes->data; NULL: nothing has any */
	size_t entry_data_capacity;
	/* with ADD-PATH */
	struct export_slot *slots; /* beside entries */
	size_t slots_capacity;
	uint32_t *first_slots; /* by prefix; 0: none */
	size_t first_slots_capacity;
	uint32_t first_slots_end;
	uint32_t free_slot;
	uint32_t announced; /* entries for all but their sources */
	int32_t *not_told;  /* by peer: of these its own, less those that are for it alone */
	size_t not_told_capacity;
	uint32_t sequence;		       /* of the batch in progress, or of the last one */
	struct export_withdrawal *withdrawals; /* of the batch */
	size_t withdrawal_count;
	size_t withdrawals_capacity;
	struct export_log log;
	struct list members;	     /* struct export_member */
	struct list walks;	     /* struct export_walk */
	bool end_of_rib;	     /* joiners may be given their End-of-RIB */
	uint64_t detached_count;     /* how often a member lost its place in the log */
	uint64_t left_out_count;     /* routes that no message of this group holds */
	uint64_t walked_count;	     /* routes that walks have encoded */
	struct mem_account *account; /* of the Adj-RIB-Out; the log has its own */
	size_t log_bytes_max;	     /* EXPORT_LOG_BYTES_MAX, or what a test sets */
};

/* `addpath`: its members are told several paths of a prefix. */
struct export_group *export_group_new(const struct prefix_table *prefixes, bool as4, bool addpath,
				      uint32_t message_bytes_max, uint64_t seed);
/* At once after _new: who is charged for the Adj-RIB-Out with its attributes, and for messages that
 * wait for their readers. Without it nobody is. */
void export_group_set_accounts(struct export_group *g, struct mem_account *adj_rib_out,
			       struct mem_account *log);
/* No members may be left. NULL is harmless. */
void export_group_free(struct export_group *g);

/* One batch: _begin, any number of _announce and _withdraw, _end. Sequence numbers grow (and wrap,
 * to 1). Each prefix occurs once in a batch. What an announced route has beside its key is taken
 * from the prefix's best path. */
void export_group_begin(struct export_group *g, uint32_t sequence);
/* These prefixes are now reached with these outgoing attributes (group->attrs) from this source. */
void export_group_announce(struct export_group *g, uint32_t attr, uint16_t source,
			   const uint32_t *prefixes, size_t count);
void export_group_withdraw(struct export_group *g, const uint32_t *prefixes, size_t count);
/* With ADD-PATH, instead: the batch's prefixes are named first, then their paths, run by run of
 * the same attributes and source; _paths_end withdraws what was not among them. `only`: they are
 * for this peer, which is not their source; 0: for all but their source. */
void export_group_paths_begin(struct export_group *g, const uint32_t *prefixes, size_t count);
void export_group_announce_paths(struct export_group *g, uint32_t attr, uint16_t source,
				 uint16_t only, const struct export_path *paths, size_t count);
void export_group_paths_end(struct export_group *g, const uint32_t *prefixes, size_t count);
void export_group_end(struct export_group *g);

/* From now on joiners get an End-of-RIB; members get theirs. */
void export_group_end_of_rib(struct export_group *g);
/* Is the prefix announced to anybody, and with what? NULL when not; with ADD-PATH one of several.
 */
const struct adj_rib_out_entry *export_group_entry(const struct export_group *g, uint32_t prefix);
/* The slots of a prefix: 0 at the end. An entry without attributes is not announced. */
uint32_t export_group_first_slot(const struct export_group *g, uint32_t prefix);
uint32_t export_group_next_slot(const struct export_group *g, uint32_t slot);
/* Did something of this prefix change after `sequence`? */
bool export_group_changed_after(const struct export_group *g, uint32_t prefix, uint32_t sequence);
/* Do the members take a route with this data (an id in prefixes->data)? */
bool export_group_takes_data(const struct export_group *g, uint32_t data);
/* Is this slot's entry announced to this peer? */
bool export_slot_is_told(const struct export_group *g, uint32_t slot, uint16_t peer);
/* How many prefixes this peer is announced; with ADD-PATH, paths. */
uint32_t export_group_announced(const struct export_group *g, uint16_t peer);
/* Does somebody need tombstones? Then *ret_sequence is the oldest sequence that is needed: a prefix
 * whose entry changed after it must stay. */
bool export_group_oldest(const struct export_group *g, uint32_t *ret_sequence);
/* The table of prefixes shrank: what is past its end is given back. */
void export_group_shrink(struct export_group *g);
/* Memory is short: whoever has something unread in the log loses its place in it, as the slow do.
 */
void export_group_shed_log(struct export_group *g);
/* The prefix will be freed: forget its entries, which are not announced. */
void export_group_forget(struct export_group *g, uint32_t prefix);

/* a is later than b, in wrapping sequence numbers */
static inline bool export_sequence_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* --- between the files --- */

/* export_group.c: the entry is from now on this; returns whether that is news. _clear: it is not
 * announced any more. */
bool export_entry_set(struct export_group *g, uint32_t slot, uint32_t attr, uint16_t source,
		      uint32_t data);
void export_entry_withdraw(struct export_group *g, uint32_t slot);
/* Everybody has heard that it is withdrawn: nothing of it is left. */
void export_entry_forget(struct export_group *g, uint32_t slot);
/* Withdrawals of VPLS say the data that was announced last: RFC 4761 does not say what of an NLRI
 * names a route, and to some implementations it is the whole. It is kept until the prefix goes;
 * what was announced before that, a walk does not know. */
static inline bool export_withdraws_data(const struct export_group *g)
{
	return g->prefixes->family == BGP_VPLS;
}

/* To whom a slot's entry is told. */
struct export_audience export_slot_audience(const struct export_group *g, uint32_t slot);
/* What its route has beside its key: an id in prefixes->data. */
static inline uint32_t export_slot_data(const struct export_group *g, uint32_t slot)
{
	return g->entry_data == NULL ? 0 : g->entry_data[slot];
}

/* The NLRI of a slot, with its path identifier and this data. */
void export_slot_nlri(const struct export_group *g, uint32_t slot, uint32_t data,
		      struct bgp_nlri *ret_nlri);
/* Does a message hold any NLRI of the family beside these attributes? Given that, this one with its
 * data? */
bool export_has_room(const struct export_group *g, uint32_t attr);
bool export_fits(const struct export_group *g, uint32_t slot, uint32_t attr, uint32_t data,
		 bool has_room);
/* Room in the arrays by slot. */
void export_reserve_slots(struct export_group *g, uint32_t end);

/* export_paths.c: gives back the slots at the end that stand for nothing. */
void export_slots_shrink(struct export_group *g);
/* The slot, which is in no chain any more, may stand for something else. */
void export_slot_free(struct export_group *g, uint32_t slot);

/* export_writer.c: a message under construction whose NLRI share attributes, source and direction.
 */
struct export_writer {
	struct export_group *g;
	struct export_log *log;
	uint32_t attr; /* 0: withdrawals */
	struct export_audience to;
	bool open;
	struct writer w;
	struct bgp_update_writer update;
	uint8_t message[BGP_MESSAGE_BYTES_MAX_EXTENDED]; /* never cleared */
};

void export_writer_init(struct export_writer *x, struct export_group *g, struct export_log *log);
/* The slot's route with these attributes to its audience; its withdrawal. */
void export_writer_announce(struct export_writer *x, uint32_t slot, uint32_t attr);
void export_writer_withdraw(struct export_writer *x, uint32_t slot, struct export_audience to);
void export_writer_flush(struct export_writer *x);
#endif
