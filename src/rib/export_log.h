/*
 * export_log: an append-only log of ready BGP messages, read by cursors.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One writer, many readers; a segment never changes where it was written, so that its octets can go
 * to a socket as they are, for every reader. A message is for all readers but the peer that it came
 * from, or for one alone. Segments are freed as soon as no cursor needs them: an idle log holds no
 * memory.
 */
#ifndef RIB_EXPORT_LOG_H
#define RIB_EXPORT_LOG_H

#include <sys/uio.h>

#include "base/base.h"
#include "base/list.h"
#include "base/mem_account.h"

#define EXPORT_SEGMENT_BYTES (64u * 1024u)

/* Who is told: one peer alone, or all but one. */
struct export_audience {
	uint16_t exclude; /* peer; 0: nobody */
	uint16_t only;	  /* peer; 0: everybody */
};

static inline bool export_audience_has(struct export_audience to, uint16_t peer)
{
	if (to.only != 0)
		return to.only == peer;
	return to.exclude == 0 || to.exclude != peer;
}

static inline bool export_audience_equal(struct export_audience a, struct export_audience b)
{
	return a.exclude == b.exclude && a.only == b.only;
}

struct export_message {
	uint32_t end; /* offset after it */
	struct export_audience to;
};

struct export_segment {
	struct export_segment *next;
	uint32_t cursors;	 /* that stand in it */
	uint32_t first_sequence; /* of its first message */
	uint64_t first_message;	 /* its place */
	uint32_t used;		 /* octets of messages, from the start of data */
	uint32_t capacity; /* octets of data: messages from the front, their struct export_message
			      from the back */
	uint32_t message_count;
	uint8_t data[] __attribute__((aligned(8)));
};

struct export_log {
	struct export_segment *head; /* NULL: empty */
	struct export_segment *tail;
	struct list cursors;
	size_t cursor_count;
	size_t at_end_count;	     /* cursors behind the last message */
	uint64_t message_count;	     /* that were ever in it */
	size_t bytes;		     /* of messages */
	struct mem_account *account; /* set by the owner after _init; NULL: not counted */
};

/* A place between two messages, or inside one that is being sent. */
struct export_cursor {
	struct list node;
	struct export_log *log;		/* NULL: in no log */
	struct export_segment *segment; /* NULL: at the end of an empty log */
	uint32_t message;		/* index of the next */
	uint32_t sent;			/* octets of it that are sent already */
};

void export_log_init(struct export_log *log);
/* No cursor may be in it. */
void export_log_done(struct export_log *log);
/* Appends a whole message. */
void export_log_append(struct export_log *log, const uint8_t *message, size_t length,
		       struct export_audience to, uint32_t sequence);

/* Puts the cursor at the end of the log. */
void export_cursor_join(struct export_cursor *cursor, struct export_log *log);
/* Puts it where `other` is, which must not be inside a message. */
void export_cursor_join_at(struct export_cursor *cursor, const struct export_cursor *other);
/* Puts it before the message with this place, which is in the log, or at the end. */
void export_cursor_join_place(struct export_cursor *cursor, struct export_log *log, uint64_t place);
void export_cursor_leave(struct export_cursor *cursor);
/* Vectors of what this peer is to be sent next: at most `max` of them and, but for the first
 * message, `bytes_max` octets. Valid until the log is appended to or a cursor moves. */
size_t export_cursor_output(const struct export_cursor *cursor, uint16_t peer,
			    struct iovec *vectors, size_t max, size_t bytes_max);
/* Steps over `bytes` octets that were sent, and over the messages after them that are not for this
 * peer. Returns how many messages were completed. */
size_t export_cursor_advance(struct export_cursor *cursor, uint16_t peer, size_t bytes);
bool export_cursor_at_end(const struct export_cursor *cursor);
/* How many messages of the log are before it. */
uint64_t export_cursor_place(const struct export_cursor *cursor);
/* Does it keep the oldest segment of this log? */
bool export_cursor_in_head(const struct export_cursor *cursor, const struct export_log *log);
/* The octets of the message that is partly sent and are not sent yet; NULL when it stands between
 * two messages. */
const uint8_t *export_cursor_rest(const struct export_cursor *cursor, size_t *ret_length);
/* One whole message for this peer, stepping over it; NULL at the end. Valid until the log is
 * appended to or a cursor moves. */
const uint8_t *export_cursor_next(struct export_cursor *cursor, uint16_t peer, size_t *ret_length);

#endif
