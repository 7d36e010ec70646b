/*
 * export_member: the readers of an export group.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/export_walk.h"

#include "base/mem.h"

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

void export_member_detach(struct export_member *m, bool full, uint32_t since)
{
	size_t length;
	const uint8_t *rest = export_cursor_rest(&m->cursor, &length);

	if (rest != NULL) {
		assert(m->rest_length == 0);
		keep_rest(m, rest, length);
		m->rest_is_tail = true;
	}
	if (m->walk != NULL)
		export_walk_leave(m);
	else
		export_cursor_leave(&m->cursor);
	m->detached = true;
	m->full = full;
	m->since = since;
}

void export_member_detach_slow(struct export_group *g)
{
	while (g->log.bytes > g->log_bytes_max) {
		const struct export_segment *head = g->log.head;
		uint32_t since = head->first_sequence - 1;

		export_walk_lose_head(g);
		LIST_FOR_EACH (node, &g->members) {
			struct export_member *m = CONTAINER_OF(node, struct export_member, node);

			if (g->log.head != head || m->walk != NULL ||
			    !export_cursor_in_head(&m->cursor, &g->log))
				continue;
			export_member_detach(m, false, since);
			g->detached_count++;
		}
		if (g->log.head == head)
			break; /* a single segment above the limit: nothing more to gain */
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
	m->blank = true;
	list_push_back(&g->members, &m->node);
}

void export_member_leave(struct export_member *m)
{
	if (m->group == NULL)
		return;
	if (m->walk != NULL)
		export_walk_leave(m);
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
	uint32_t since = m->detached || m->walk != NULL ? m->since : m->group->sequence;

	if (m->detached && m->full && m->refreshing)
		return; /* its walk has not begun */
	if (!m->detached && m->walk == NULL && !export_cursor_at_end(&m->cursor))
		since = m->cursor.segment->first_sequence - 1;
	if (m->detached)
		m->full = true;
	else
		export_member_detach(m, true, since);
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

/* The walk is over: back to the group's log, or another walk over what changed meanwhile. */
static void rejoin(struct export_member *m)
{
	struct export_cursor resume = { 0 };

	if (m->walker.resume.log == NULL) {
		export_member_detach(m, false, m->walker.began);
		return;
	}
	export_cursor_join_at(&resume, &m->walker.resume);
	export_walk_leave(m);
	export_cursor_join_at(&m->cursor, &resume);
	export_cursor_leave(&resume);
	export_cursor_advance(&m->cursor, m->peer, 0);
	m->alone = false;
	if (m->wants_end_of_rib && m->end_of_rib_due)
		give_end_of_rib(m);
	if (m->refreshing)
		give_refresh_mark(m, BGP_REFRESH_END);
	m->refreshing = false;
}

/* Makes sure that the member stands before something to send, if there is anything. */
static bool prepare(struct export_member *m)
{
	for (;;) {
		if (m->rest_length != 0)
			return true;
		if (m->detached)
			export_walk_enter(m);
		export_cursor_advance(&m->cursor, m->peer, 0);
		if (m->cursor.sent != 0)
			return true;
		if (m->walk != NULL && export_walk_is_over(m))
			rejoin(m);
		else if (!export_cursor_at_end(&m->cursor))
			return true;
		else if (m->walk == NULL)
			return false;
		else
			export_walk_step(m);
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
