/*
 * export_walk: over the Adj-RIB-Out, for members that have no place in the group's log.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/export_walk.h"

#include "base/mem.h"

#define MARKS_MAX 32u

/* Where one can come into a shared walk: a step began there, and is still in its log. */
struct mark {
	uint64_t place; /* in the walk's log */
	struct export_position start;
	uint32_t began;		     /* the group's sequence then */
	struct export_cursor resume; /* where the group's log stood then */
};

struct export_walk {
	struct list node;
	struct export_group *group;
	struct export_log log;
	struct list members; /* export_member.walker.node */
	bool shared;
	struct export_position position;
	struct mark marks[MARKS_MAX]; /* a ring, the oldest at first_mark */
	size_t first_mark;
	size_t mark_count;
};

static struct export_walk *walk_new(struct export_group *g, bool shared)
{
	struct export_walk *walk = mem_zalloc(sizeof(*walk));

	walk->group = g;
	walk->shared = shared;
	walk->position.slot = 1;
	list_init(&walk->members);
	export_log_init(&walk->log);
	walk->log.account = g->log.account;
	mem_account_charge(walk->log.account, sizeof(*walk));
	list_push_back(&g->walks, &walk->node);
	return walk;
}

static struct mark *mark_at(struct export_walk *walk, size_t i)
{
	return &walk->marks[(walk->first_mark + i) % MARKS_MAX];
}

static void drop_oldest_mark(struct export_walk *walk)
{
	export_cursor_leave(&mark_at(walk, 0)->resume);
	walk->first_mark = (walk->first_mark + 1) % MARKS_MAX;
	walk->mark_count--;
}

/* Of what has left the walk's log, or the group's. */
static void drop_marks(struct export_walk *walk)
{
	while (walk->mark_count != 0) {
		const struct mark *oldest = mark_at(walk, 0);

		if (walk->log.head != NULL && oldest->place >= walk->log.head->first_message &&
		    oldest->resume.log != NULL)
			return;
		drop_oldest_mark(walk);
	}
}

static void walk_free(struct export_walk *walk)
{
	while (walk->mark_count != 0)
		drop_oldest_mark(walk);
	mem_account_release(walk->log.account, sizeof(*walk));
	export_log_done(&walk->log);
	list_remove(&walk->node);
	mem_free(walk);
}

static struct export_walk *shared_walk(struct export_group *g)
{
	LIST_FOR_EACH (node, &g->walks) {
		struct export_walk *walk = CONTAINER_OF(node, struct export_walk, node);

		if (walk->shared)
			return walk;
	}
	return walk_new(g, true);
}

/* Has a walk that is here now gone round since it was there? Where there are fewer slots than then,
 * its second end will do. */
static bool is_round(struct export_position now, struct export_position then)
{
	return now.round - then.round > 1 || (now.round - then.round == 1 && now.slot >= then.slot);
}

/* Where a joiner comes in: where it has the least to read if all that it needs is in the log, else
 * half way back: it does not drive the others on, nor is it the first to be left behind. NULL: at
 * the end. */
static const struct mark *find_mark(struct export_walk *walk)
{
	drop_marks(walk);
	for (size_t i = walk->mark_count; i-- > 0;)
		if (is_round(walk->position, mark_at(walk, i)->start))
			return mark_at(walk, i);
	return walk->mark_count == 0 ? NULL : mark_at(walk, walk->mark_count / 2);
}

void export_walk_enter(struct export_member *m)
{
	struct export_group *g = m->group;
	bool shared = m->blank || (m->full && !m->alone && m->since == g->sequence);
	struct export_walk *walk = shared ? shared_walk(g) : walk_new(g, false);
	const struct mark *mark = find_mark(walk);

	if (m->blank)
		m->since = g->sequence;
	m->blank = false;
	m->detached = false;
	m->walk = walk;
	m->walker = (struct export_walker){ .began = g->sequence, .start = walk->position };
	list_push_back(&walk->members, &m->walker.node);
	if (mark == NULL) {
		export_cursor_join(&m->cursor, &walk->log);
		export_cursor_join(&m->walker.resume, &g->log);
		return;
	}
	/* It is told what was so then, and then by the group's log what became of it. */
	m->since = m->walker.began = mark->began;
	m->walker.start = mark->start;
	m->walker.ended = is_round(walk->position, mark->start);
	m->walker.end = walk->log.message_count;
	export_cursor_join_place(&m->cursor, &walk->log, mark->place);
	export_cursor_join_at(&m->walker.resume, &mark->resume);
}

void export_walk_leave(struct export_member *m)
{
	struct export_walk *walk = m->walk;

	export_cursor_leave(&m->cursor);
	export_cursor_leave(&m->walker.resume);
	list_remove(&m->walker.node);
	m->walk = NULL;
	if (list_is_empty(&walk->members))
		walk_free(walk);
	else
		drop_marks(walk);
}

