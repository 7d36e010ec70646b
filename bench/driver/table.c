/*
 * table: what the feeders feed, and what every sink must hold in the end.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See table.h. The generated table is deterministic: a new attribute set every 6 prefixes, 4.4 AS
 * hops on average, 2 communities, /24 prefixes from 1.0.0.0 upwards.
 */
#include "table.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "wire.h"

#define PREFIXES_PER_SET 6
#define AS_REPLACEMENT 64999
#define FILE_BYTES_MAX ((size_t)1 << 30)
#define GENERATED_MESSAGE_BYTES_MAX 128

static int read_file(const char *path, struct table_stream *stream, struct error *e)
{
	FILE *file = fopen(path, "rbe");
	size_t capacity = 0, got;

	if (file == NULL)
		return error_set(e, "--table %s: %s", path, strerror(errno));
	do {
		MEM_RESERVE(stream->bytes, capacity, stream->length + (1 << 20));
		got = fread(stream->bytes + stream->length, 1, capacity - stream->length, file);
		stream->length += got;
	} while (got != 0 && stream->length < FILE_BYTES_MAX);
	fclose(file);
	if (stream->length == 0 || stream->length >= FILE_BYTES_MAX)
		return error_set(e, "--table %s: it must hold 1 byte to 1 GiB of BGP messages",
				 path);
	return 0;
}

/* The AS_PATH lengths 4, 4, 4, 5, 5 in turn are 4.4 hops on average. */
static void write_generated_set(struct writer *w, uint32_t set, uint32_t next_hop)
{
	static const uint8_t hop_counts[] = { 4, 5, 4, 5, 4 };
	uint8_t hops = hop_counts[set % ARRAY_SIZE(hop_counts)];
	uint64_t random = hash_u64(set + 1, 0x68656c696f);

	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_ORIGIN, 1, 0 }, 4);
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_AS_PATH }, 2);
	writer_u8(w, (uint8_t)(2 + 4 * hops));
	writer_u8(w, 2);
	writer_u8(w, hops);
	for (uint8_t i = 0; i < hops; i++) {
		/* The last hop is the set's own, so that no two sets are the same. */
		writer_u32(w, i + 1 == hops ? 100000 + set : 1000 + (uint32_t)(random % 50000));
		random = hash_u64(random, i);
	}
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_NEXT_HOP, 4 }, 3);
	writer_u32(w, next_hop);
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_LOCAL_PREF, 4, 0, 0, 0, 100 }, 7);
	writer_bytes(w, (const uint8_t[]){ 0xc0, WIRE_COMMUNITIES, 8 }, 3);
	writer_u32(w, 64500u << 16 | (uint32_t)(random & 0xff));
	writer_u32(w, 64501u << 16 | (uint32_t)(random >> 8 & 0xfff));
}

/* The number-th /24 from 1.0.0.0, without 10.0.0.0/8 and 127.0.0.0/8; UINT32_MAX when used up. */
static uint32_t generated_prefix(uint32_t number)
{
	uint32_t top = 1 + number / 65536;

	top += top >= 10;
	top += top >= 127;
	return top > 223 ? UINT32_MAX : top << 24 | (number % 65536) << 8;
}

static int generate(struct table_stream *stream, uint32_t first, uint32_t prefixes,
		    uint32_t next_hop, struct error *e)
{
	size_t sets = ((size_t)prefixes + PREFIXES_PER_SET - 1) / PREFIXES_PER_SET;
	struct writer w;

	if (prefixes == 0 || generated_prefix(first + prefixes - 1) == UINT32_MAX)
		return error_set(e, "--prefixes: there are 1 to 14417920 prefixes in all");
	stream->bytes = mem_alloc(sets * GENERATED_MESSAGE_BYTES_MAX);
	w = writer_of(stream->bytes, sets * GENERATED_MESSAGE_BYTES_MAX);
	for (uint32_t i = 0; i < prefixes; i += PREFIXES_PER_SET) {
		size_t message = wire_begin(&w, WIRE_UPDATE), attributes;

		writer_u16(&w, 0);
		attributes = writer_length(&w);
		writer_u16(&w, 0);
		write_generated_set(&w, (first + i) / PREFIXES_PER_SET, next_hop);
		writer_patch_u16(&w, attributes, (uint16_t)(writer_length(&w) - attributes - 2));
		for (uint32_t j = i; j < i + PREFIXES_PER_SET && j < prefixes; j++) {
			uint32_t prefix = generated_prefix(first + j);

			writer_u8(&w, 24);
			writer_u8(&w, (uint8_t)(prefix >> 24));
			writer_u16(&w, (uint16_t)(prefix >> 8));
		}
		wire_end(&w, message);
	}
	assert(!w.failed);
	stream->length = writer_length(&w);
	return 0;
}

