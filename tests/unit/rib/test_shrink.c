/*
 * test_shrink: tables that grow and shrink in waves: what is in use keeps its number and its
 * content, what is not goes, and the accounts follow.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Against plain arrays: which keys there are, with which number, and which paths with what data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rib/attr_table.h"
#include "rib/prefix_table.h"

#define KEYS 6000u
#define PEERS 3u

struct lab {
	struct mem_account whole, prefixes, paths;
	struct prefix_table t;
	uint32_t numbers[KEYS];		/* 0: not there */
	uint32_t paths_of[KEYS][PEERS]; /* by peer - 1 */
	uint64_t random;
};

static uint32_t below(struct lab *lab, uint32_t limit)
{
	lab->random = lab->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(lab->random >> 33) % limit;
}

/* A key as the table sees it: octets. The first is the length in bits, where that matters. */
static void nlri_of(enum bgp_family family, uint32_t i, struct bgp_nlri *ret_nlri)
{
	size_t length = family == BGP_IPV4_UNICAST   ? 4
			: family == BGP_IPV6_UNICAST ? 9
			: family == BGP_IPV4_VPN     ? 12
						     : 6 + i % 60; /* of different lengths */

	ret_nlri->path_id = 0;
	ret_nlri->key_length = (uint16_t)length;
	memset(ret_nlri->key, 0x5a, length);
	ret_nlri->key[0] = (uint8_t)((length - 1) * 8);
	ret_nlri->key[length - 2] = (uint8_t)(i >> 8);
	ret_nlri->key[length - 1] = (uint8_t)i;
	ret_nlri->data_length = 3;
	ret_nlri->data[0] = ret_nlri->data[1] = 0;
	ret_nlri->data[2] = (uint8_t)(i % 50);
}

static void add(struct lab *lab, uint32_t i, uint16_t peer)
{
	struct bgp_nlri nlri;
	uint32_t path;

	nlri_of(lab->t.family, i, &nlri);
	lab->numbers[i] = prefix_table_get(&lab->t, &nlri);
	if (lab->paths_of[i][peer - 1] != 0)
		return;
	path = prefix_table_add_path(&lab->t, lab->numbers[i], peer, 0);
	lab->t.paths[path].attr = i * PEERS + peer;
	(void)prefix_table_set_path_data(&lab->t, path, &nlri);
	lab->paths_of[i][peer - 1] = path;
}

static void drop(struct lab *lab, uint32_t i, uint16_t peer)
{
	if (lab->paths_of[i][peer - 1] == 0)
		return;
	prefix_table_remove_path(&lab->t, lab->numbers[i], lab->paths_of[i][peer - 1]);
	lab->paths_of[i][peer - 1] = 0;
	if (lab->t.prefixes[lab->numbers[i]].paths != RIB_NONE)
		return;
	prefix_table_remove(&lab->t, lab->numbers[i]);
	lab->numbers[i] = 0;
}

static void check(const struct lab *lab)
{
	const struct prefix_table *t = &lab->t;
	size_t count = 0, path_count = 0;
	struct bgp_nlri nlri, back;

	for (uint32_t i = 0; i < KEYS; i++) {
		nlri_of(t->family, i, &nlri);
		assert_int_equal(prefix_table_find(t, &nlri), lab->numbers[i]);
		if (lab->numbers[i] == 0)
			continue;
		count++;
		assert_true(lab->numbers[i] < t->prefixes_end);
		prefix_table_nlri(t, lab->numbers[i], &back);
		assert_int_equal(back.key_length, nlri.key_length);
		assert_memory_equal(back.key, nlri.key, nlri.key_length);
		for (uint16_t peer = 1; peer <= PEERS; peer++) {
			uint32_t path = lab->paths_of[i][peer - 1];
			size_t length;

			assert_int_equal(prefix_table_path(t, lab->numbers[i], peer, 0), path);
			if (path == 0)
				continue;
			path_count++;
			assert_int_equal(t->paths[path].attr, i * PEERS + peer);
			if (t->data == NULL)
				continue;
			assert_memory_equal(
				route_data_bytes(t->data, prefix_table_path_data(t, path), &length),
				nlri.data, 3);
			assert_int_equal(length, 3);
		}
	}
	assert_int_equal(t->count, count);
	assert_int_equal(t->path_count, path_count);
	assert_int_equal(lab->whole.bytes, lab->prefixes.bytes + lab->paths.bytes);
}

