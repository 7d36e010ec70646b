/*
 * orchestrator: how the parts of the controller's brain come together.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every event (an intent, a lease, a report, an octet of a feed, time) changes state and marks
 * tenants dirty; orchestrator_settle then derives what follows, always in the same order: who is
 * alive, where things go, what nodes are told, what is kept. So there is one way to each result,
 * whatever led to it, and doing it twice does nothing twice.
 */
#include "orchestrator/orchestrator.h"

#include "orchestrator/state.h"

void orchestrator_log(const struct orchestrator *o, int level, const char *tenant, const char *node,
		      const char *format, ...)
{
	struct buf text;
	va_list arguments;
	char line[ERROR_TEXT_MAX * 2];

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	buf_init(&text, 0);
	buf_add_text(&text, line);
	o->ops.log(o->context, level, tenant, node, buf_text(&text));
	buf_done(&text);
}

uint64_t orchestrator_next_epoch(struct orchestrator *o)
{
	return ++o->epoch;
}

struct orchestrator *orchestrator_new(const struct orchestrator_config *config,
				      const struct orchestrator_ops *ops, void *context,
				      instant_t now)
{
	struct orchestrator *o = mem_zalloc(sizeof(*o));

	o->config = *config;
	o->generation = mem_strdup(config->generation);
	o->config.generation = o->generation;
	o->ops = *ops;
	o->context = context;
	o->started = o->now = now;
	hmap_init(&o->nodes);
	hmap_init(&o->tenants);
	hmap_init(&o->addresses);
	bitset_init(&o->numbers);
	bitset_init(&o->tables);
	bitset_add(&o->numbers, 0);
	bitset_add(&o->tables, 0);
	o->next_ping = INSTANT_NEVER;
	overlay_scratch_init(&o->scratch);
	buf_init(&o->line, 0);
	return o;
}

void orchestrator_free(struct orchestrator *o)
{
	struct hmap_node *each, *next;

	if (o == NULL)
		return;
	/* objects are in tenants' programs: they go first */
	HMAP_FOR_EACH (each, &o->nodes) {
		objects_free_all(CONTAINER_OF(each, struct node, by_name));
	}
	HMAP_FOR_EACH_SAFE (each, next, &o->tenants) {
		tenant_free(o, CONTAINER_OF(each, struct tenant, by_name));
	}
	HMAP_FOR_EACH_SAFE (each, next, &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);

		LIST_FOR_EACH_SAFE (entry, &node->streams) {
			node_stream_close(CONTAINER_OF(entry, struct node_stream, in_node));
		}
		node_free(node);
	}
	hmap_done(&o->tenants);
	hmap_done(&o->nodes);
	hmap_done(&o->addresses);
	bitset_done(&o->numbers);
	bitset_done(&o->tables);
	overlay_scratch_done(&o->scratch);
	buf_done(&o->line);
	intent_free(o->intent);
	mem_free(o->gateways);
	mem_free(o->ordered);
	mem_free(o->plan_pools);
	mem_free(o->generation);
	mem_free(o);
}

/* What follows from the state as it is now. */
void orchestrator_settle(struct orchestrator *o, instant_t now)
{
	struct hmap_node *each;

	if (o->intent == NULL)
		return;
	/* first of all, so that a node knows what it is before it hears of tenants */
	if (o->selves_dirty) {
		o->selves_dirty = false;
		node_update_selves(o);
		HMAP_FOR_EACH (each, &o->nodes) {
			struct node *node = CONTAINER_OF(each, struct node, by_name);

			if (node->persist_dirty)
				persist_node(o, node);
		}
	}
	for (size_t i = 0; i < o->intent->tenant_count; i++) {
		struct tenant *t = o->ordered[i];

		move_progress(o, t, now);
		if (!t->dirty && !placement_is_incomplete(t))
			continue;
		tenant_obtain_numbers(o, t);
		placement_tenant(o, t);
		if (!t->dirty)
			continue;
		compile_tenant(o, t);
		persist_tenant(o, t);
	}
	persist_epoch(o);
}

/* What a first intent finds of an earlier life: it holds good until the nodes themselves speak. */
static void drop_holds_of_static_tenants(struct orchestrator *o)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->tenants) {
		struct tenant *t = CONTAINER_OF(each, struct tenant, by_name);

		if (!t->hold || t->intent->dynamic)
			continue;
		t->hold = false;
		stream_release(o, t);
	}
}

void orchestrator_set_intent(struct orchestrator *o, struct intent *intent, instant_t now)
{
	struct intent *old = o->intent;

	o->now = now;
	o->intent = intent;
	node_update_all(o, now);
	tenant_update_all(o);
	intent_free(old);
	drop_holds_of_static_tenants(o);
	leases_evaluate(o, now);
	orchestrator_settle(o, now);
}

bool orchestrator_knows_node(const struct orchestrator *o, const char *name)
{
	const struct node *node = node_find(o, name);

	return node != NULL && node->known;
}

instant_t orchestrator_deadline(const struct orchestrator *o)
{
	instant_t deadline = o->stream_count == 0 ? INSTANT_NEVER : o->next_ping;
	struct hmap_node *each;

	if (o->intent == NULL)
		return deadline;
	HMAP_FOR_EACH (each, &o->tenants) {
		deadline = instant_min(deadline,
				       move_deadline(CONTAINER_OF(each, struct tenant, by_name)));
	}
	return instant_min(deadline, leases_deadline(o));
}

void orchestrator_tick(struct orchestrator *o, instant_t now)
{
	o->now = now;
	leases_evaluate(o, now);
	orchestrator_settle(o, now);
	if (o->stream_count == 0 || !instant_due(o->next_ping, now))
		return;
	o->next_ping = instant_add(now, duration_seconds(1));
	stream_ping_all(o);
}
