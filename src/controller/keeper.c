/*
 * keeper: what the orchestrator wants kept, gathered and then committed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/keeper.h"

#include "base/mem.h"

static void item_done(struct keeper_item *item)
{
	mem_free(item->key);
	free(item->value); /* from jansson */
}

void keeper_done(struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->count; i++)
		item_done(&keeper->items[i]);
	mem_free(keeper->items);
	*keeper = (struct keeper){ 0 };
}

void keeper_add(struct keeper *keeper, const char *key, const json_t *value)
{
	char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	for (size_t i = 0; i < keeper->count; i++) {
		if (strcmp(keeper->items[i].key, key) == 0) {
			free(keeper->items[i].value);
			keeper->items[i].value = text;
			return;
		}
	}
	MEM_RESERVE(keeper->items, keeper->capacity, keeper->count + 1);
	keeper->items[keeper->count++] =
		(struct keeper_item){ .key = mem_strdup(key), .value = text };
}

/* How many of the first items fit into one transaction. */
static size_t batch_size(const struct keeper *keeper)
{
	size_t bytes = 0, count = 0;

	while (count < keeper->count && count < STORE_OPS_MAX) {
		const struct keeper_item *item = &keeper->items[count];

		bytes += strlen(item->key) + (item->value != NULL ? strlen(item->value) : 0);
		if (bytes > STORE_TXN_BYTES_MAX && count != 0)
			break;
		count++;
	}
	return count;
}

int keeper_commit(struct keeper *keeper, struct store *store, struct error *e)
{
	struct store_op ops[STORE_OPS_MAX];
	struct store_result result;

	while (keeper->count != 0) {
		size_t count = batch_size(keeper);
		struct store_txn txn = { .ops = ops, .op_count = count };

		for (size_t i = 0; i < count; i++) {
			const char *value = keeper->items[i].value;

			ops[i] =
				(struct store_op){ .kind = value != NULL ? STORE_PUT : STORE_DELETE,
						   .key = keeper->items[i].key,
						   .value = value,
						   .value_bytes =
							   value != NULL ? strlen(value) : 0 };
		}
		if (store_commit(store, &txn, &result, e) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			item_done(&keeper->items[i]);
		keeper->count -= count;
		memmove(keeper->items, keeper->items + count,
			keeper->count * sizeof(*keeper->items));
	}
	return 0;
}