static void begin(struct lab *lab, enum bgp_family family, uint64_t seed)
{
	memset(lab, 0, sizeof(*lab));
	lab->random = seed;
	mem_account_init(&lab->whole, "table", NULL, 0);
	mem_account_init(&lab->prefixes, "prefixes", &lab->whole, 0);
	mem_account_init(&lab->paths, "paths", &lab->whole, 0);
	prefix_table_init(&lab->t, family, seed);
	lab->t.prefix_account = &lab->prefixes;
	lab->t.path_account = &lab->paths;
}

static void end(struct lab *lab)
{
	prefix_table_done(&lab->t);
	mem_account_done(&lab->prefixes); /* each must be empty */
	mem_account_done(&lab->paths);
	mem_account_done(&lab->whole);
}

/* Waves that leave another tenth each time; between them few come and go. */
static void waves(enum bgp_family family)
{
	static struct lab lab;
	unsigned shrunk = 0;

	for (uint64_t seed = 1; seed <= 3; seed++) {
		begin(&lab, family, seed);
		for (unsigned wave = 0; wave < 6; wave++) {
			for (uint32_t i = 0; i < KEYS; i++)
				for (uint16_t peer = 1; peer <= PEERS; peer++)
					if (below(&lab, 3) != 0)
						add(&lab, i, peer);
			check(&lab);
			for (uint32_t i = 0; i < KEYS; i++)
				for (uint16_t peer = 1; peer <= PEERS; peer++)
					if (below(&lab, 10) != wave || wave == 5)
						drop(&lab, i, peer);
			shrunk += prefix_table_shrink(&lab.t, false);
			check(&lab);
			for (unsigned n = 0; n < 500; n++) {
				uint32_t i = below(&lab, KEYS);
				uint16_t peer = (uint16_t)(1 + below(&lab, PEERS));

				if (below(&lab, 2) == 0)
					add(&lab, i, peer);
				else
					drop(&lab, i, peer);
			}
			shrunk += prefix_table_shrink(&lab.t, false);
			check(&lab);
		}
		end(&lab);
	}
	assert_true(shrunk >= 3);
}

static void test_keys_in_the_record(void **state)
{
	(void)state;
	waves(BGP_IPV4_UNICAST);
}

static void test_keys_beside_it(void **state)
{
	(void)state;
	waves(BGP_IPV6_UNICAST);
}

static void test_keys_beside_it_and_data(void **state)
{
	(void)state;
	waves(BGP_IPV4_VPN);
}

static void test_keys_in_memory_of_their_own(void **state)
{
	(void)state;
	waves(BGP_IPV4_FLOWSPEC);
}

static void test_what_it_gives_back(void **state)
{
	static struct lab lab;
	size_t full, first;

	(void)state;
	begin(&lab, BGP_IPV4_UNICAST, 1);
	for (uint32_t i = 0; i < 20; i++)
		add(&lab, i, 1);
	first = lab.whole.bytes;
	for (uint32_t i = 20; i < KEYS; i++)
		add(&lab, i, 2);
	full = lab.whole.bytes;
	assert_false(prefix_table_shrink(&lab.t, false)); /* it is full */
	for (uint32_t i = 20; i < KEYS; i++)
		drop(&lab, i, 2);
	assert_int_equal(lab.paths.bytes, lab.paths.bytes_peak);
	assert_true(prefix_table_shrink(&lab.t, false));
	assert_int_equal(lab.t.prefixes_end, 21);
	assert_int_equal(lab.t.paths_end, 21);
	assert_true(lab.whole.bytes <= first + 64);
	assert_true(full > 20 * first);
	assert_false(prefix_table_shrink(&lab.t, false)); /* nothing went since */
	for (uint32_t i = 0; i < 20; i++)
		drop(&lab, i, 1);
	check(&lab);
	end(&lab);
}

