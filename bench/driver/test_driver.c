/*
 * test_driver: the parts of helio-bench that decide whether its figures are true.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The generated table is what it says; a sink is exact when, and only when, it holds exactly the
 * expected set, whether its octets are those of the other sinks or not; wrong attributes are found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "session.h"
#include "sinks.h"
#include "table.h"
#include "wire.h"

#define SINKS 3
#define CLUSTER_ID 0x0aff0001u

static struct table make_table(uint32_t prefixes, uint32_t feeders, bool disjoint)
{
	struct table_plan plan = { NULL, prefixes, feeders, disjoint, 65000, session_address };
	struct table table;
	struct error e;

	assert_int_equal(table_init(&table, &plan, &e), 0);
	return table;
}

static void test_generated_table(void **state)
{
	struct table table = make_table(6000, 1, false);
	struct reader r = reader_of(table.streams[0].bytes, table.streams[0].length);
	struct wire_message message;
	unsigned hops = 0;

	(void)state;
	assert_int_equal(table.expected_count, 6000);
	assert_int_equal(table.streams[0].messages, 1000);
	while (wire_next(&r, &message, NULL) == 1) {
		struct wire_attribute_view view;
		struct wire_update update;

		assert_int_equal(wire_split_update(message.body, &update, NULL), 0);
		while (wire_next_attribute(&update.attributes, &view)) {
			if (view.type == WIRE_AS_PATH)
				hops += (view.length - 2u) / 4;
			if (view.type == WIRE_COMMUNITIES)
				assert_int_equal(view.length, 8);
		}
		assert_false(update.attributes.failed);
	}
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(hops, 4400);
	table_done(&table);
}

static void test_several_feeders(void **state)
{
	struct table same = make_table(100, 3, false), own = make_table(100, 3, true);

	(void)state;
	/* Of a shared table each feeder has one prefix for itself. */
	assert_true(same.shared);
	assert_int_equal(same.expected_count, 103);
	assert_false(own.shared);
	assert_int_equal(own.expected_count, 300);
	table_done(&same);
	table_done(&own);
}

/* --- sinks at the ends of socket pairs --- */

struct bench {
	struct table table;
	struct session sessions[SINKS];
	int ends[SINKS];
	struct sinks sinks;
};

static struct bench *bench_new(uint32_t prefixes)
{
	struct bench *bench = mem_zalloc(sizeof(*bench));
	struct error e;

	bench->table = make_table(prefixes, 1, false);
	for (size_t i = 0; i < SINKS; i++) {
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		bench->sessions[i].fd = pair[0];
		bench->sessions[i].next_keepalive = INSTANT_NEVER;
		bench->ends[i] = pair[1];
	}
	assert_int_equal(sinks_start(&bench->sinks, bench->sessions, SINKS, &bench->table,
				     CLUSTER_ID, 1, &e),
			 0);
	return bench;
}

static void bench_free(struct bench *bench)
{
	for (size_t i = 0; i < SINKS; i++) {
		session_close(&bench->sessions[i]);
		close(bench->ends[i]);
	}
	sinks_done(&bench->sinks);
	table_done(&bench->table);
	mem_free(bench);
}

/* One UPDATE of the generated table as a reflector passes it on. */
static void reflect(struct writer *w, struct reader body, bool with_cluster)
{
	size_t message = wire_begin(w, WIRE_UPDATE);
	struct wire_update update;
	uint16_t added = with_cluster ? 14 : 7;

	assert_int_equal(wire_split_update(body, &update, NULL), 0);
	writer_u16(w, 0);
	writer_u16(w, (uint16_t)(reader_left(&update.attributes) + added));
	writer_bytes(w, update.attributes.next, reader_left(&update.attributes));
	writer_bytes(w, (const uint8_t[]){ 0x80, WIRE_ORIGINATOR_ID, 4 }, 3);
	writer_u32(w, session_address(0));
	if (with_cluster) {
		writer_bytes(w, (const uint8_t[]){ 0x80, WIRE_CLUSTER_LIST, 4 }, 3);
		writer_u32(w, CLUSTER_ID);
	}
	writer_bytes(w, update.nlri.next, reader_left(&update.nlri));
	wire_end(w, message);
}

/* The whole table, from message `first` on and round. Returns its length. */
static size_t reflected(const struct table *table, unsigned first, uint8_t *to, size_t capacity,
			bool with_cluster)
{
	struct writer w = writer_of(to, capacity);

	for (unsigned pass = 0; pass < 2; pass++) {
		struct reader r = reader_of(table->streams[0].bytes, table->streams[0].length);
		struct wire_message message;
		unsigned number = 0;

		while (wire_next(&r, &message, NULL) == 1)
			if ((number++ >= first) == (pass == 0))
				reflect(&w, message.body, with_cluster);
	}
	assert_false(w.failed);
	return writer_length(&w);
}

