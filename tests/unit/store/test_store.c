/*
 * test_store: both backends keep etcd's contract; SQLite's file keeps it across restarts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/store.h"

struct bench {
	struct store *store;
	char directory[64];
	char path[96];
};

static int setup_memory(void **state)
{
	struct bench *bench = mem_zalloc(sizeof(*bench));

	bench->store = store_memory_new();
	*state = bench;
	return 0;
}

static int setup_sqlite(void **state)
{
	struct bench *bench = mem_zalloc(sizeof(*bench));
	struct error error;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/helio-store-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	snprintf(bench->path, sizeof(bench->path), "%s/store.db", bench->directory);
	bench->store = store_sqlite_open(bench->path, &error);
	assert_non_null(bench->store);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct bench *bench = *state;

	store_free(bench->store);
	for (size_t i = 0; bench->path[0] != '\0' && i < ARRAY_SIZE(suffixes); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", bench->path, suffixes[i]);
		unlink(path);
	}
	if (bench->directory[0] != '\0')
		rmdir(bench->directory);
	mem_free(bench);
	return 0;
}

static bool commit(struct store *store, const struct store_compare *compare,
		   const struct store_op *ops, size_t count)
{
	struct store_txn txn = {
		.compares = compare, .compare_count = compare != NULL, .ops = ops, .op_count = count
	};
	struct store_result result;
	struct error error;

	assert_int_equal(store_commit(store, &txn, &result, &error), 0);
	assert_true(result.revision == store_revision(store));
	return result.succeeded;
}

static void put(struct store *store, const char *key, const char *value)
{
	struct store_op op = {
		.kind = STORE_PUT, .key = key, .value = value, .value_bytes = strlen(value)
	};

	assert_true(commit(store, NULL, &op, 1));
}

static void print_entry(void *context, const struct store_entry *entry)
{
	buf_printf(context, "%s=%.*s(%d,%d,%d) ", entry->key, (int)entry->value_bytes,
		   entry->value_bytes != 0 ? (const char *)entry->value : "",
		   (int)entry->create_revision, (int)entry->mod_revision, (int)entry->version);
}

static void print_event(void *context, const struct store_event *event)
{
	buf_printf(context, "%d:%s%s%.*s ", (int)event->revision, event->key,
		   event->kind == STORE_PUT ? "=" : "-", (int)event->value_bytes,
		   event->value_bytes != 0 ? (const char *)event->value : "");
}

static void expect_range(struct store *store, const char *prefix, const char *expected)
{
	struct error error;
	struct buf text;

	buf_init(&text, 0);
	assert_int_equal(store_range(store, prefix, print_entry, &text, &error), 0);
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
}

static void test_revisions(void **state)
{
	struct store *store = ((struct bench *)*state)->store;
	struct store_op ops[] = {
		{ .kind = STORE_PUT, .key = "b/1", .value = "x", .value_bytes = 1 },
		{ .kind = STORE_DELETE, .key = "a/1" },
		{ .kind = STORE_DELETE, .key = "never" },
		{ .kind = STORE_PUT, .key = "a/2", .value = "", .value_bytes = 0 },
	};

	assert_int_equal(store_revision(store), 0);
	put(store, "a/1", "one");
	put(store, "a/1", "two");
	expect_range(store, "a/", "a/1=two(1,2,2) ");
	assert_true(commit(store, NULL, ops, 4));
	expect_range(store, "", "a/2=(3,3,1) b/1=x(3,3,1) ");
	expect_range(store, "a", "a/2=(3,3,1) ");
	expect_range(store, "c", "");
	assert_true(commit(store, NULL, &ops[2], 1)); /* nothing to delete: no revision */
	assert_int_equal(store_revision(store), 3);
	put(store, "a/1", "again");
	expect_range(store, "a/1", "a/1=again(4,4,1) ");
}

static void test_get(void **state)
{
	struct store *store = ((struct bench *)*state)->store;
	struct error error;
	struct buf text;
	bool found = true;

	buf_init(&text, 0);
	put(store, "key", "v");
	put(store, "key2", "v");
	assert_int_equal(store_get(store, "ke", print_entry, &text, &found, &error), 0);
	assert_false(found);
	assert_int_equal(store_get(store, "key", print_entry, &text, &found, &error), 0);
	assert_true(found);
	assert_string_equal(buf_text(&text), "key=v(1,1,1) ");
	buf_done(&text);
}

