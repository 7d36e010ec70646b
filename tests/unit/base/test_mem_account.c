/*
 * test_mem_account: a tree of counts: what is charged below is charged above.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aborts.h"
#include "base/mem_account.h"

struct pool {
	struct mem_account whole, tables, logs, walks;
};

static void pool_init(struct pool *pool, size_t budget_bytes)
{
	mem_account_init(&pool->whole, "t1", NULL, budget_bytes);
	mem_account_init(&pool->tables, "tables", &pool->whole, 0);
	mem_account_init(&pool->logs, "logs", &pool->whole, 0);
	mem_account_init(&pool->walks, "walks", &pool->logs, 0);
}

static void pool_done(struct pool *pool)
{
	mem_account_done(&pool->walks);
	mem_account_done(&pool->tables); /* in any order below one parent */
	mem_account_done(&pool->logs);
	mem_account_done(&pool->whole);
}

static void test_what_is_below_counts_above(void **state)
{
	struct pool p;

	(void)state;
	pool_init(&p, 0);
	mem_account_charge(&p.tables, 100);
	mem_account_charge(&p.walks, 20);
	mem_account_charge(&p.logs, 3);
	assert_int_equal(p.whole.bytes, 123);
	assert_int_equal(p.tables.bytes, 100);
	assert_int_equal(p.logs.bytes, 23);
	mem_account_change(&p.tables, 100, 60);
	mem_account_change(&p.walks, 20, 50);
	mem_account_change(&p.walks, 50, 50);
	assert_int_equal(p.whole.bytes, 113);
	assert_int_equal(p.whole.bytes_peak, 123);
	assert_int_equal(p.tables.bytes_peak, 100);
	assert_int_equal(p.logs.bytes_peak, 53);
	mem_account_release(&p.tables, 60);
	mem_account_release(&p.walks, 50);
	mem_account_release(&p.logs, 3);
	assert_int_equal(p.whole.bytes, 0);
	pool_done(&p);
}

static void test_parts_in_order(void **state)
{
	struct pool p;

	(void)state;
	pool_init(&p, 0);
	assert_ptr_equal(p.whole.parts, &p.tables);
	assert_string_equal(p.whole.parts->name, "tables");
	assert_ptr_equal(p.tables.next, &p.logs);
	assert_null(p.logs.next);
	assert_ptr_equal(p.logs.parts, &p.walks);
	mem_account_done(&p.walks);
	assert_null(p.logs.parts);
	mem_account_init(&p.walks, "walks", &p.whole, 0);
	assert_ptr_equal(p.logs.next, &p.walks);
	mem_account_done(&p.logs);
	assert_ptr_equal(p.tables.next, &p.walks);
	mem_account_done(&p.walks);
	mem_account_done(&p.tables);
	mem_account_done(&p.whole);
}

static void test_budget(void **state)
{
	struct pool p;

	(void)state;
	pool_init(&p, 1000);
	mem_account_charge(&p.tables, 1000);
	assert_int_equal(mem_account_excess(&p.whole), 0);
	mem_account_charge(&p.walks, 1);
	assert_int_equal(mem_account_excess(&p.whole), 1);
	assert_int_equal(mem_account_excess(&p.tables), 0); /* it has no budget of its own */
	p.whole.budget_bytes = 0;
	assert_int_equal(mem_account_excess(&p.whole), 0);
	p.whole.budget_bytes = 1;
	assert_int_equal(mem_account_excess(&p.whole), 1000);
	mem_account_release(&p.walks, 1);
	mem_account_release(&p.tables, 1000);
	pool_done(&p);
}

static void test_arrays_are_charged_by_capacity(void **state)
{
	struct mem_account account;
	uint32_t *numbers = NULL;
	size_t capacity = 0;

	(void)state;
	mem_account_init(&account, "numbers", NULL, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		MEM_ACCOUNT_RESERVE(&account, numbers, capacity, (size_t)i + 1);
		numbers[i] = i;
		assert_int_equal(account.bytes, capacity * sizeof(*numbers));
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	MEM_ACCOUNT_FREE(&account, numbers, capacity);
	assert_null(numbers);
	assert_int_equal(capacity, 0);
	MEM_ACCOUNT_FREE(&account, numbers, capacity);
	mem_account_done(&account);
}

static void test_nobody_counts(void **state)
{
	uint8_t *bytes = NULL;
	size_t capacity = 0;

	(void)state;
	mem_account_charge(NULL, 5);
	mem_account_release(NULL, 6);
	mem_account_change(NULL, 6, 7);
	assert_int_equal(mem_account_excess(NULL), 0);
	mem_account_done(NULL);
	MEM_ACCOUNT_RESERVE((struct mem_account *)NULL, bytes, capacity, 10u);
	assert_true(capacity >= 10);
	MEM_ACCOUNT_FREE((struct mem_account *)NULL, bytes, capacity);
}

static void forget_a_byte(void)
{
	struct mem_account account;

	mem_account_init(&account, "forgotten", NULL, 0);
	mem_account_charge(&account, 1);
	mem_account_done(&account);
}

static void give_back_too_much(void)
{
	struct mem_account account;

	mem_account_init(&account, "twice", NULL, 0);
	mem_account_charge(&account, 5);
	mem_account_release(&account, 5);
	mem_account_release(&account, 5);
}

static void test_wrong_books_end_the_process(void **state)
{
	(void)state;
	assert_true(aborts(forget_a_byte));
	assert_true(aborts(give_back_too_much));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_below_counts_above),
		cmocka_unit_test(test_parts_in_order),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_arrays_are_charged_by_capacity),
		cmocka_unit_test(test_nobody_counts),
		cmocka_unit_test(test_wrong_books_end_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
