/*
 * fake_kernel: a kernel of namespaces for tests of the brain.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It checks what a kernel checks: what is made stands on things that are there, and what is removed
 * has nothing on it that would silently go with it.
 */
#include "fake_kernel.h"

#include <errno.h>

struct fake_thing *fake_kernel_find(struct fake_kernel *kernel, const struct item_key *key)
{
	for (size_t i = 0; i < kernel->count; i++) {
		if (item_key_equal(&kernel->things[i].key, key))
			return &kernel->things[i];
	}
	return NULL;
}

void fake_kernel_add(struct fake_kernel *kernel, const struct item_key *key,
		     const struct item_value *value)
{
	struct fake_thing *thing = fake_kernel_find(kernel, key);

	if (thing == NULL) {
		assert(kernel->count < FAKE_THINGS_MAX);
		thing = &kernel->things[kernel->count++];
		thing->key = *key;
	}
	thing->value = *value;
}

static void fake_kernel_drop(struct fake_kernel *kernel, const struct item_key *key)
{
	struct fake_thing *thing = fake_kernel_find(kernel, key);

	if (thing != NULL)
		*thing = kernel->things[--kernel->count];
}

size_t fake_kernel_count(const struct fake_kernel *kernel, enum item_kind kind, uint32_t place)
{
	size_t count = 0;

	for (size_t i = 0; i < kernel->count; i++) {
		if (kernel->things[i].key.kind == kind && kernel->things[i].key.place == place)
			count++;
	}
	return count;
}

static bool fake_has_device(struct fake_kernel *kernel, uint32_t place, uint32_t name)
{
	struct item_key key = { .kind = ITEM_LINK, .place = place, .name = name };

	return name == 0 || fake_kernel_find(kernel, &key) != NULL;
}

/* Would a kernel take it? */
static bool fake_is_possible(struct fake_kernel *kernel, const struct host_operation *operation)
{
	const struct item_key *key = &operation->key;
	struct item_key need = { .kind = ITEM_NAMESPACE, .place = key->place };

	if (operation->verb == HOST_REMOVE) {
		for (size_t i = 0; i < kernel->count && key->kind == ITEM_LINK; i++) {
			const struct fake_thing *thing = &kernel->things[i];

			if (thing->key.place == key->place && thing->key.kind == ITEM_NEXTHOP &&
			    thing->value.device == key->name)
				return false; /* routes would go silently */
		}
		return fake_kernel_find(kernel, key) != NULL;
	}
	if (key->kind != ITEM_NAMESPACE && key->place != ITEM_PLACE_NODE &&
	    fake_kernel_find(kernel, &need) == NULL)
		return false;
	if (key->kind == ITEM_ADDR || key->kind == ITEM_NEIGH || key->kind == ITEM_FDB)
		return fake_has_device(kernel, key->place, key->name);
	if (key->kind == ITEM_ROUTE && operation->value.number != 0) {
		need.kind = ITEM_NEXTHOP;
		need.number = operation->value.number;
		return fake_kernel_find(kernel, &need) != NULL;
	}
	return fake_has_device(kernel, key->place, operation->value.device);
}

static void fake_do(struct fake_kernel *kernel, const struct host_operation *operation)
{
	struct item_key from = operation->key, loopback = { .kind = ITEM_LINK };
	struct item_value value = operation->value;

	if (operation->verb == HOST_REMOVE) {
		fake_kernel_drop(kernel, &operation->key);
		return;
	}
	if (operation->verb == HOST_MOVE) {
		from.place = operation->from_place;
		fake_kernel_drop(kernel, &from);
		value.up = false;
	}
	fake_kernel_add(kernel, &operation->key, &value);
	/* A namespace comes with its loopback device, a tunnel with its device outside. */
	if (operation->key.kind == ITEM_TUNNEL && operation->verb == HOST_MAKE) {
		loopback.name = operation->key.name;
		value = (struct item_value){ .link_type = ITEM_LINK_TUNNEL };
		fake_kernel_add(kernel, &loopback, &value);
	}
}

static void fake_log(struct fake_kernel *kernel, struct host *host,
		     const struct host_operation *operation)
{
	static const char *const verbs[] = { "make", "change", "remove", "move" };
	const struct item_key *key = &operation->key;
	char text[IP_TEXT_MAX] = "";
	int written;

	if (key->addr.family != IP_NONE)
		ip_addr_format(&key->addr, text);
	else if (key->kind == ITEM_NEXTHOP)
		snprintf(text, sizeof(text), "%u", key->number);
	written = snprintf(kernel->log + kernel->log_length, FAKE_LOG_MAX - kernel->log_length,
			   "%s %s %s%s@%u\n", verbs[operation->verb], item_kind_name(key->kind),
			   text, key->name != 0 ? host_text(host, key->name) : "", key->place);
	kernel->log_length = MIN(kernel->log_length + (size_t)written, (size_t)FAKE_LOG_MAX - 1);
}

size_t fake_kernel_run(struct fake_kernel *kernel, struct host *host)
{
	static struct host_operation operations[64];
	size_t total = 0, count;

	kernel->log_length = 0;
	kernel->log[0] = '\0';
	while ((count = host_operations(host, operations, ARRAY_SIZE(operations))) != 0) {
		for (size_t i = 0; i < count; i++) {
			const struct host_operation *operation = &operations[i];
			bool possible = fake_is_possible(kernel, operation);

			fake_log(kernel, host, operation);
			if (kernel->refuse || !possible) {
				host_done(host, operation, EINVAL, "the fake kernel refuses");
				continue;
			}
			fake_do(kernel, operation);
			host_done(host, operation, 0, NULL);
			if (operation->key.kind == ITEM_NAMESPACE && operation->verb == HOST_MAKE) {
				struct item_key lo = { .kind = ITEM_LINK,
						       .place = operation->key.place,
						       .name = host_intern(host, "lo") };
				struct item_value value = { .link_type = ITEM_LINK_LOOPBACK };

				fake_kernel_add(kernel, &lo, &value);
				host_observe(host, &lo, &value);
			}
			if (operation->key.kind == ITEM_TUNNEL)
				fake_kernel_observe(kernel, host, ITEM_PLACE_NODE);
		}
		total += count;
	}
	kernel->operations += total;
	return total;
}

void fake_kernel_observe(struct fake_kernel *kernel, struct host *host, uint32_t place)
{
	unsigned kinds = (1u << ITEM_KINDS) - 1;

	if (place == ITEM_PLACE_NODE)
		kinds &= ~(1u << ITEM_TUNNEL);
	host_observe_begin(host, place, kinds);
	for (size_t i = 0; i < kernel->count; i++) {
		if (kernel->things[i].key.place == place)
			host_observe(host, &kernel->things[i].key, &kernel->things[i].value);
	}
	host_observe_end(host, place, kinds);
}