static void test_compare(void **state)
{
	static const struct {
		const char *key;
		enum store_target target;
		enum store_relation relation;
		uint64_t number;
		const char *value;
		bool holds;
	} cases[] = {
		{ "k", STORE_TARGET_MOD_REVISION, STORE_EQUAL, 2, NULL, true },
		{ "k", STORE_TARGET_MOD_REVISION, STORE_EQUAL, 1, NULL, false },
		{ "k", STORE_TARGET_MOD_REVISION, STORE_LESS, 3, NULL, true },
		{ "k", STORE_TARGET_MOD_REVISION, STORE_LESS, 2, NULL, false },
		{ "k", STORE_TARGET_CREATE_REVISION, STORE_EQUAL, 1, NULL, true },
		{ "k", STORE_TARGET_VERSION, STORE_GREATER, 1, NULL, true },
		{ "k", STORE_TARGET_VERSION, STORE_NOT_EQUAL, 2, NULL, false },
		{ "none", STORE_TARGET_VERSION, STORE_EQUAL, 0, NULL, true },
		{ "none", STORE_TARGET_VERSION, STORE_GREATER, 0, NULL, false },
		{ "k", STORE_TARGET_VALUE, STORE_EQUAL, 0, "two", true },
		{ "k", STORE_TARGET_VALUE, STORE_EQUAL, 0, "tw", false },
		{ "k", STORE_TARGET_VALUE, STORE_NOT_EQUAL, 0, "tw", true },
		{ "none", STORE_TARGET_VALUE, STORE_EQUAL, 0, "", false },
	};
	struct store *store = ((struct bench *)*state)->store;
	struct store_op op = { .kind = STORE_PUT, .key = "done", .value = "1", .value_bytes = 1 };
	struct store_op undo = { .kind = STORE_DELETE, .key = "done" };

	put(store, "k", "one");
	put(store, "k", "two");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct store_compare compare = {
			.key = cases[i].key,
			.target = cases[i].target,
			.relation = cases[i].relation,
			.number = cases[i].number,
			.value = cases[i].value,
			.value_bytes = cases[i].value != NULL ? strlen(cases[i].value) : 0,
		};
		uint64_t before = store_revision(store);

		if (commit(store, &compare, &op, 1) != cases[i].holds)
			fail_msg("case %zu", i);
		assert_int_equal(store_revision(store), before + cases[i].holds);
		commit(store, NULL, &undo, 1);
	}
}

static void test_limits(void **state)
{
	struct store *store = ((struct bench *)*state)->store;
	struct store_op ops[STORE_OPS_MAX + 1];
	char keys[STORE_OPS_MAX + 1][8];
	char *large = mem_zalloc(STORE_TXN_BYTES_MAX);
	struct store_txn txn = { .ops = ops, .op_count = STORE_OPS_MAX + 1 };
	struct store_result result;
	struct error error;

	for (size_t i = 0; i <= STORE_OPS_MAX; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%zu", i);
		ops[i] = (struct store_op){
			.kind = STORE_PUT, .key = keys[i], .value = "v", .value_bytes = 1
		};
	}
	assert_int_equal(store_commit(store, &txn, &result, &error), -1);
	assert_non_null(strstr(error.text, "at most 128"));
	txn.op_count = STORE_OPS_MAX;
	assert_int_equal(store_commit(store, &txn, &result, &error), 0);
	txn.op_count = 2;
	ops[1].key = ops[0].key;
	assert_int_equal(store_commit(store, &txn, &result, &error), -1);
	assert_non_null(strstr(error.text, "twice"));
	txn.op_count = 1;
	ops[0].value = large;
	ops[0].value_bytes = STORE_TXN_BYTES_MAX;
	assert_int_equal(store_commit(store, &txn, &result, &error), -1);
	ops[0].value_bytes = STORE_TXN_BYTES_MAX - 1;
	assert_int_equal(store_commit(store, &txn, &result, &error), 0);
	ops[0].key = "";
	assert_int_equal(store_commit(store, &txn, &result, &error), -1);
	ops[0].key = "k";
	ops[0].lease = 77;
	assert_int_equal(store_commit(store, &txn, &result, &error), -1);
	assert_non_null(strstr(error.text, "lease"));
	assert_int_equal(store_revision(store), 2);
	mem_free(large);
}

static void test_watch(void **state)
{
	struct store *store = ((struct bench *)*state)->store;
	struct store_op ops[] = {
		{ .kind = STORE_DELETE, .key = "a/1" },
		{ .kind = STORE_PUT, .key = "z", .value = "1", .value_bytes = 1 },
		{ .kind = STORE_PUT, .key = "a/2", .value = "3", .value_bytes = 1 },
	};
	struct error error;
	struct buf all, late;
	struct store_watch *one, *two;

	buf_init(&all, 0);
	buf_init(&late, 0);
	one = store_watch_new(store, "a/", 0, print_event, &all, &error);
	put(store, "a/1", "1");
	put(store, "b", "1");
	two = store_watch_new(store, "a/", 1, print_event, &late, &error);
	commit(store, NULL, ops, 3);
	assert_string_equal(buf_text(&all), "1:a/1=1 3:a/1- 3:a/2=3 ");
	assert_string_equal(buf_text(&late), "3:a/1- 3:a/2=3 ");
	store_watch_free(one);
	store_watch_free(two);
	buf_clear(&late);
	two = store_watch_new(store, "", 1, print_event, &late, &error);
	assert_string_equal(buf_text(&late), "2:b=1 3:a/1- 3:z=1 3:a/2=3 ");
	store_watch_free(two);
	assert_null(store_watch_new(store, "", 99, print_event, &late, &error));
	for (size_t i = 0; i < STORE_HISTORY_REVISIONS + 5; i++)
		put(store, "n", i % 2 == 0 ? "0" : "1");
	assert_null(store_watch_new(store, "", 3, print_event, &late, &error));
	assert_non_null(strstr(error.text, "compacted"));
	buf_done(&all);
	buf_done(&late);
}

