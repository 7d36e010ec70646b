/*
 * Tests of bgp/large_communities.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/large_communities.h"

#include "hex.h"

#define A "000000010000000200000003"
#define B "000000010000000200000004"
#define C "ffffffff0000000000000000"
#define COUNT_MAX 5461u /* in an attribute of 65,535 octets */

static struct arena arena;

static void check(const char *list, const char *wanted)
{
	struct hex x = hex(list);
	size_t length = x.length;
	const uint8_t *got = large_communities_distinct(x.bytes, &length, &arena);

	assert_bytes_equal(got, length, wanted);
	/* what has none twice is not copied */
	assert_true((got == x.bytes) == (length == x.length));
}

static void test_rfc8092_3_each_once_in_its_first_place(void **state)
{
	(void)state;
	check(A, A);
	check(A A, A);
	check(A B C, A B C);
	check(C B A, C B A);
	check(C A C, C A);
	check(A A A B, A B);
	check(B A A, B A);
	check(C A B A C B A, C A B);
	check(B B A A C C, B A C);
}

/* Against the plain way, with few values and with many, in lists up to the longest. */
static void test_like_the_plain_way(void **state)
{
	static uint8_t list[COUNT_MAX * LARGE_COMMUNITY_BYTES], plain[sizeof(list)];
	uint32_t random = 1;

	(void)state;
	for (size_t count = 1; count <= COUNT_MAX; count = count * 3 / 2 + 1) {
		uint32_t values = count % 2 == 0 ? 1000000 : (uint32_t)count;
		size_t length = count * LARGE_COMMUNITY_BYTES, plain_length = 0;
		const uint8_t *got;

		memset(list, 0, sizeof(list));
		for (size_t i = 0; i < count; i++) {
			uint8_t *one = list + i * LARGE_COMMUNITY_BYTES;
			uint32_t value;
			size_t at = 0;

			random = random * 1664525 + 1013904223;
			value = (random >> 8) % values;
			memcpy(one + 3 * (value % 3), &value, sizeof(value));
			while (at < plain_length &&
			       memcmp(plain + at, one, LARGE_COMMUNITY_BYTES) != 0)
				at += LARGE_COMMUNITY_BYTES;
			if (at == plain_length) {
				memcpy(plain + at, one, LARGE_COMMUNITY_BYTES);
				plain_length += LARGE_COMMUNITY_BYTES;
			}
		}
		got = large_communities_distinct(list, &length, &arena);
		assert_int_equal(length, plain_length);
		assert_memory_equal(got, plain, length);
		arena_clear(&arena);
	}
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc8092_3_each_once_in_its_first_place),
		cmocka_unit_test(test_like_the_plain_way),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
