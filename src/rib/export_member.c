/*
 * export_member: the readers of an export group, and the walks that catch them up.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A member is in one of three states: it reads the group's log (walk NULL, not detached); it reads
 * the log of a walk; or it is detached, with at most the tail of one message to send, until it
 * writes again. A walk has a log of its own, filled as its readers ask for more, and holds the
 * place in the group's log where it began, while that place is not too far behind.
 */
#include "rib/export_group.h"

#include "base/mem.h"

struct export_walk {
	struct list node;
	struct export_group *group;
	struct export_log log;
	struct export_cursor
		resume;	   /* where the group's log stood when the walk began; in no log: lost */
	uint32_t position; /* next slot */
	uint32_t since;
	uint32_t began; /* sequence when it began */
	bool full;
	uint32_t members;
};

static struct export_walk *walk_new(struct export_group *g, bool full, uint32_t since)
{
	struct export_walk *walk = mem_zalloc(sizeof(*walk));

	walk->group = g;
	walk->position = 1;
	walk->full = full;
	walk->since = since;
	walk->began = g->sequence;
	export_log_init(&walk->log);
	walk->log.account = g->log.account;
	mem_account_charge(walk->log.account, sizeof(*walk));
	export_cursor_join(&walk->resume, &g->log);
	list_push_back(&g->walks, &walk->node);
	return walk;
}

/* The walk that a joiner may share: nothing was encoded yet. */
static struct export_walk *walk_to_share(struct export_group *g)
{
	LIST_FOR_EACH (node, &g->walks) {
		struct export_walk *walk = CONTAINER_OF(node, struct export_walk, node);

		if (walk->full && walk->position == 1 && walk->began == g->sequence &&
		    walk->resume.log != NULL && walk->since == g->sequence)
			return walk;
	}
	return NULL;
}

static void walk_enter(struct export_walk *walk, struct export_member *m)
{
	m->walk = walk;
	m->detached = false;
	walk->members++;
	export_cursor_join(&m->cursor, &walk->log);
}

static void walk_leave(struct export_member *m)
{
	struct export_walk *walk = m->walk;

	export_cursor_leave(&m->cursor);
	m->walk = NULL;
	if (--walk->members != 0)
		return;
	export_cursor_leave(&walk->resume);
	mem_account_release(walk->log.account, sizeof(*walk));
	export_log_done(&walk->log);
	list_remove(&walk->node);
	mem_free(walk);
}

/* A walk with one reader knows whose routes not to give back; in a shared one the log's `exclude`
 * does it. */
static void walk_entry(struct export_walk *walk, struct export_writer *x, uint32_t slot)
{
	const struct adj_rib_out_entry *entry = &walk->group->entries[slot];
	uint16_t only = export_slot_audience(walk->group, slot).only;
	bool changed = export_sequence_after(entry->sequence, walk->since);

	if (entry->attr == 0) {
		if (changed && entry->sequence != 0) /* 0: never announced */
			export_writer_withdraw(x, slot, (struct export_audience){ .only = only });
		return;
	}
	if (!changed && !walk->full)
		return;
	export_writer_announce(x, slot, entry->attr);
	if (changed && only == 0 && entry->source != RIB_PEER_LOCAL && walk->members == 1) {
		/* the reader may hold what another peer announced before its own route became best
		 */
		export_writer_flush(x);
		export_writer_withdraw(x, slot, (struct export_audience){ .only = entry->source });
		export_writer_flush(x);
	}
}

/* Encodes the next step of the walk. False when it is at its end. */
static bool walk_step(struct export_walk *walk)
{
	struct export_group *g = walk->group;
	size_t bytes_before = walk->log.bytes;
	struct export_writer x;

	export_writer_init(&x, g, &walk->log);
	while (walk->position < g->entries_end &&
	       walk->log.bytes - bytes_before < EXPORT_WALK_STEP_BYTES)
		walk_entry(walk, &x, walk->position++);
	export_writer_flush(&x);
	return walk->log.bytes != bytes_before;
}

static void free_rest(struct export_member *m)
{
	mem_account_release(m->group->log.account, m->rest_length);
	mem_free(m->rest);
	m->rest = NULL;
	m->rest_length = m->rest_sent = 0;
	m->rest_is_tail = false;
}

static void keep_rest(struct export_member *m, const uint8_t *bytes, size_t length)
{
	m->rest = mem_realloc(m->rest, m->rest_length + length);
	memcpy(m->rest + m->rest_length, bytes, length);
	m->rest_length += (uint32_t)length;
	mem_account_charge(m->group->log.account, length);
}

/* Takes the member out of the log that it reads; what is left of a message that it has begun stays
 * with it. */
