/*
 * test_hmap: against a plain array: insert, find, remove, walk.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/hmap.h"

#define THINGS 3000u

struct thing {
	struct hmap_node node;
	uint32_t key;
	bool present;
	bool seen;
};

static struct thing *find(const struct hmap *map, uint32_t key, uint64_t hash)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash, map) {
		struct thing *thing = CONTAINER_OF(node, struct thing, node);

		if (thing->key == key)
			return thing;
	}
	return NULL;
}

static void test_empty_map(void **state)
{
	struct hmap map;
	struct hmap_node *node, *next;
	unsigned count = 0;

	(void)state;
	hmap_init(&map);
	assert_null(hmap_first(&map));
	assert_null(hmap_first_with_hash(&map, 7));
	assert_int_equal(hmap_bytes(&map), 0);
	HMAP_FOR_EACH (node, &map)
		count++;
	HMAP_FOR_EACH_SAFE (node, next, &map)
		count++;
	assert_int_equal(count, 0);
	hmap_done(&map);
}

/* `bits`: of the hash that are used; few make long chains of different keys with one hash */
static void come_and_go(uint64_t bits)
{
	static struct thing things[THINGS];
	struct hmap map;
	struct hmap_node *node;
	uint64_t random = 1;
	size_t present = 0, walked = 0;

	memset(things, 0, sizeof(things));
	hmap_init(&map);
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t key = (uint32_t)(random % THINGS);
		uint64_t hash = hash_u64(key, 5) & bits;

		random = hash_u64(random, step);
		assert_ptr_equal(find(&map, key, hash), things[key].present ? &things[key] : NULL);
		if (things[key].present) {
			hmap_remove(&map, &things[key].node);
			present--;
		} else {
			things[key].key = key;
			hmap_insert(&map, &things[key].node, hash);
			present++;
		}
		things[key].present = !things[key].present;
		assert_int_equal(map.count, present);
	}
	HMAP_FOR_EACH (node, &map) {
		struct thing *thing = CONTAINER_OF(node, struct thing, node);

		assert_true(thing->present && !thing->seen);
		thing->seen = true;
		walked++;
	}
	assert_int_equal(walked, present);
	assert_int_equal(hmap_bytes(&map), (map.mask + 1) * sizeof(void *));
	hmap_done(&map);
}

static void test_come_and_go(void **state)
{
	(void)state;
	come_and_go(UINT64_MAX);
}

static void test_equal_hashes_are_different_things(void **state)
{
	(void)state;
	come_and_go(15);
}

static void test_removing_while_walking(void **state)
{
	static struct thing things[100];
	struct hmap_node *node, *next;
	struct hmap map;
	unsigned walked = 0;

	(void)state;
	hmap_init(&map);
	for (uint32_t i = 0; i < 100; i++) {
		things[i].key = i;
		hmap_insert(&map, &things[i].node, i % 7);
	}
	HMAP_FOR_EACH_SAFE (node, next, &map) {
		hmap_remove(&map, node);
		memset(node, 0xff, sizeof(*node)); /* as if it were freed */
		walked++;
	}
	assert_int_equal(walked, 100);
	assert_int_equal(map.count, 0);
	assert_null(hmap_first(&map));
	hmap_done(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_map),
		cmocka_unit_test(test_come_and_go),
		cmocka_unit_test(test_equal_hashes_are_different_things),
		cmocka_unit_test(test_removing_while_walking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
