/*
 * test_heap: the smallest key first, whatever comes, moves and goes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/heap.h"

#define NODES 200u

static void check_order(const struct heap *heap)
{
	for (size_t i = 1; i <= heap->count; i++) {
		assert_int_equal(heap->nodes[i - 1]->position, i);
		if (i > 1)
			assert_true(heap->nodes[i / 2 - 1]->key <= heap->nodes[i - 1]->key);
	}
}

static void test_against_a_scan(void **state)
{
	struct heap_node nodes[NODES] = { { 0 } };
	struct heap heap;
	uint64_t random = 3;

	(void)state;
	heap_init(&heap);
	assert_null(heap_min(&heap));
	for (unsigned step = 0; step < 20000; step++) {
		struct heap_node *node = &nodes[random % NODES];
		int64_t smallest = INT64_MAX;
		size_t count = 0;

		random = hash_u64(random, step);
		if (random % 3 == 0)
			heap_remove(&heap, node);
		else
			heap_set(&heap, node, (int64_t)(random >> 40) - (1 << 23));
		for (size_t i = 0; i < NODES; i++) {
			if (nodes[i].position == 0)
				continue;
			count++;
			smallest = MIN(smallest, nodes[i].key);
		}
		assert_int_equal(heap.count, count);
		if (count == 0)
			assert_null(heap_min(&heap));
		else
			assert_true(heap_min(&heap)->key == smallest);
		if (step % 64 == 0)
			check_order(&heap);
	}
	heap_done(&heap);
}

static void test_extreme_keys_and_removing_twice(void **state)
{
	struct heap_node never = { 0 }, early = { 0 };
	struct heap heap;

	(void)state;
	heap_init(&heap);
	heap_set(&heap, &never, INT64_MAX);
	heap_set(&heap, &early, INT64_MIN);
	assert_ptr_equal(heap_min(&heap), &early);
	heap_set(&heap, &early, INT64_MAX);
	heap_remove(&heap, &early);
	heap_remove(&heap, &early);
	assert_int_equal(early.position, 0);
	assert_ptr_equal(heap_min(&heap), &never);
	heap_remove(&heap, &never);
	assert_null(heap_min(&heap));
	heap_done(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_a_scan),
		cmocka_unit_test(test_extreme_keys_and_removing_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