static void detach(struct export_member *m, bool full, uint32_t since)
{
	size_t length;
	const uint8_t *rest = export_cursor_rest(&m->cursor, &length);

	if (rest != NULL) {
		assert(m->rest_length == 0);
		keep_rest(m, rest, length);
		m->rest_is_tail = true;
	}
	if (m->walk != NULL)
		walk_leave(m);
	else
		export_cursor_leave(&m->cursor);
	m->detached = true;
	m->full = full;
	m->since = since;
}

static bool in_head_segment(const struct export_cursor *cursor, const struct export_log *log)
{
	return cursor->log == log && cursor->segment != NULL && cursor->segment == log->head;
}

void export_member_detach_slow(struct export_group *g)
{
	while (g->log.bytes > g->log_bytes_max) {
		const struct export_segment *head = g->log.head;
		uint32_t since = head->first_sequence - 1;

		LIST_FOR_EACH (node, &g->walks) {
			struct export_walk *walk = CONTAINER_OF(node, struct export_walk, node);

			if (in_head_segment(&walk->resume, &g->log) && g->log.head == head)
				export_cursor_leave(&walk->resume);
		}
		LIST_FOR_EACH (node, &g->members) {
			struct export_member *m = CONTAINER_OF(node, struct export_member, node);

			if (m->walk == NULL && in_head_segment(&m->cursor, &g->log) &&
			    g->log.head == head) {
				detach(m, false, since);
				g->detached_count++;
			}
		}
		if (g->log.head == head)
			break; /* a single segment above the limit: nothing more to gain */
	}
}

static void detach_slow_walkers(struct export_walk *walk, const struct export_member *but)
{
	const struct export_segment *head = walk->log.head;

	LIST_FOR_EACH (node, &walk->group->members) {
		struct export_member *m = CONTAINER_OF(node, struct export_member, node);

		if (m != but && m->walk == walk && in_head_segment(&m->cursor, &walk->log) &&
		    walk->log.head == head)
			detach(m, walk->full, walk->since);
	}
}

void export_member_join(struct export_member *m, struct export_group *g, uint16_t peer, void *owner,
			bool wants_end_of_rib)
{
	*m = (struct export_member){ .group = g, .peer = peer, .owner = owner };
	m->wants_end_of_rib = wants_end_of_rib;
	m->end_of_rib_due = g->end_of_rib;
	m->detached = true;
	m->full = true;
	m->since = g->sequence;
	list_push_back(&g->members, &m->node);
}

void export_member_leave(struct export_member *m)
{
	if (m->group == NULL)
		return;
	if (m->walk != NULL)
		walk_leave(m);
	else
		export_cursor_leave(&m->cursor);
	list_remove(&m->node);
	free_rest(m);
	*m = (struct export_member){ 0 };
}

static void give_refresh_mark(struct export_member *m, uint8_t subtype)
{
	uint8_t message[64];
	struct writer w = writer_of(message, sizeof(message));

	bgp_refresh_encode(&w, m->group->prefixes->family, subtype);
	keep_rest(m, message, writer_length(&w));
}

void export_member_refresh(struct export_member *m, bool marked)
{
	uint32_t since = m->detached	   ? m->since
			 : m->walk != NULL ? m->walk->since
					   : m->group->sequence;

	if (m->detached && m->full && m->refreshing)
		return; /* its walk has not begun */
	if (!m->detached && m->walk == NULL && !export_cursor_at_end(&m->cursor))
		since = m->cursor.segment->first_sequence - 1;
	if (m->detached)
		m->full = true;
	else
		detach(m, true, since);
	m->refreshing = marked && !m->wants_end_of_rib;
	if (m->refreshing)
		give_refresh_mark(m, BGP_REFRESH_BEGIN);
}

static void give_end_of_rib(struct export_member *m)
{
	uint8_t message[64];
	struct writer w = writer_of(message, sizeof(message));

	m->wants_end_of_rib = false;
	bgp_end_of_rib_encode(&w, m->group->prefixes->family);
	keep_rest(m, message, writer_length(&w));
}

/* The walk is at its end: back to the group's log, or another walk over what changed meanwhile. */
static void rejoin(struct export_member *m)
{
	struct export_walk *walk = m->walk;
	uint32_t began = walk->began;
	struct export_cursor resume = { 0 };
	bool resumes = walk->resume.log != NULL;

	if (resumes)
		export_cursor_join_at(&resume, &walk->resume);
	walk_leave(m);
	if (!resumes) {
		m->detached = true;
		m->full = false;
		m->since = began;
		return;
	}
	export_cursor_join_at(&m->cursor, &resume);
	export_cursor_leave(&resume);
	export_cursor_advance(&m->cursor, m->peer, 0);
	if (m->wants_end_of_rib && m->end_of_rib_due)
		give_end_of_rib(m);
	if (m->refreshing)
		give_refresh_mark(m, BGP_REFRESH_END);
	m->refreshing = false;
}