/* One that stays at the end holds the arrays; what is below it is used again. */
static void test_a_number_at_the_end_stays(void **state)
{
	static struct lab lab;
	size_t full;

	(void)state;
	begin(&lab, BGP_IPV4_VPN, 1);
	for (uint32_t i = 0; i < KEYS; i++)
		add(&lab, i, 1);
	full = lab.t.paths_capacity;
	for (uint32_t i = 0; i < KEYS - 1; i++)
		drop(&lab, i, 1);
	assert_false(prefix_table_shrink(&lab.t, false));
	check(&lab);
	for (uint32_t i = 0; i < KEYS - 1; i++)
		add(&lab, i, 1);
	check(&lab);
	assert_int_equal(lab.t.paths_capacity, full);
	assert_int_equal(lab.t.prefixes_end, KEYS + 1);
	end(&lab);
}

/* It looked while a few stood at the end; these go, too few to look again but for the eager. */
static void test_the_last_few(void **state)
{
	static struct lab lab;

	(void)state;
	begin(&lab, BGP_IPV6_UNICAST, 1);
	for (uint32_t i = 0; i < KEYS; i++)
		add(&lab, i, 1);
	for (uint32_t i = 10; i < KEYS - 10; i++)
		drop(&lab, i, 1);
	assert_false(prefix_table_shrink(&lab.t, false));
	assert_false(prefix_table_may_shrink(&lab.t)); /* nothing went since */
	for (uint32_t i = KEYS - 10; i < KEYS; i++)
		drop(&lab, i, 1);
	assert_false(prefix_table_shrink(&lab.t, false));
	assert_true(prefix_table_may_shrink(&lab.t));
	assert_true(prefix_table_shrink(&lab.t, true));
	assert_int_equal(lab.t.prefixes_end, 11);
	assert_int_equal(lab.t.prefixes_capacity, 11);
	assert_false(prefix_table_may_shrink(&lab.t));
	check(&lab);
	end(&lab);
}

static uint32_t intern(struct attr_table *t, uint32_t med)
{
	const struct bgp_attrs attrs = {
		.present = UINT64_C(1) << BGP_ATTR_ORIGIN | UINT64_C(1) << BGP_ATTR_AS_PATH |
			   UINT64_C(1) << BGP_ATTR_NEXT_HOP | UINT64_C(1) << BGP_ATTR_MED,
		.med = med,
		.next_hop = ip_addr_v4(0x0a000001),
		.mp_family = BGP_FAMILY_NONE,
	};
	bool is_new;
	uint32_t id = attr_table_intern(t, &attrs, BGP_IPV4_UNICAST, true, &is_new);

	attr_table_ref(t, id);
	return id;
}

static void test_attributes(void **state)
{
	static uint32_t ids[KEYS];
	struct mem_account account;
	struct attr_table t;
	size_t first;

	(void)state;
	mem_account_init(&account, "attributes", NULL, 0);
	attr_table_init(&t, 5);
	t.account = &account;
	for (unsigned wave = 0; wave < 4; wave++) {
		for (uint32_t i = 0; i < 30; i++)
			ids[i] = intern(&t, i);
		first = account.bytes;
		for (uint32_t i = 30; i < KEYS; i++)
			ids[i] = intern(&t, i);
		for (uint32_t i = 30; i < KEYS; i++)
			attr_table_unref(&t, ids[i]);
		attr_table_shrink(&t, wave % 2 != 0);
		assert_int_equal(t.count, 30);
		if (wave == 0) {
			assert_int_equal(t.entries_end, 31);
			assert_true(account.bytes <= first + 64);
		}
		for (uint32_t i = 0; i < 30; i++) { /* found again, by the same number */
			assert_int_equal(intern(&t, i), ids[i]);
			attr_table_unref(&t, ids[i]);
			attr_table_unref(&t, ids[i]);
		}
		assert_int_equal(t.count, 0);
	}
	attr_table_done(&t);
	mem_account_done(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_in_the_record),
		cmocka_unit_test(test_keys_beside_it),
		cmocka_unit_test(test_keys_beside_it_and_data),
		cmocka_unit_test(test_keys_in_memory_of_their_own),
		cmocka_unit_test(test_what_it_gives_back),
		cmocka_unit_test(test_a_number_at_the_end_stays),
		cmocka_unit_test(test_the_last_few),
		cmocka_unit_test(test_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
