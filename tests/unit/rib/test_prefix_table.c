/*
 * test_prefix_table: random insertions, look-ups and removals against a plain list.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rib/prefix_table.h"

#define KEYS 500u

static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % limit;
}

static struct bgp_nlri nlri_of(enum bgp_family family, uint32_t i)
{
	struct ip_addr addr = ip_addr_v4(0xc0000000u + (i << 8));
	struct ip_prefix prefix = { .addr = addr, .length = 24 };
	struct bgp_nlri nlri;

	if (family == BGP_IPV6_UNICAST) {
		prefix.addr = (struct ip_addr){ .family = IP_V6, .bytes = { 0x20, 1, 0x0d, 0xb8 } };
		prefix.addr.bytes[6] = (uint8_t)(i >> 8);
		prefix.addr.bytes[7] = (uint8_t)i;
		prefix.length = 64;
	}
	bgp_nlri_from_prefix(&prefix, &nlri);
	return nlri;
}

static void live(enum bgp_family family)
{
	uint32_t numbers[KEYS] = { 0 };
	struct prefix_table t;
	size_t count = 0;

	prefix_table_init(&t, family, 7);
	for (int round = 0; round < 20000; round++) {
		uint32_t i = below(KEYS);
		struct bgp_nlri nlri = nlri_of(family, i), back;

		assert_int_equal(prefix_table_find(&t, &nlri), numbers[i]);
		if (numbers[i] == 0) {
			numbers[i] = prefix_table_get(&t, &nlri);
			count++;
			prefix_table_nlri(&t, numbers[i], &back);
			assert_int_equal(back.key_length, nlri.key_length);
			assert_memory_equal(back.key, nlri.key, nlri.key_length);
		} else if (below(2) == 0) {
			prefix_table_remove(&t, numbers[i]);
			numbers[i] = 0;
			count--;
		} else {
			assert_int_equal(prefix_table_get(&t, &nlri), numbers[i]);
		}
		assert_int_equal(t.count, count);
	}
	prefix_table_done(&t);
}

static void test_ipv4(void **unused)
{
	(void)unused;
	state = 1;
	live(BGP_IPV4_UNICAST);
}

static void test_ipv6(void **unused)
{
	(void)unused;
	state = 2;
	live(BGP_IPV6_UNICAST);
}

/* 192.0.3.0/24 to 192.0.24.0/24 and 192.0.3.0/25, more than a batch holds, and then as one. */
static void test_both_ways_in_are_one(void **unused)
{
	uint32_t numbers[23] = { 0 };
	struct prefix_batch batch;
	uint8_t octets[23 * 5];
	struct writer w = writer_of(octets, sizeof(octets));
	struct prefix_table t;
	uint32_t n = 0;

	(void)unused;
	prefix_table_init(&t, BGP_IPV4_UNICAST, 7);
	for (uint32_t i = 3; i < 25; i++)
		writer_u32(&w, 24u << 24 | 0xc00000u | i);
	writer_u8(&w, 25);
	writer_u32(&w, 0xc0000300u);
	for (int round = 0; round < 2; round++) {
		n = 0;
		batch.rest = reader_of(octets, writer_length(&w));
		for (prefix_batch_read_ipv4(&batch, &t); batch.count != 0;
		     prefix_batch_read_ipv4(&batch, &t))
			for (size_t i = 0; i < batch.count; i++, n++) {
				uint32_t number = prefix_batch_get(&batch, i, &t);

				assert_true(round == 0 || number == numbers[n]);
				numbers[n] = number;
			}
		assert_int_equal(n, 23);
		assert_int_equal(t.count, 23);
	}
	for (uint32_t i = 3; i < 25; i++) {
		struct bgp_nlri nlri = nlri_of(BGP_IPV4_UNICAST, i);

		assert_int_equal(prefix_table_find(&t, &nlri), numbers[i - 3]);
		assert_int_not_equal(numbers[22], numbers[i - 3]);
	}
	prefix_table_done(&t);
}

/* What is no prefix ends a batch: 33 bits, an address that is cut off. */
static void test_a_batch_of_what_was_not_checked(void **unused)
{
	static const uint8_t octets[] = { 8, 10, 33, 10, 0, 0, 0, 0, 25, 192, 0, 2 };
	struct prefix_table t;
	struct prefix_batch batch;

	(void)unused;
	prefix_table_init(&t, BGP_IPV4_UNICAST, 7);
	for (size_t length = 0; length <= 8; length++) {
		batch.rest = reader_of(octets, length);
		prefix_batch_read_ipv4(&batch, &t);
		assert_int_equal(batch.count, length >= 2);
	}
	batch.rest = reader_of(octets + 8, 4);
	prefix_batch_read_ipv4(&batch, &t);
	assert_int_equal(batch.count, 0);
	prefix_table_done(&t);
}

static void test_paths(void **unused)
{
	struct bgp_nlri nlri = nlri_of(BGP_IPV4_UNICAST, 3);
	struct prefix_table t;
	uint32_t prefix, a, b, c;

	(void)unused;
	prefix_table_init(&t, BGP_IPV4_UNICAST, 7);
	prefix = prefix_table_get(&t, &nlri);
	a = prefix_table_add_path(&t, prefix, 1, 0);
	b = prefix_table_add_path(&t, prefix, 2, 0);
	c = prefix_table_add_path(&t, prefix, 2, 5);
	t.prefixes[prefix].best = b;
	assert_int_equal(prefix_table_path(&t, prefix, 1, 0), a);
	assert_int_equal(prefix_table_path(&t, prefix, 2, 5), c);
	assert_int_equal(prefix_table_path(&t, prefix, 3, 0), RIB_NONE);
	assert_int_equal(prefix_table_path_id(&t, b), 0); /* older than the first identifier */
	assert_int_equal(prefix_table_path_id(&t, c), 5);
	prefix_table_remove_path(&t, prefix, b);
	assert_int_equal(t.prefixes[prefix].best, RIB_NONE);
	assert_int_equal(prefix_table_path(&t, prefix, 2, 0), RIB_NONE);
	assert_int_equal(prefix_table_add_path(&t, prefix, 9, 0), b); /* numbers are used again */
	prefix_table_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_both_ways_in_are_one),
		cmocka_unit_test(test_a_batch_of_what_was_not_checked),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
