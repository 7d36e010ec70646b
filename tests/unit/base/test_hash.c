/*
 * test_hash: seeds matter, every octet matters, and values spread.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

static void test_seed_and_every_octet_matter(void **state)
{
	uint8_t bytes[300] = { 0 };
	uint64_t plain;

	(void)state;
	for (size_t length = 1; length <= sizeof(bytes); length += 13) {
		plain = hash_bytes(bytes, length, 1);
		assert_true(plain == hash_bytes(bytes, length, 1));
		assert_true(plain != hash_bytes(bytes, length, 2));
		assert_true(plain != hash_bytes(bytes, length - 1, 1));
		for (size_t i = 0; i < length; i++) {
			bytes[i] ^= 1;
			assert_true(plain != hash_bytes(bytes, length, 1));
			bytes[i] ^= 1;
		}
	}
	assert_true(hash_bytes(NULL, 0, 1) != hash_bytes(NULL, 0, 2));
	assert_true(hash_string("ab", 7) == hash_bytes("ab", 2, 7));
}

/* Keys that differ in a few high bits only (prefixes) must not meet in the low ones. */
static void test_low_bits_of_a_number_depend_on_its_high_bits(void **state)
{
	static unsigned buckets[4096];
	unsigned most = 0;

	(void)state;
	for (uint64_t i = 0; i < 65536; i++) {
		unsigned *bucket = &buckets[hash_u64(i << 40, 99) % ARRAY_SIZE(buckets)];

		(*bucket)++;
		most = *bucket > most ? *bucket : most;
	}
	assert_true(most < 48); /* 16 on average */
	assert_true(hash_u64(5, 1) != hash_u64(5, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed_and_every_octet_matter),
		cmocka_unit_test(test_low_bits_of_a_number_depend_on_its_high_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