static void overwrite_u32(struct table_stream *stream, const uint8_t *where, uint32_t value)
{
	struct writer w = writer_of(stream->bytes + (where - stream->bytes), 4);

	writer_u32(&w, value);
}

/* Puts AS_REPLACEMENT where an AS number stands for which a reflector rightly drops the route or
 * the attribute: its own (RFC 4271 9.1.2) and 0 (RFC 7607). */
static void replace_as(struct table_stream *stream, struct reader *r, uint32_t own_as)
{
	const uint8_t *where = r->next;
	uint32_t as = reader_u32(r);

	if (!r->failed && (as == own_as || as == 0))
		overwrite_u32(stream, where, AS_REPLACEMENT);
}

static void rewrite_attribute(struct table_stream *stream, const struct wire_attribute_view *view,
			      const struct table_plan *plan, uint32_t feeder)
{
	struct reader r = reader_of(view->value, view->length);

	switch (view->type) {
	case WIRE_AS_PATH:
		while (reader_left(&r) != 0) {
			uint8_t hops;

			reader_u8(&r);
			hops = reader_u8(&r);
			while (hops-- > 0 && !r.failed)
				replace_as(stream, &r, plan->own_as);
		}
		break;
	case WIRE_AGGREGATOR:
		if (view->length == 8)
			replace_as(stream, &r, plan->own_as);
		break;
	case WIRE_NEXT_HOP:
	case WIRE_ORIGINATOR_ID:
		if (view->length == 4 && plan->feeders > 1)
			overwrite_u32(stream, view->value, plan->feeder_address(feeder));
		break;
	default:
		break;
	}
}

/* Fits a stream from a file to its feeder, in place: no AS number that makes a reflector drop it;
 * with several feeders, NEXT_HOP and ORIGINATOR_ID are the feeder's. */
static void rewrite(struct table_stream *stream, const struct table_plan *plan, uint32_t feeder)
{
	struct reader r = reader_of(stream->bytes, stream->length);
	struct wire_message message;

	while (wire_next(&r, &message, NULL) == 1) {
		struct wire_attribute_view view;
		struct wire_update update;

		if (message.type != WIRE_UPDATE ||
		    wire_split_update(message.body, &update, NULL) < 0)
			continue;
		while (wire_next_attribute(&update.attributes, &view))
			rewrite_attribute(stream, &view, plan, feeder);
	}
}

static void note_announced(struct table *table, uint32_t stream, uint32_t offset, uint64_t key)
{
	uint32_t number = prefix_index_add(&table->index, key);
	struct table_origin *origin = &table->origins[number];

	*origin = (struct table_origin){ stream, offset, origin->messages + 1 };
	table->expected[number / 64] |= (uint64_t)1 << (number % 64);
}

static void note_withdrawn(struct table *table, uint64_t key)
{
	uint32_t number = prefix_index_add(&table->index, key);

	table->origins[number].messages += 2; /* it is not one that was announced once */
	table->expected[number / 64] &= ~((uint64_t)1 << (number % 64));
}

/* Replays one stream into the expected set. */
static int replay(struct table *table, uint32_t number, struct error *e)
{
	struct table_stream *stream = &table->streams[number];
	struct reader r = reader_of(stream->bytes, stream->length);
	struct wire_message message;
	int got;

	for (;;) {
		uint32_t offset = (uint32_t)reader_offset(&r);
		struct wire_update update;
		uint64_t key;

		got = wire_next(&r, &message, e);
		if (got != 1)
			break;
		if (message.type != WIRE_UPDATE)
			return error_set(e,
					 "a message of type %u at offset %u: only UPDATEs can be "
					 "fed",
					 message.type, offset);
		if (wire_split_update(message.body, &update, e) < 0)
			return error_prefix(e, "offset %u", offset);
		stream->messages++;
		while (wire_next_prefix(&update.withdrawn, &key))
			note_withdrawn(table, key);
		while (wire_next_prefix(&update.nlri, &key)) {
			note_announced(table, number, offset, key);
			stream->announced++;
		}
		if (update.withdrawn.failed || update.nlri.failed)
			return error_set(e, "a wrong prefix in the message at offset %u", offset);
	}
	if (got < 0)
		return error_prefix(e, "offset %zu", reader_offset(&r));
	if (reader_left(&r) != 0)
		return error_set(e, "the last message is cut off");
	return 0;
}

/* The prefix that a feeder of a shared table has for itself. */
static uint32_t marker_prefix(uint32_t feeder)
{
	return 198u << 24 | 18u << 16 | feeder;
}

/* When several feeders announce the same prefixes, the sinks may have all of them long before all
 * feeders are read. So each feeder ends with one prefix of its own. */
