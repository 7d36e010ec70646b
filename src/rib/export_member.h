/*
 * export_member: the readers of an export group.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A member reads the group's log, or the log of a walk that catches it up (export_walk.h), or it is
 * detached: it has no place, and is given a walk as soon as it can write. What is partly sent when
 * a member leaves a log stays with it, before all else.
 */
#ifndef RIB_EXPORT_MEMBER_H
#define RIB_EXPORT_MEMBER_H

#include "rib/export_group.h"

struct export_walk;

/* Where a walk is, which goes round. */
struct export_position {
	uint32_t round;
	uint32_t slot; /* the next one */
};

/* While a member walks: its share of the walk. */
struct export_walker {
	struct list node;	      /* of the walk's */
	struct export_position start; /* where it came in */
	uint32_t began;		      /* the group's sequence then */
	struct export_cursor resume;  /* where the group's log stood then; in no log: lost */
	bool ended;		      /* the walk has shown it everything, */
	uint64_t end;		      /* up to here in the walk's log */
};

/* The owner is told when there is something to send: `owner`. */
struct export_member {
	struct list node;
	struct export_group *group;
	void *owner;
	uint16_t peer;		     /* 0: a feed, for which nothing is skipped */
	struct export_cursor cursor; /* in the group's log, or in the walk's */
	struct export_walk *walk;    /* NULL: reads the group's log, or is detached */
	struct export_walker walker;
	bool detached;
	/* of the walk that it is in, or that is to come */
	bool full;	 /* over everything */
	bool alone;	 /* it was too slow for those with whom it shared one */
	uint32_t since;	 /* everything up to this sequence was heard */
	bool blank;	 /* nothing was told yet: nothing has to be taken back */
	bool refreshing; /* BoRR was given: its end is EoRR */
	bool wants_end_of_rib;
	bool end_of_rib_due; /* it may be given, once everything before it was */
	uint8_t *rest;	     /* octets to be sent before anything else: the tail of a message, an
				End-of-RIB */
	uint32_t rest_length;
	uint32_t rest_sent;
	bool rest_is_tail; /* it begins inside a message */
};

/* Joins and is given everything, then End-of-RIB if wanted. */
void export_member_join(struct export_member *m, struct export_group *g, uint16_t peer, void *owner,
			bool wants_end_of_rib);
void export_member_leave(struct export_member *m);
/* Is it being told what the others have heard already? */
static inline bool export_member_is_catching_up(const struct export_member *m)
{
	return m->detached || m->walk != NULL;
}

/* Gives the member everything once more (route refresh). `marked`: between BoRR and EoRR (RFC
 * 7313), but for one that has not had its End-of-RIB yet, which then is the mark (section 4). */
void export_member_refresh(struct export_member *m, bool marked);
/* This member gets its End-of-RIB after what it was told so far. */
void export_member_end_of_rib(struct export_member *m);
size_t export_member_output(struct export_member *m, struct iovec *vectors, size_t max,
			    size_t bytes_max);
/* Returns how many messages were completed. */
size_t export_member_wrote(struct export_member *m, size_t bytes);
/* Is a message partly sent? Then nothing else may be sent before the rest of it. */
bool export_member_inside_message(const struct export_member *m);
/* What is left of the message that is partly sent, when the member is about to leave: NULL when
 * there is none. */
const uint8_t *export_member_rest(const struct export_member *m, size_t *ret_length);
/* Reading message by message (feeds). NULL: nothing now. */
const uint8_t *export_member_next(struct export_member *m, size_t *ret_length);

/* --- between the files --- */

/* Takes the member out of the log that it reads; what is left of a message that it has begun stays
 * with it. The walk to come is over everything, or what is newer than `since`. */
void export_member_detach(struct export_member *m, bool full, uint32_t since);
/* Takes their place from readers that hold more than the group's log_bytes_max of its log. */
void export_member_detach_slow(struct export_group *g);

#endif
