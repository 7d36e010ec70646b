/*
 * kernel: the hands of the brain: when the namespaces are looked at, and the turn of doing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/kernel_private.h"

#include <errno.h>
#include <unistd.h>

#include "agent/log.h"
#include "base/mem.h"
#include "os/netns.h"

#define KERNEL_RETRY_MS 1000	/* after a failure */
#define KERNEL_AUDIT_SECONDS 60 /* everything is looked at anew */
#define KERNEL_DRAIN_ROUNDS 64	/* of one turn of the loop */

static void kernel_observe_dirty(struct kernel *kernel)
{
	LIST_FOR_EACH (node, &kernel->places) {
		struct kernel_place *place = CONTAINER_OF(node, struct kernel_place, node);
		unsigned kinds = place->dirty_kinds;

		place->dirty_kinds = 0;
		if (kinds != 0)
			kernel_observe(place, kinds);
	}
}

static void on_settle(struct loop_timer *timer UNUSED, void *arg)
{
	struct kernel *kernel = arg;

	kernel_observe_dirty(kernel);
	kernel_drain(kernel);
}

static void on_retry(struct loop_timer *timer UNUSED, void *arg)
{
	struct kernel *kernel = arg;

	LIST_FOR_EACH (node, &kernel->places) {
		struct kernel_place *place = CONTAINER_OF(node, struct kernel_place, node);

		if (place->failed)
			place->dirty_kinds = KERNEL_ALL_KINDS;
		place->failed = false;
	}
	kernel_observe_dirty(kernel);
	host_retry(kernel->host);
	kernel_drain(kernel);
}

static void on_audit(struct loop_timer *timer, void *arg)
{
	struct kernel *kernel = arg;

	LIST_FOR_EACH (node, &kernel->places)
		CONTAINER_OF(node, struct kernel_place, node)->dirty_kinds = KERNEL_ALL_KINDS;
	kernel_observe_dirty(kernel);
	kernel_drain(kernel);
	loop_timer_set(kernel->loop, timer,
		       instant_add(loop_now(kernel->loop), duration_seconds(KERNEL_AUDIT_SECONDS)));
}

static void on_wake(struct loop_defer *defer UNUSED, void *arg)
{
	kernel_drain(arg);
}

void kernel_wake(struct kernel *kernel)
{
	loop_defer_add(kernel->loop, &kernel->wake);
}

/* Places whose device went: what the kernel took with it told nobody. */
static bool kernel_observe_suspects(struct kernel *kernel)
{
	bool any = false;
	uint32_t id;

	while (host_take_suspect(kernel->host, &id)) {
		struct kernel_place *place = kernel_place(kernel, id);

		if (place == NULL)
			continue;
		kernel_observe(place, KERNEL_ALL_KINDS);
		any = true;
	}
	return any;
}

void kernel_drain(struct kernel *kernel)
{
	for (unsigned round = 0; round < KERNEL_DRAIN_ROUNDS; round++) {
		size_t count =
			host_operations(kernel->host, kernel->operations, KERNEL_OPERATIONS_MAX);

		if (count == 0 && !kernel_observe_suspects(kernel)) {
			if (kernel->any_failed && !loop_timer_is_set(&kernel->retry))
				loop_timer_set(kernel->loop, &kernel->retry,
					       instant_add(loop_now(kernel->loop),
							   duration_ms(KERNEL_RETRY_MS)));
			kernel->any_failed = false;
			return;
		}
		kernel_execute(kernel, kernel->operations, count);
	}
	kernel_wake(kernel);
}

static void on_namespace_name(const char *name, void *arg)
{
	struct kernel *kernel = arg;
	struct error e = { "" };
	char *end;
	unsigned long id = strtoul(name + strlen(KERNEL_NAMESPACE_PREFIX), &end, 10);
	int fd;

	if (*end != '\0' || id == 0 || id > INT32_MAX)
		return;
	fd = netns_open(name, &e);
	if (fd < 0 || kernel_place_open(kernel, (uint32_t)id, fd, &e) == NULL)
		log_event(LOG_LEVEL_WARNING, NULL, "compartment %s: %s", name, e.text);
}

struct kernel *kernel_new(struct loop *loop, struct host *host, struct error *e)
{
	struct kernel *kernel = mem_zalloc(sizeof(*kernel));
	int fd = netns_open_self(e);

	kernel->loop = loop;
	kernel->host = host;
	list_init(&kernel->places);
	list_init(&kernel->children);
	list_init(&kernel->announcements);
	kernel->operations = mem_alloc(KERNEL_OPERATIONS_MAX * sizeof(*kernel->operations));
	loop_timer_init(&kernel->settle, on_settle, kernel);
	loop_timer_init(&kernel->retry, on_retry, kernel);
	loop_timer_init(&kernel->audit, on_audit, kernel);
	loop_defer_init(&kernel->wake, on_wake, kernel);
	if (fd < 0 || kernel_place_open(kernel, ITEM_PLACE_NODE, fd, e) == NULL ||
	    netns_list(KERNEL_NAMESPACE_PREFIX, on_namespace_name, kernel, e) < 0) {
		kernel_free(kernel);
		return NULL;
	}
	on_audit(&kernel->audit, kernel);
	return kernel;
}

void kernel_free(struct kernel *kernel)
{
	if (kernel == NULL)
		return;
	loop_timer_clear(kernel->loop, &kernel->settle);
	loop_timer_clear(kernel->loop, &kernel->retry);
	loop_timer_clear(kernel->loop, &kernel->audit);
	loop_defer_remove(&kernel->wake);
	kernel_forget_children(kernel);
	kernel_forget_announcements(kernel);
	while (!list_is_empty(&kernel->places))
		kernel_place_close(CONTAINER_OF(kernel->places.next, struct kernel_place, node));
	mem_free(kernel->operations);
	mem_free(kernel);
}