static void test_lease(void **state)
{
	struct store *store = ((struct bench *)*state)->store;
	instant_t now = { 1000 };
	struct store_op op = { .kind = STORE_PUT, .key = "l", .value = "1", .value_bytes = 1 };
	struct error error;
	uint64_t lease, other;

	assert_int_equal(store_lease_grant(store, duration_seconds(3), &lease, &error, now), 0);
	assert_int_equal(store_lease_grant(store, duration_seconds(9), &other, &error, now), 0);
	op.lease = lease;
	commit(store, NULL, &op, 1);
	op = (struct store_op){
		.kind = STORE_PUT, .key = "o", .value = "1", .value_bytes = 1, .lease = other
	};
	commit(store, NULL, &op, 1);
	now = instant_add(now, duration_seconds(2));
	assert_int_equal(store_lease_renew(store, lease, &error, now), 0);
	now = instant_add(now, duration_ms(2999));
	assert_int_equal(store_tick(store, &error, now), 0);
	expect_range(store, "l", "l=1(1,1,1) ");
	assert_true(store_deadline(store).ns == instant_add(now, duration_ms(1)).ns);
	now = store_deadline(store);
	assert_int_equal(store_tick(store, &error, now), 0);
	expect_range(store, "", "o=1(2,2,1) ");
	assert_int_equal(store_lease_renew(store, lease, &error, now), -1);
	assert_int_equal(store_lease_revoke(store, other, &error), 0);
	expect_range(store, "", "");
	assert_true(instant_is_never(store_deadline(store)));
}

static void reopen(struct bench *bench)
{
	struct error error;

	store_free(bench->store);
	bench->store = store_sqlite_open(bench->path, &error);
	assert_non_null(bench->store);
}

static void test_restart(void **state)
{
	struct bench *bench = *state;
	struct store_op op = { .kind = STORE_PUT, .key = "l", .value = "1", .value_bytes = 1 };
	instant_t now = { 5000 };
	struct error error;
	struct buf seen;
	uint64_t lease;
	struct store_watch *watch;

	put(bench->store, "k", "1");
	assert_int_equal(store_lease_grant(bench->store, duration_seconds(2), &lease, &error, now),
			 0);
	op.lease = lease;
	commit(bench->store, NULL, &op, 1);
	reopen(bench);
	assert_int_equal(store_revision(bench->store), 2);
	expect_range(bench->store, "", "k=1(1,1,1) l=1(2,2,1) ");
	buf_init(&seen, 0);
	watch = store_watch_new(bench->store, "", 1, print_event, &seen, &error);
	assert_string_equal(buf_text(&seen), "2:l=1 ");
	store_watch_free(watch);
	buf_done(&seen);
	now = (instant_t){ 100 }; /* another boot: its whole time from the first tick on */
	assert_int_equal(store_tick(bench->store, &error, now), 0);
	expect_range(bench->store, "l", "l=1(2,2,1) ");
	assert_int_equal(store_tick(bench->store, &error, instant_add(now, duration_seconds(2))),
			 0);
	expect_range(bench->store, "l", "");
}

static void test_file(void **state)
{
	struct bench *bench = *state;
	struct error error;
	struct stat info;
	FILE *file;

	assert_int_equal(stat(bench->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_null(store_sqlite_open(bench->path, &error)); /* locked */
	assert_null(store_sqlite_open("/nonexistent/store.db", &error));
	assert_non_null(strstr(error.text, "/nonexistent/store.db"));
	store_free(bench->store);
	bench->store = NULL;
	file = fopen(bench->path, "w");
	fputs("this is no database, and longer than a header of one would be: "
	      "0123456789012345678901234567890123456789",
	      file);
	fclose(file);
	assert_null(store_sqlite_open(bench->path, &error));
	bench->store = store_memory_new();
}

#define BOTH(test)                                                     \
	cmocka_unit_test_setup_teardown(test, setup_memory, teardown), \
		cmocka_unit_test_setup_teardown(test, setup_sqlite, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_revisions),
		BOTH(test_get),
		BOTH(test_compare),
		BOTH(test_limits),
		BOTH(test_watch),
		BOTH(test_lease),
		cmocka_unit_test_setup_teardown(test_restart, setup_sqlite, teardown),
		cmocka_unit_test_setup_teardown(test_file, setup_sqlite, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
