/*
 * test_export_log: every reader gets what is for it, in order, however it reads; nothing is kept
 * that nobody needs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rib/export_log.h"

#define READERS 3u

static const struct export_audience EVERYBODY = { 0 };

static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % limit;
}

/* Reads up to `want` octets, checks that they continue the reader's sequence of messages for it. */
static void read_some(struct export_cursor *cursor, uint16_t peer, size_t want, uint8_t *expected,
		      size_t *at, size_t length)
{
	struct iovec vectors[4];
	size_t count = export_cursor_output(cursor, peer, vectors, ARRAY_SIZE(vectors), want);
	size_t taken = 0;

	for (size_t i = 0; i < count && taken < want; i++) {
		size_t part = MIN(vectors[i].iov_len, want - taken);

		assert_true(*at + part <= length);
		assert_memory_equal(expected + *at, vectors[i].iov_base, part);
		*at += part;
		taken += part;
	}
	export_cursor_advance(cursor, peer, taken);
}

static void test_readers(void **unused)
{
	static uint8_t expected[READERS][4 << 20];
	size_t length[READERS] = { 0 }, at[READERS] = { 0 };
	struct export_cursor cursors[READERS];
	struct export_log log;

	(void)unused;
	state = 5;
	export_log_init(&log);
	for (size_t r = 0; r < READERS; r++)
		export_cursor_join(&cursors[r], &log);
	for (int round = 0; round < 6000; round++) {
		uint8_t message[900];
		size_t bytes = 23 + below(sizeof(message) - 23);
		struct export_audience to = { .exclude = (uint16_t)below(READERS + 1) };
		size_t r = below(READERS);

		memset(message, round, bytes);
		if (below(5) == 0)
			to = (struct export_audience){ .only = (uint16_t)(1 + below(READERS)) };
		export_log_append(&log, message, bytes, to, (uint32_t)round);
		for (size_t i = 0; i < READERS; i++) {
			if (to.only != 0 ? to.only != i + 1 : to.exclude == i + 1)
				continue;
			memcpy(expected[i] + length[i], message, bytes);
			length[i] += bytes;
		}
		read_some(&cursors[r], (uint16_t)(r + 1), below(5000), expected[r], &at[r],
			  length[r]);
	}
	for (size_t r = 0; r < READERS; r++) {
		while (!export_cursor_at_end(&cursors[r]))
			read_some(&cursors[r], (uint16_t)(r + 1), 100000, expected[r], &at[r],
				  length[r]);
		assert_int_equal(at[r], length[r]);
	}
	assert_null(log.head); /* all was read: all is freed */
	assert_int_equal(log.bytes, 0);
	for (size_t r = 0; r < READERS; r++)
		export_cursor_leave(&cursors[r]);
	export_log_done(&log);
}

static void test_nobody_reads(void **unused)
{
	uint8_t message[23] = { 0 };
	struct export_log log;

	(void)unused;
	export_log_init(&log);
	export_log_append(&log, message, sizeof(message), EVERYBODY, 1);
	assert_null(log.head);
	export_log_done(&log);
}

static void test_a_joiner_sees_only_what_comes(void **unused)
{
	uint8_t first[23] = { 1 }, second[23] = { 2 };
	struct export_cursor early, late;
	const uint8_t *message;
	struct export_log log;
	size_t length;

	(void)unused;
	export_log_init(&log);
	export_cursor_join(&early, &log);
	export_log_append(&log, first, sizeof(first), EVERYBODY, 1);
	export_cursor_join(&late, &log);
	assert_null(export_cursor_next(&late, 2, &length));
	export_log_append(&log, second, sizeof(second), EVERYBODY, 2);
	message = export_cursor_next(&late, 2, &length);
	assert_non_null(message);
	assert_int_equal(message[0], 2);
	assert_int_equal(export_cursor_next(&early, 1, &length)[0], 1);
	assert_int_equal(export_cursor_next(&early, 1, &length)[0], 2);
	assert_null(export_cursor_next(&early, 1, &length));
	export_cursor_leave(&early);
	export_cursor_leave(&late);
	export_log_done(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_nobody_reads),
		cmocka_unit_test(test_a_joiner_sees_only_what_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
