/*
 * export_walk: over the Adj-RIB-Out, for members that have no place in the group's log.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A walk has a log of its own, filled as its readers ask for more. Those that are to be told
 * everything and to whom nothing has to be taken back (joiners, route refresh) share one, at
 * whatever time they come: it goes round, and each has been shown everything when it is again where
 * that one came in, which is where its log begins. So a thousand that come at once cost two rounds
 * of encoding, and not a thousand. Others walk alone over what is newer than what they heard, and
 * are told what is gone. Each holds the place in the group's log where that stood at the time of
 * the first that it is told, while it is not too far behind, and goes on there; a member whose
 * place was lost walks once more, over what changed meanwhile.
 */
#ifndef RIB_EXPORT_WALK_H
#define RIB_EXPORT_WALK_H

#include "rib/export_member.h"

/* The detached member is in a walk from now on. */
void export_walk_enter(struct export_member *m);
/* It is in none; its place in the group's log is given up. */
void export_walk_leave(struct export_member *m);
/* The oldest segment of the group's log goes: who would have gone on there has lost its place. */
void export_walk_lose_head(struct export_group *g);
/* Has the member, which stands between two messages, read all that it had to? */
bool export_walk_is_over(const struct export_member *m);
/* Encodes a step further, which may be nothing. Readers that are too far behind lose their place,
 * but not `m`, for whom it is. */
void export_walk_step(struct export_member *m);

#endif