static void add_marker(struct table_stream *stream, const struct table_plan *plan, uint32_t feeder)
{
	struct writer w;
	size_t message, attributes;

	stream->bytes = mem_realloc(stream->bytes, stream->length + GENERATED_MESSAGE_BYTES_MAX);
	w = writer_of(stream->bytes + stream->length, GENERATED_MESSAGE_BYTES_MAX);
	message = wire_begin(&w, WIRE_UPDATE);
	writer_u16(&w, 0);
	attributes = writer_length(&w);
	writer_u16(&w, 0);
	write_generated_set(&w, feeder, plan->feeder_address(feeder));
	writer_patch_u16(&w, attributes, (uint16_t)(writer_length(&w) - attributes - 2));
	writer_u8(&w, 32);
	writer_u32(&w, marker_prefix(feeder));
	wire_end(&w, message);
	assert(!w.failed);
	stream->marker = (uint32_t)stream->length;
	stream->length += writer_length(&w);
}

static int make_streams(struct table *table, const struct table_plan *plan, struct error *e)
{
	for (uint32_t i = 0; i < plan->feeders; i++) {
		struct table_stream *stream = &table->streams[i];
		uint32_t address = plan->feeder_address(i);

		if (plan->file == NULL) {
			uint32_t first = plan->disjoint ? i * plan->prefixes : 0;

			if (generate(stream, first, plan->prefixes, address, e) < 0)
				return -1;
		} else if (i == 0) {
			if (read_file(plan->file, stream, e) < 0)
				return -1;
		} else {
			stream->length = table->streams[0].length;
			stream->bytes = mem_dup(table->streams[0].bytes, stream->length);
		}
	}
	for (uint32_t i = 0; plan->file != NULL && i < plan->feeders; i++)
		rewrite(&table->streams[i], plan, i);
	for (uint32_t i = 0; table->shared && i < plan->feeders; i++)
		add_marker(&table->streams[i], plan, i);
	return 0;
}

/* An upper bound of the number of different prefixes in a stream. What is wrong in it, replay
 * finds. */
static uint32_t count_prefixes(const struct table_stream *stream)
{
	struct reader r = reader_of(stream->bytes, stream->length);
	struct wire_message message;
	uint32_t count = 0;

	while (wire_next(&r, &message, NULL) == 1) {
		struct wire_update update;
		uint64_t key;

		if (message.type != WIRE_UPDATE ||
		    wire_split_update(message.body, &update, NULL) < 0)
			continue;
		while (wire_next_prefix(&update.nlri, &key))
			count++;
		while (wire_next_prefix(&update.withdrawn, &key))
			count++;
	}
	return count;
}

int table_init(struct table *table, const struct table_plan *plan, struct error *e)
{
	uint32_t capacity = plan->feeders, different = plan->feeders;

	assert(plan->feeders >= 1 && plan->feeders <= TABLE_FEEDERS_MAX);
	*table = (struct table){ .stream_count = plan->feeders };
	table->streams = mem_zalloc(plan->feeders * sizeof(*table->streams));
	table->shared = plan->feeders > 1 && (plan->file != NULL || !plan->disjoint);
	if (make_streams(table, plan, e) < 0)
		return -1;
	if (table->shared)
		different = 1;
	for (uint32_t i = 0; i < different; i++)
		capacity += count_prefixes(&table->streams[i]);
	if (capacity >= PREFIX_INDEX_COUNT_MAX)
		return error_set(e, "the table has more than %u prefixes", PREFIX_INDEX_COUNT_MAX);
	prefix_index_init(&table->index, capacity);
	table->origins = mem_zalloc(capacity * sizeof(*table->origins));
	table->expected = mem_zalloc(((size_t)capacity / 64 + 1) * sizeof(*table->expected));
	for (uint32_t i = 0; i < different; i++)
		if (replay(table, i, e) < 0)
			return plan->file == NULL ? -1 : error_prefix(e, "--table %s", plan->file);
	for (uint32_t i = different; i < plan->feeders; i++) {
		table->streams[i].messages = table->streams[0].messages;
		table->streams[i].announced = table->streams[0].announced;
		note_announced(table, i, table->streams[i].marker,
			       wire_prefix_key(marker_prefix(i), 32));
	}
	for (size_t i = 0; i < table_bitmap_words(table); i++)
		table->expected_count += (uint32_t)__builtin_popcountll(table->expected[i]);
	return 0;
}

void table_done(struct table *table)
{
	for (uint32_t i = 0; table->streams != NULL && i < table->stream_count; i++)
		mem_free(table->streams[i].bytes);
	mem_free(table->streams);
	mem_free(table->origins);
	mem_free(table->expected);
	prefix_index_done(&table->index);
}
