/*
 * test_hash_index: random additions, look-ups and removals against a plain list, with hashes that
 * crowd in few lines.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/hash.h"
#include "rib/hash_index.h"

#define NUMBERS 2000u

struct lab {
	struct hash_index index;
	uint32_t hash_mask; /* few bits: many share a line, and a tag */
	bool there[NUMBERS];
	uint64_t random;
};

static uint32_t below(struct lab *lab, uint32_t limit)
{
	lab->random = lab->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(lab->random >> 33) % limit;
}

static uint32_t hash_of(const struct lab *lab, uint32_t number)
{
	return (uint32_t)hash_u64(number, 1) & lab->hash_mask;
}

static bool find(const struct lab *lab, uint32_t number)
{
	struct hash_probe probe = hash_index_probe(&lab->index, hash_of(lab, number));
	uint32_t got;
	unsigned times = 0;

	while ((got = hash_probe_next(&probe)) != 0) {
		assert_true(got < NUMBERS && lab->there[got]);
		times += got == number;
	}
	assert_true(times <= 1);
	return times == 1;
}

static void check(const struct lab *lab)
{
	size_t count = 0, passed = 0;

	for (uint32_t n = 1; n < NUMBERS; n++) {
		assert_int_equal(find(lab, n), lab->there[n]);
		count += lab->there[n];
	}
	assert_int_equal(lab->index.count, count);
	for (size_t i = 0; lab->index.lines != NULL && i <= lab->index.mask; i++)
		passed += lab->index.lines[i].passed;
	if (count == 0)
		assert_int_equal(passed, 0); /* a removal leaves nothing behind */
}

static void resize(struct lab *lab)
{
	hash_index_reset(&lab->index, lab->index.count);
	for (uint32_t n = 1; n < NUMBERS; n++)
		if (lab->there[n])
			hash_index_add(&lab->index, hash_of(lab, n), n);
}

static void add(struct lab *lab, uint32_t number)
{
	if (lab->there[number])
		return;
	if (hash_index_is_full(&lab->index))
		resize(lab);
	hash_index_add(&lab->index, hash_of(lab, number), number);
	lab->there[number] = true;
}

static void drop(struct lab *lab, uint32_t number)
{
	if (!lab->there[number])
		return;
	hash_index_remove(&lab->index, hash_of(lab, number), number);
	lab->there[number] = false;
}

static void live(uint32_t hash_mask)
{
	static struct lab lab;

	lab = (struct lab){ .hash_mask = hash_mask, .random = hash_mask };
	hash_index_init(&lab.index);
	check(&lab);
	for (unsigned wave = 0; wave < 4; wave++) {
		for (unsigned i = 0; i < 3000; i++)
			add(&lab, 1 + below(&lab, NUMBERS - 1));
		check(&lab);
		for (unsigned i = 0; i < 3000; i++) {
			uint32_t number = 1 + below(&lab, NUMBERS - 1);

			if (below(&lab, 3) == 0)
				add(&lab, number);
			else
				drop(&lab, number);
			assert_int_equal(find(&lab, number), lab.there[number]);
		}
		check(&lab);
		if (hash_index_is_roomy(&lab.index))
			resize(&lab);
		assert_false(hash_index_is_roomy(&lab.index));
		check(&lab);
		for (uint32_t n = 1; n < NUMBERS; n++)
			drop(&lab, n);
		check(&lab);
	}
	hash_index_done(&lab.index);
	assert_int_equal(hash_index_bytes(&lab.index), 0);
}

static void test_spread(void **state)
{
	(void)state;
	live(UINT32_MAX);
}

static void test_few_lines(void **state)
{
	(void)state;
	live(0xff000003); /* four lines, and round the end */
	live(0xff0000ff);
}

static void test_one_hash(void **state)
{
	(void)state;
	live(0);
}

/* Two lines, each of which was full once while the other had room: both are passed. */
static void test_every_line_is_passed(void **state)
{
	static struct lab lab;
	unsigned both = 0;

	(void)state;
	lab = (struct lab){ .hash_mask = 0xff000001, .random = 9 };
	hash_index_init(&lab.index);
	hash_index_reset(&lab.index, 20);
	assert_int_equal(lab.index.mask, 1);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t number = 1 + below(&lab, 40);

		if (lab.index.count < 20)
			add(&lab, number);
		else
			drop(&lab, number);
		assert_int_equal(find(&lab, number), lab.there[number]);
		assert_int_equal(lab.index.mask, 1);
		both += lab.index.lines[0].passed != 0 && lab.index.lines[1].passed != 0;
	}
	assert_true(both > 0);
	hash_index_done(&lab.index);
}

static void test_tags(void **state)
{
	(void)state;
	assert_int_equal(hash_index_tag(0), 1); /* 0 is an empty place */
	assert_int_equal(hash_index_tag(0xff123456), 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread),	 cmocka_unit_test(test_few_lines),
		cmocka_unit_test(test_one_hash), cmocka_unit_test(test_every_line_is_passed),
		cmocka_unit_test(test_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
