/*
 * export_log: an append-only log of ready BGP messages, read by cursors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/export_log.h"

#include "base/mem.h"

void export_log_init(struct export_log *log)
{
	*log = (struct export_log){ 0 };
	list_init(&log->cursors);
}

static void free_segment(struct export_log *log, struct export_segment *segment)
{
	mem_account_release(log->account, sizeof(*segment) + segment->capacity);
	mem_free(segment);
}

void export_log_done(struct export_log *log)
{
	assert(list_is_empty(&log->cursors));
	while (log->head != NULL) {
		struct export_segment *next = log->head->next;

		free_segment(log, log->head);
		log->head = next;
	}
	export_log_init(log);
}

static struct export_message *message_at(const struct export_segment *segment, uint32_t index)
{
	uint8_t *end = (uint8_t *)(uintptr_t)segment->data + segment->capacity;

	return (struct export_message *)(void *)end - 1 - index;
}

static uint32_t message_start(const struct export_segment *segment, uint32_t index)
{
	return index == 0 ? 0 : message_at(segment, index - 1)->end;
}

static void add_segment(struct export_log *log, size_t length, uint32_t sequence)
{
	size_t capacity = MAX(EXPORT_SEGMENT_BYTES,
			      (length + sizeof(struct export_message) + 7) & ~(size_t)7);
	struct export_segment *segment = mem_alloc(sizeof(*segment) + capacity);

	*segment = (struct export_segment){ .capacity = (uint32_t)capacity,
					    .first_sequence = sequence,
					    .first_message = log->message_count };
	mem_account_charge(log->account, sizeof(*segment) + capacity);
	if (log->tail != NULL) {
		log->tail->next = segment;
	} else {
		log->head = segment;
		LIST_FOR_EACH (node, &log->cursors) {
			struct export_cursor *cursor =
				CONTAINER_OF(node, struct export_cursor, node);

			cursor->segment = segment;
			cursor->message = 0;
			segment->cursors++;
		}
	}
	log->tail = segment;
}

static size_t segment_left(const struct export_segment *segment)
{
	return segment->capacity - segment->used -
	       segment->message_count * sizeof(struct export_message);
}

void export_log_append(struct export_log *log, const uint8_t *message, size_t length,
		       struct export_audience to, uint32_t sequence)
{
	struct export_segment *segment = log->tail;

	if (list_is_empty(&log->cursors))
		return; /* nobody will read it */
	if (segment == NULL || segment_left(segment) < length + sizeof(struct export_message)) {
		add_segment(log, length, sequence);
		segment = log->tail;
	}
	memcpy(segment->data + segment->used, message, length);
	segment->used += (uint32_t)length;
	*message_at(segment, segment->message_count++) = (struct export_message){
		.end = segment->used,
		.to = to,
	};
	log->bytes += length;
	log->message_count++;
	log->at_end_count = 0;
}

/* Frees what no cursor needs any more. */
static void trim(struct export_log *log)
{
	while (log->head != NULL && log->head->cursors == 0 && log->head != log->tail) {
		struct export_segment *next = log->head->next;

		log->bytes -= log->head->used;
		free_segment(log, log->head);
		log->head = next;
	}
	if (log->head != NULL && log->head == log->tail && log->at_end_count == log->cursor_count) {
		free_segment(log, log->head);
		log->head = log->tail = NULL;
		log->bytes = 0;
		LIST_FOR_EACH (node, &log->cursors)
			CONTAINER_OF(node, struct export_cursor, node)->segment = NULL;
	}
}

void export_cursor_join(struct export_cursor *cursor, struct export_log *log)
{
	*cursor = (struct export_cursor){ .log = log, .segment = log->tail };
	log->cursor_count++;
	log->at_end_count++;
	if (log->tail != NULL) {
		cursor->message = log->tail->message_count;
		log->tail->cursors++;
	}
	list_push_back(&log->cursors, &cursor->node);
}

void export_cursor_join_at(struct export_cursor *cursor, const struct export_cursor *other)
{
	assert(other->sent == 0);
	*cursor = *other;
	if (cursor->segment != NULL)
		cursor->segment->cursors++;
	cursor->log->cursor_count++;
	cursor->log->at_end_count += export_cursor_at_end(cursor);
	list_push_back(&cursor->log->cursors, &cursor->node);
}

void export_cursor_join_place(struct export_cursor *cursor, struct export_log *log, uint64_t place)
{
	struct export_cursor at = { .log = log, .segment = log->head };

	while (at.segment != NULL &&
	       place >= at.segment->first_message + at.segment->message_count &&
	       at.segment->next != NULL)
		at.segment = at.segment->next;
	if (at.segment != NULL) {
		assert(place >= at.segment->first_message);
		at.message = (uint32_t)(place - at.segment->first_message);
		assert(at.message <= at.segment->message_count);
	}
	export_cursor_join_at(cursor, &at);
}

