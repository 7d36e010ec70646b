/*
 * test_list: order, and nodes that take themselves out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

struct item {
	struct list node;
	int value;
};

static void check(struct list *list, const int *values, size_t count)
{
	size_t i = 0;

	LIST_FOR_EACH (node, list) {
		assert_true(i < count);
		assert_int_equal(CONTAINER_OF(node, struct item, node)->value, values[i]);
		assert_ptr_equal(node->next->prev, node);
		i++;
	}
	assert_int_equal(i, count);
	assert_int_equal(list_is_empty(list), count == 0);
}

static void test_order(void **state)
{
	struct item a = { .value = 1 }, b = { .value = 2 }, c = { .value = 3 };
	struct list list;

	(void)state;
	list_init(&list);
	check(&list, NULL, 0);
	assert_null(list_pop_front(&list));
	list_push_back(&list, &b.node);
	list_push_front(&list, &a.node);
	list_push_back(&list, &c.node);
	check(&list, (const int[]){ 1, 2, 3 }, 3);
	list_remove(&b.node);
	list_remove(&b.node); /* it is a list of its own */
	check(&list, (const int[]){ 1, 3 }, 2);
	list_insert_before(&c.node, &b.node);
	check(&list, (const int[]){ 1, 2, 3 }, 3);
	assert_ptr_equal(list_pop_front(&list), &a.node);
	assert_ptr_equal(list_pop_front(&list), &b.node);
	assert_ptr_equal(list_pop_front(&list), &c.node);
	assert_null(list_pop_front(&list));
}

static void test_removing_while_walking(void **state)
{
	struct item items[10];
	struct list list;

	(void)state;
	list_init(&list);
	for (int i = 0; i < 10; i++) {
		items[i].value = i;
		list_push_back(&list, &items[i].node);
	}
	LIST_FOR_EACH_SAFE (node, &list) {
		struct item *item = CONTAINER_OF(node, struct item, node);

		if (item->value % 2 != 0)
			continue;
		list_remove(node);
		memset(node, 0xff, sizeof(*node)); /* as if it were freed */
	}
	check(&list, (const int[]){ 1, 3, 5, 7, 9 }, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_removing_while_walking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