static void send_all(int fd, const uint8_t *bytes, size_t length, size_t chunk)
{
	for (size_t at = 0; at < length; at += chunk)
		assert_int_equal(send(fd, bytes + at, MIN(chunk, length - at), 0),
				 MIN(chunk, length - at));
}

static void test_sinks_become_exact(void **state)
{
	struct bench *bench = bench_new(600);
	static uint8_t stream[65536], turned[65536];
	size_t length = reflected(&bench->table, 0, stream, sizeof(stream), true);
	size_t turned_length = reflected(&bench->table, 40, turned, sizeof(turned), true);
	struct error e;

	(void)state;
	/* The same octets in other pieces, and a stream that differs from its middle on. */
	send_all(bench->ends[0], stream, length, 100);
	send_all(bench->ends[1], stream, length - 1, 4096);
	assert_int_equal(sinks_wait(&bench->sinks, duration_seconds(1), &e), -1);
	assert_non_null(strstr(e.text, "1 of 3 sinks"));
	send_all(bench->ends[1], stream + length - 1, 1, 1);
	send_all(bench->ends[2], turned, turned_length, 33);
	assert_int_equal(sinks_wait(&bench->sinks, duration_seconds(5), &e), 0);
	sinks_stop(&bench->sinks);
	assert_int_equal(bench->sinks.reader.check.failed, 0);
	assert_true(bench->sinks.reader.check.checked >= 100);
	assert_int_equal(sinks_holdings(&bench->sinks, 0)->announced, 600);
	assert_int_equal(sinks_holdings(&bench->sinks, 2)->announced, 600);
	assert_true(bench->sinks.sinks[0].own_way + bench->sinks.sinks[1].own_way +
			    bench->sinks.sinks[2].own_way >=
		    1);
	bench_free(bench);
}

static void withdraw(struct writer *w, uint64_t key)
{
	size_t message = wire_begin(w, WIRE_UPDATE);

	writer_u16(w, 4);
	writer_u8(w, 24);
	writer_u8(w, (uint8_t)(key >> 30));
	writer_u16(w, (uint16_t)(key >> 14));
	writer_u16(w, 0);
	wire_end(w, message);
}

static void test_a_withdrawal_is_noticed(void **state)
{
	struct bench *bench = bench_new(60);
	static uint8_t stream[65536], last[64];
	size_t length = reflected(&bench->table, 0, stream, sizeof(stream), true);
	struct writer w = writer_of(last, sizeof(last));
	struct error e;

	(void)state;
	for (size_t i = 0; i < SINKS; i++)
		send_all(bench->ends[i], stream, length, 1000);
	assert_int_equal(sinks_wait(&bench->sinks, duration_seconds(5), &e), 0);
	withdraw(&w, wire_prefix_key(0x01000500, 24));
	send_all(bench->ends[1], last, writer_length(&w), 64);
	for (int i = 0; i < 500 && sinks_all_exact(&bench->sinks); i++)
		usleep(10000);
	assert_false(sinks_all_exact(&bench->sinks));
	assert_int_equal(sinks_wait(&bench->sinks, duration_ms(50), &e), -1);
	assert_non_null(strstr(e.text, "2 of 3"));
	assert_non_null(strstr(e.text, "1.0.5.0/24"));
	sinks_stop(&bench->sinks);
	bench_free(bench);
}

static void test_a_stranger_is_an_error(void **state)
{
	struct bench *bench = bench_new(6);
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct error e;

	(void)state;
	withdraw(&w, wire_prefix_key(0x09090900, 24));
	send_all(bench->ends[0], bytes, writer_length(&w), 64);
	assert_int_equal(sinks_wait(&bench->sinks, duration_seconds(5), &e), -1);
	assert_non_null(strstr(e.text, "9.9.9.0/24, which no feeder announced"));
	sinks_stop(&bench->sinks);
	bench_free(bench);
}

static void test_a_missing_attribute_is_found(void **state)
{
	struct bench *bench = bench_new(6);
	static uint8_t stream[4096];
	size_t length = reflected(&bench->table, 0, stream, sizeof(stream), false);
	struct error e;

	(void)state;
	for (size_t i = 0; i < SINKS; i++)
		send_all(bench->ends[i], stream, length, 4096);
	assert_int_equal(sinks_wait(&bench->sinks, duration_seconds(5), &e), 0);
	assert_true(bench->sinks.reader.check.failed >= 1);
	assert_non_null(strstr(bench->sinks.reader.check.first_failure.text, "CLUSTER_LIST"));
	sinks_stop(&bench->sinks);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generated_table),
		cmocka_unit_test(test_several_feeders),
		cmocka_unit_test(test_sinks_become_exact),
		cmocka_unit_test(test_a_withdrawal_is_noticed),
		cmocka_unit_test(test_a_stranger_is_an_error),
		cmocka_unit_test(test_a_missing_attribute_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
