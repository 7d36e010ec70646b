/*
 * test_slab: objects are zeroed, apart, and used again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slab.h"

#define OBJECTS 5000u

static void test_objects_are_zeroed_and_apart(void **state)
{
	uint8_t *objects[OBJECTS];
	struct slab slab;

	(void)state;
	slab_init(&slab, 21);
	for (size_t i = 0; i < OBJECTS; i++) {
		objects[i] = slab_alloc(&slab);
		assert_int_equal((uintptr_t)objects[i] % 8, 0);
		for (size_t byte = 0; byte < 21; byte++)
			assert_int_equal(objects[i][byte], 0);
		memset(objects[i], (int)(i & 0xff), 21);
	}
	assert_int_equal(slab.used, OBJECTS);
	for (size_t i = 0; i < OBJECTS; i++)
		for (size_t byte = 0; byte < 21; byte++)
			assert_int_equal(objects[i][byte], i & 0xff);
	slab_done(&slab);
	assert_int_equal(slab.used, 0);
}

static void test_what_is_freed_is_used_again(void **state)
{
	struct slab slab;
	void *one, *two;

	(void)state;
	slab_init(&slab, 1); /* less than the link of the free list */
	one = slab_alloc(&slab);
	two = slab_alloc(&slab);
	assert_ptr_not_equal(one, two);
	*(uint8_t *)one = 9;
	slab_free(&slab, one);
	slab_free(&slab, NULL);
	assert_int_equal(slab.used, 1);
	assert_ptr_equal(slab_alloc(&slab), one);
	assert_int_equal(*(uint8_t *)one, 0);
	slab_free(&slab, one);
	slab_free(&slab, two);
	assert_int_equal(slab.used, 0);
	slab_done(&slab);
	slab_done(&slab);
}

/* Coming and going does not take more and more blocks. */
static void test_memory_is_bounded_by_what_is_in_use(void **state)
{
	struct slab_block *newest;
	struct slab slab;
	void *objects[100];

	(void)state;
	slab_init(&slab, 64);
	for (size_t i = 0; i < 100; i++)
		objects[i] = slab_alloc(&slab);
	newest = slab.blocks;
	for (unsigned round = 0; round < 1000; round++) {
		slab_free(&slab, objects[round % 100]);
		objects[round % 100] = slab_alloc(&slab);
	}
	assert_ptr_equal(slab.blocks, newest);
	slab_done(&slab);
}

/* Blocks are charged when they come, and released together. */
static void test_an_account_knows_the_blocks(void **state)
{
	struct mem_account account;
	struct slab slab;

	(void)state;
	mem_account_init(&account, "objects", NULL, 0);
	slab_init(&slab, 100);
	slab.account = &account;
	assert_int_equal(account.bytes, 0);
	for (unsigned round = 0; round < 2; round++) {
		size_t before = 0;

		for (size_t i = 0; i < OBJECTS; i++) {
			(void)slab_alloc(&slab);
			assert_true(account.bytes >= before && account.bytes >= (i + 1) * 100);
			before = account.bytes;
		}
		assert_int_equal(account.bytes, slab.bytes);
		/* no more than a block above what is in use */
		assert_true(account.bytes <= (size_t)OBJECTS * 104 + 65 * 1024 + 16 * 100);
		slab_done(&slab);
		assert_int_equal(account.bytes, 0);
	}
	mem_account_done(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects_are_zeroed_and_apart),
		cmocka_unit_test(test_what_is_freed_is_used_again),
		cmocka_unit_test(test_memory_is_bounded_by_what_is_in_use),
		cmocka_unit_test(test_an_account_knows_the_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