void export_walk_lose_head(struct export_group *g)
{
	const struct export_segment *head = g->log.head;

	LIST_FOR_EACH (node, &g->walks) {
		struct export_walk *walk = CONTAINER_OF(node, struct export_walk, node);

		while (g->log.head == head && walk->mark_count != 0 &&
		       export_cursor_in_head(&mark_at(walk, 0)->resume, &g->log))
			drop_oldest_mark(walk);
		LIST_FOR_EACH (walker, &walk->members) {
			struct export_walker *w = CONTAINER_OF(walker, struct export_walker, node);

			if (g->log.head == head && export_cursor_in_head(&w->resume, &g->log))
				export_cursor_leave(&w->resume);
		}
	}
}

bool export_walk_is_over(const struct export_member *m)
{
	return m->walker.ended && export_cursor_place(&m->cursor) >= m->walker.end;
}

/* For one member alone, which may hold what is gone, and what another peer announced before its own
 * route became the best. */
static void encode_news(const struct export_member *m, struct export_writer *x, uint32_t slot)
{
	const struct adj_rib_out_entry *entry = &x->g->entries[slot];
	struct export_audience to = export_slot_audience(x->g, slot);
	bool changed = export_sequence_after(entry->sequence, m->since);

	if (entry->attr == 0) {
		if (changed && entry->sequence != 0) /* 0: never announced */
			export_writer_withdraw(x, slot,
					       (struct export_audience){ .only = to.only });
		return;
	}
	if (!changed && !m->full)
		return;
	export_writer_announce(x, slot, entry->attr);
	x->g->walked_count++;
	if (changed && to.exclude != 0 && to.exclude == m->peer) {
		export_writer_flush(x);
		export_writer_withdraw(x, slot, (struct export_audience){ .only = m->peer });
		export_writer_flush(x);
	}
}

/* What changes while a shared walk is under way its readers are told by the group's log, and when
 * they have lost their place in that, by a walk of their own. */
static void encode_for_all(struct export_writer *x, uint32_t slot)
{
	if (x->g->entries[slot].attr == 0)
		return;
	export_writer_announce(x, slot, x->g->entries[slot].attr);
	x->g->walked_count++;
}

static void encode(struct export_walk *walk)
{
	const struct export_member *first =
		CONTAINER_OF(walk->members.next, struct export_member, walker.node);
	size_t bytes_max =
		walk->log.bytes + MIN(EXPORT_WALK_STEP_BYTES, walk->group->log_bytes_max / 4);
	struct export_writer x;

	export_writer_init(&x, walk->group, &walk->log);
	while (walk->position.slot < walk->group->entries_end && walk->log.bytes < bytes_max) {
		uint32_t slot = walk->position.slot++;

		if (walk->shared)
			encode_for_all(&x, slot);
		else
			encode_news(first, &x, slot);
	}
	export_writer_flush(&x);
	if (walk->position.slot >= walk->group->entries_end) {
		walk->position.slot = 1;
		walk->position.round++;
	}
}

static void note_mark(struct export_walk *walk)
{
	struct mark *mark;

	drop_marks(walk);
	if (walk->mark_count == MARKS_MAX)
		drop_oldest_mark(walk);
	mark = mark_at(walk, walk->mark_count++);
	*mark = (struct mark){ .place = walk->log.message_count,
			       .start = walk->position,
			       .began = walk->group->sequence };
	export_cursor_join(&mark->resume, &walk->group->log);
}

/* Whom the walk, with what it has encoded, has now shown everything. */
static void note_ends(struct export_walk *walk)
{
	LIST_FOR_EACH (node, &walk->members) {
		struct export_walker *w = CONTAINER_OF(node, struct export_walker, node);

		if (w->ended)
			continue;
		w->ended = is_round(walk->position, w->start);
		w->end = walk->log.message_count;
	}
}

static void detach_slow(struct export_walk *walk, const struct export_member *but)
{
	const struct export_segment *head = walk->log.head;

	LIST_FOR_EACH_SAFE (node, &walk->members) {
		struct export_member *m = CONTAINER_OF(node, struct export_member, walker.node);

		if (m == but || walk->log.head != head ||
		    !export_cursor_in_head(&m->cursor, &walk->log))
			continue;
		export_member_detach(m, m->full, m->since);
		m->alone = true;
	}
}

void export_walk_step(struct export_member *m)
{
	struct export_walk *walk = m->walk;

	assert(!m->walker.ended);
	if (walk->log.bytes > MIN(EXPORT_WALK_BYTES_MAX, walk->group->log_bytes_max))
		detach_slow(walk, m);
	if (walk->shared)
		note_mark(walk);
	encode(walk);
	note_ends(walk);
}