void export_cursor_leave(struct export_cursor *cursor)
{
	struct export_log *log = cursor->log;

	if (log == NULL)
		return;
	list_remove(&cursor->node);
	log->cursor_count--;
	log->at_end_count -= export_cursor_at_end(cursor);
	if (cursor->segment != NULL)
		cursor->segment->cursors--;
	cursor->log = NULL;
	cursor->segment = NULL;
	trim(log);
}

/* Adds [start, end) of the segment to the vectors, joined to the last one where it continues it. */
static bool add_range(const struct export_segment *segment, uint32_t start, uint32_t end,
		      struct iovec *vectors, size_t max, size_t *count)
{
	uint8_t *from = (uint8_t *)(uintptr_t)segment->data + start;
	struct iovec *last = *count == 0 ? NULL : &vectors[*count - 1];

	if (last != NULL && (uint8_t *)last->iov_base + last->iov_len == from) {
		last->iov_len += end - start;
		return true;
	}
	if (*count == max)
		return false;
	vectors[(*count)++] = (struct iovec){ .iov_base = from, .iov_len = end - start };
	return true;
}

size_t export_cursor_output(const struct export_cursor *cursor, uint16_t peer,
			    struct iovec *vectors, size_t max, size_t bytes_max)
{
	uint32_t index = cursor->message;
	uint32_t sent = cursor->sent;
	size_t count = 0;
	size_t bytes = 0;

	for (const struct export_segment *s = cursor->segment; s != NULL; s = s->next, index = 0) {
		for (; index < s->message_count; index++) {
			const struct export_message *message = message_at(s, index);
			uint32_t start = message_start(s, index) + sent;

			if (sent == 0 && !export_audience_has(message->to, peer))
				continue;
			if (bytes != 0 && bytes + (message->end - start) > bytes_max)
				return count;
			if (!add_range(s, start, message->end, vectors, max, &count))
				return count;
			bytes += message->end - start;
			sent = 0;
		}
	}
	return count;
}

/* From the end of a segment to the start of the next one; the one that is left may go. */
static void step(struct export_cursor *cursor)
{
	struct export_segment *segment = cursor->segment;
	bool moved = false;

	while (cursor->message == segment->message_count && segment->next != NULL) {
		segment->cursors--;
		segment = segment->next;
		segment->cursors++;
		cursor->segment = segment;
		cursor->message = 0;
		moved = true;
	}
	if (moved)
		trim(cursor->log);
}

size_t export_cursor_advance(struct export_cursor *cursor, uint16_t peer, size_t bytes)
{
	size_t messages = 0;
	bool was_behind = false;

	if (cursor->segment == NULL) {
		assert(bytes == 0);
		return 0;
	}
	step(cursor);
	if (cursor->message < cursor->segment->message_count)
		was_behind = true;
	while (cursor->message < cursor->segment->message_count) {
		const struct export_message *message = message_at(cursor->segment, cursor->message);
		uint32_t left = message->end - message_start(cursor->segment, cursor->message) -
				cursor->sent;

		if (cursor->sent != 0 || export_audience_has(message->to, peer)) {
			if (bytes < left) {
				cursor->sent += (uint32_t)bytes;
				return messages;
			}
			bytes -= left;
			messages++;
		}
		cursor->sent = 0;
		cursor->message++;
		step(cursor);
	}
	assert(bytes == 0);
	cursor->log->at_end_count += was_behind;
	trim(cursor->log);
	return messages;
}

bool export_cursor_at_end(const struct export_cursor *cursor)
{
	const struct export_segment *segment = cursor->segment;

	return segment == NULL ||
	       (segment->next == NULL && cursor->message == segment->message_count);
}

uint64_t export_cursor_place(const struct export_cursor *cursor)
{
	if (cursor->segment == NULL)
		return cursor->log->message_count;
	return cursor->segment->first_message + cursor->message;
}

bool export_cursor_in_head(const struct export_cursor *cursor, const struct export_log *log)
{
	return cursor->log == log && cursor->segment != NULL && cursor->segment == log->head;
}

const uint8_t *export_cursor_rest(const struct export_cursor *cursor, size_t *ret_length)
{
	uint32_t start;

	if (cursor->sent == 0)
		return NULL;
	start = message_start(cursor->segment, cursor->message) + cursor->sent;
	*ret_length = message_at(cursor->segment, cursor->message)->end - start;
	return cursor->segment->data + start;
}

const uint8_t *export_cursor_next(struct export_cursor *cursor, uint16_t peer, size_t *ret_length)
{
	struct iovec vector;
	const struct export_message *message;

	export_cursor_advance(cursor, peer, 0);
	if (export_cursor_at_end(cursor))
		return NULL;
	message = message_at(cursor->segment, cursor->message);
	vector.iov_base = cursor->segment->data + message_start(cursor->segment, cursor->message);
	vector.iov_len = message->end - message_start(cursor->segment, cursor->message);
	/* The message stays in place until the cursor moves on: it is stepped over without
	 * trimming. */
	cursor->message++;
	cursor->log->at_end_count += export_cursor_at_end(cursor);
	*ret_length = vector.iov_len;
	return vector.iov_base;
}
