/*
 * intent: finding things in what the operators asked for.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every array of an intent is sorted by name, so each look-up is a binary search. Knows nothing of
 * where an intent comes from, or of what is made of it.
 */
#include "model/intent.h"

#include "base/mem.h"

struct intent *intent_new(void)
{
	struct intent *intent = mem_zalloc(sizeof(*intent));

	arena_init(&intent->arena, 0);
	return intent;
}

/* Private keys do not stay behind in memory that others get. */
static void wipe_secrets(struct intent *intent)
{
	for (size_t i = 0; i < intent->tenant_count; i++) {
		struct intent_tenant *t = &intent->tenants[i];

		for (size_t k = 0; k < t->connection_count; k++) {
			char *key = (char *)(uintptr_t)t->connections[k].wireguard.private_key;

			if (key != NULL)
				explicit_bzero(key, strlen(key));
		}
	}
}

void intent_free(struct intent *intent)
{
	if (intent == NULL)
		return;
	wipe_secrets(intent);
	arena_done(&intent->arena);
	mem_free(intent);
}

/* The element whose first member, a name, equals `name`; NULL when there is none. */
static const void *by_name(const void *array, size_t count, size_t element_bytes, const char *name)
{
	const char *bytes = array;
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const void *element = bytes + middle * element_bytes;
		const char *const *found = element;
		int order = strcmp(name, *found);

		if (order == 0)
			return element;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

#define BY_NAME(array, count, name) by_name((array), (count), sizeof(*(array)), (name))

const struct intent_tenant *intent_tenant_by_name(const struct intent *intent, const char *name)
{
	return BY_NAME(intent->tenants, intent->tenant_count, name);
}

const struct intent_gateway *intent_gateway_by_name(const struct intent *intent, const char *name)
{
	return BY_NAME(intent->gateways, intent->gateway_count, name);
}

const struct intent_pool *intent_pool_by_name(const struct intent *intent, const char *name)
{
	return BY_NAME(intent->pools, intent->pool_count, name);
}

const struct intent_host *intent_host_by_name(const struct intent *intent, const char *name)
{
	return BY_NAME(intent->hosts, intent->host_count, name);
}

const struct intent_connection *intent_connection_by_name(const struct intent_tenant *tenant,
							  const char *name)
{
	return BY_NAME(tenant->connections, tenant->connection_count, name);
}
