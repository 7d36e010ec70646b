/*
 * test_keeper: the last word counts, and what does not fit into one transaction is split.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "controller/keeper.h"

static void count_entry(void *context, const struct store_entry *entry)
{
	size_t *count = context;

	(void)entry;
	(*count)++;
}

static size_t count_of(struct store *store, const char *prefix)
{
	struct error error;
	size_t count = 0;

	assert_int_equal(store_range(store, prefix, count_entry, &count, &error), 0);
	return count;
}

static void test_last_word(void **state)
{
	struct store *store = store_memory_new();
	struct keeper keeper = { 0 };
	json_t *value = json_pack("{s:i}", "a", 1);
	struct error error;

	(void)state;
	keeper_add(&keeper, "orchestrator/x", value);
	keeper_add(&keeper, "orchestrator/y", value);
	keeper_add(&keeper, "orchestrator/x", NULL);
	assert_int_equal(keeper.count, 2);
	assert_int_equal(keeper_commit(&keeper, store, &error), 0);
	assert_int_equal(keeper.count, 0);
	assert_int_equal(count_of(store, "orchestrator/x"), 0);
	assert_int_equal(count_of(store, "orchestrator/y"), 1);
	assert_int_equal(store_revision(store), 1);
	assert_int_equal(keeper_commit(&keeper, store, &error), 0);
	assert_int_equal(store_revision(store), 1);
	json_decref(value);
	keeper_done(&keeper);
	store_free(store);
}

static void test_batches(void **state)
{
	struct store *store = store_memory_new();
	struct keeper keeper = { 0 };
	json_t *value = json_sprintf("%0*d", 20000, 0);
	struct error error;

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		char key[32];

		snprintf(key, sizeof(key), "orchestrator/%zu", i);
		keeper_add(&keeper, key, value);
	}
	/* 300 operations of 20 kB: more than 128, and more than 1 MiB */
	json_decref(value);
	value = json_pack("[i]", 1);
	keeper_add(&keeper, "orchestrator/7", value);
	assert_int_equal(keeper_commit(&keeper, store, &error), 0);
	assert_int_equal(count_of(store, "orchestrator/"), 300);
	assert_true(store_revision(store) > 3);
	json_decref(value);
	keeper_done(&keeper);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_word),
		cmocka_unit_test(test_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