static void start_walk(struct export_member *m)
{
	struct export_group *g = m->group;
	struct export_walk *walk = NULL;

	if (m->full && m->since == g->sequence)
		walk = walk_to_share(g);
	if (walk == NULL)
		walk = walk_new(g, m->full, m->since);
	walk_enter(walk, m);
}

/* Makes sure that the member stands before something to send, if there is anything. */
static bool prepare(struct export_member *m)
{
	for (;;) {
		if (m->rest_length != 0)
			return true;
		if (m->detached)
			start_walk(m);
		export_cursor_advance(&m->cursor, m->peer, 0);
		if (!export_cursor_at_end(&m->cursor))
			return true;
		if (m->walk == NULL)
			return false;
		if (m->walk->log.bytes > MIN(EXPORT_WALK_BYTES_MAX, m->group->log_bytes_max))
			detach_slow_walkers(m->walk, m);
		if (!walk_step(m->walk))
			rejoin(m);
	}
}

size_t export_member_output(struct export_member *m, struct iovec *vectors, size_t max,
			    size_t bytes_max)
{
	if (!prepare(m))
		return 0;
	if (m->rest_length != 0) {
		vectors[0] =
			(struct iovec){ m->rest + m->rest_sent, m->rest_length - m->rest_sent };
		return 1;
	}
	return export_cursor_output(&m->cursor, m->peer, vectors, max, bytes_max);
}

size_t export_member_wrote(struct export_member *m, size_t bytes)
{
	size_t messages = 0;

	if (m->rest_length != 0) {
		size_t taken = MIN(bytes, m->rest_length - m->rest_sent);

		m->rest_sent += (uint32_t)taken;
		bytes -= taken;
		if (m->rest_sent == m->rest_length) {
			free_rest(m);
			messages++;
		}
	}
	if (bytes != 0)
		messages += export_cursor_advance(&m->cursor, m->peer, bytes);
	return messages;
}

bool export_member_inside_message(const struct export_member *m)
{
	return m->rest_is_tail || m->rest_sent != 0 || m->cursor.sent != 0;
}

const uint8_t *export_member_rest(const struct export_member *m, size_t *ret_length)
{
	if (m->rest_length != 0) {
		*ret_length = m->rest_length - m->rest_sent;
		return m->rest + m->rest_sent;
	}
	return export_cursor_rest(&m->cursor, ret_length);
}

const uint8_t *export_member_next(struct export_member *m, size_t *ret_length)
{
	const uint8_t *message;

	if (m->rest_sent != 0) {
		free_rest(m);
	}
	if (!prepare(m))
		return NULL;
	if (m->rest_length != 0) { /* an End-of-RIB: kept until the next call */
		m->rest_sent = m->rest_length;
		*ret_length = m->rest_length;
		return m->rest;
	}
	message = export_cursor_next(&m->cursor, m->peer, ret_length);
	return message;
}

void export_member_end_of_rib(struct export_member *m)
{
	struct export_group *g = m->group;
	uint8_t message[64];
	struct writer w = writer_of(message, sizeof(message));

	m->end_of_rib_due = true;
	if (!m->wants_end_of_rib || m->walk != NULL || m->detached)
		return; /* at the end of its walk */
	m->wants_end_of_rib = false;
	bgp_end_of_rib_encode(&w, g->prefixes->family);
	export_log_append(&g->log, message, writer_length(&w),
			  (struct export_audience){ .only = m->peer }, g->sequence);
}

/* A feed has no peer number, so that one marker in the log is for all feeds that read it. */
void export_group_end_of_rib(struct export_group *g)
{
	bool told_feeds = false;

	if (g->end_of_rib)
		return;
	g->end_of_rib = true;
	LIST_FOR_EACH (node, &g->members) {
		struct export_member *m = CONTAINER_OF(node, struct export_member, node);

		if (m->peer == 0 && m->walk == NULL && !m->detached) {
			m->wants_end_of_rib = m->wants_end_of_rib && !told_feeds;
			told_feeds = true;
		}
		export_member_end_of_rib(m);
	}
}

/* What is still unread in the log counts too: a member that loses its place in it walks from there.
 */
bool export_group_oldest(const struct export_group *g, uint32_t *ret_sequence)
{
	bool any = g->log.head != NULL;

	if (any)
		*ret_sequence = g->log.head->first_sequence - 1;
	LIST_FOR_EACH (node, &g->members) {
		const struct export_member *m = CONTAINER_OF(node, struct export_member, node);
		uint32_t since = m->walk != NULL ? m->walk->since : m->since;

		if (m->walk == NULL && !m->detached)
			continue;
		if (!any || export_sequence_after(*ret_sequence, since))
			*ret_sequence = since;
		any = true;
	}
	return any;
}
