/*
 * leases: who is alive.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A gateway is dead when its lease is lost and a second witness agrees: another gateway whose probe
 * does not reach it, or does not reach its heliod. One that reaches both says that only the agent
 * or the way to us is broken: then nothing is moved. Where nobody can say anything the lease has to
 * be lost for twice its time. When more than half of all leases are lost at once it is likelier
 * that we are the one cut off: failover is suspended until leases come back.
 */
#include "orchestrator/state.h"

/* A host has no successor; lost for so many leases it is not expected any more. */
#define HOST_LEASES 10
/* No controller gets there; what a node claims above is not believed. */
#define EPOCH_MAX ((uint64_t)1 << 48)

enum verdict {
	VERDICT_NONE,
	VERDICT_DEAD,
	VERDICT_LIVES,
};

static bool lost(const struct node *node)
{
	return node->health == HEALTH_LOST;
}

/* Is its lease one that we count on? */
static bool expected(const struct node *node)
{
	return node->known && node->health != HEALTH_DEAD &&
	       (node->ever_leased || node_has_roles(node));
}

static enum verdict witness_says(const struct orchestrator *o, const struct node *witness,
				 const struct node *node, instant_t now)
{
	const json_t *probe;
	const json_t *heliod;

	if (witness == node || !witness->gateway || !node_is_alive(witness) ||
	    instant_diff(now, witness->probes_at).ns > o->config.lease.ns)
		return VERDICT_NONE;
	probe = json_object_get(witness->probes, node->name);
	if (!json_is_object(probe))
		return VERDICT_NONE;
	heliod = json_object_get(probe, "heliod");
	if (json_is_true(json_object_get(probe, "reachable")) &&
	    (heliod == NULL || json_is_true(heliod)))
		return VERDICT_LIVES;
	return VERDICT_DEAD;
}

static enum verdict verdict_on(const struct orchestrator *o, const struct node *node, instant_t now)
{
	enum verdict all = VERDICT_NONE;

	for (size_t i = 0; i < o->intent->gateway_count; i++) {
		enum verdict one = witness_says(o, o->gateways[i], node, now);

		all = MAX(all, one);
	}
	if (all == VERDICT_NONE &&
	    instant_due(instant_add(node->lease_until, o->config.lease), now))
		return VERDICT_DEAD;
	return all;
}

static void lose_leases(struct orchestrator *o, instant_t now)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);

		if (!node->known || !instant_due(node->lease_until, now) ||
		    (node->health != HEALTH_ALIVE && node->health != HEALTH_UNKNOWN))
			continue;
		if (node->ever_leased || node_has_roles(node))
			orchestrator_log(o, LOG_WARN, NULL, node->name, "its lease is lost");
		node->health = HEALTH_LOST;
	}
}

static void suspend(struct orchestrator *o)
{
	struct hmap_node *each;
	size_t all = 0, gone = 0;
	bool before = o->suspended;

	HMAP_FOR_EACH (each, &o->nodes) {
		const struct node *node = CONTAINER_OF(each, struct node, by_name);

		all += expected(node);
		gone += expected(node) && lost(node);
	}
	o->suspended = gone * 2 > all;
	if (o->suspended && !before)
		orchestrator_log(o, LOG_LOUD, NULL, NULL,
				 "FAILOVER IS SUSPENDED: %zu of %zu leases are lost at once; this "
				 "controller may be the one that is cut off",
				 gone, all);
	else if (!o->suspended && before)
		orchestrator_log(o, LOG_NOTE, NULL, NULL,
				 "failover is no longer suspended: %zu of %zu leases are lost",
				 gone, all);
}

static void dirty_tenants_on(struct orchestrator *o, const struct node *node)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->tenants) {
		struct tenant *t = CONTAINER_OF(each, struct tenant, by_name);

		if (tenant_on_gateway(t, node))
			t->dirty = true;
	}
}

static void declare_dead(struct orchestrator *o, struct node *node)
{
	if (node->ever_leased || node_has_roles(node))
		orchestrator_log(o, LOG_FAILURE, NULL, node->name,
				 "is dead: %u connections and %u reflectors go to others",
				 node->connections, node->reflectors);
	node->health = HEALTH_DEAD;
	dirty_tenants_on(o, node);
	node->successor = NULL;
	mem_free(node->feed.session);
	node->feed.session = NULL;
	json_object_clear(node->neighbor_reports);
	json_object_clear(node->connection_reports);
}

static void judge(struct orchestrator *o, instant_t now)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);
		duration_t long_time = { HOST_LEASES * o->config.lease.ns };

		if (!node->known || !lost(node))
			continue;
		if (node->gateway && verdict_on(o, node, now) == VERDICT_DEAD)
			declare_dead(o, node);
		else if (!node->gateway &&
			 instant_due(instant_add(node->lease_until, long_time), now))
			node->health = HEALTH_DEAD;
	}
}

void leases_evaluate(struct orchestrator *o, instant_t now)
{
	if (o->intent == NULL)
		return;
	lose_leases(o, now);
	suspend(o);
	if (!o->suspended)
		judge(o, now);
}

instant_t leases_deadline(const struct orchestrator *o)
{
	struct hmap_node *each;
	instant_t deadline = INSTANT_NEVER;
	duration_t third = { o->config.lease.ns / 3 };

	HMAP_FOR_EACH (each, &o->nodes) {
		const struct node *node = CONTAINER_OF(each, struct node, by_name);

		if (!node->known || node->health == HEALTH_DEAD)
			continue;
		if (!lost(node))
			deadline = instant_min(deadline, node->lease_until);
		else if (!o->suspended)
			deadline = instant_min(deadline, instant_add(o->now, third));
	}
	return deadline;
}

/* An epoch that a node has seen and we have not given: our store is older than the network (it was
 * lost or restored). Ours must be higher. */
static void learn_epochs(struct orchestrator *o, const json_t *epochs)
{
	const char *role;
	json_t *value;
	uint64_t highest = o->epoch;
	struct hmap_node *each;

	json_object_foreach((json_t *)(uintptr_t)epochs, role,
			    value) if (json_is_integer(value) && json_integer_value(value) > 0)
		highest = MAX(highest, (uint64_t)json_integer_value(value));
	if (highest == o->epoch || highest > EPOCH_MAX)
		return;
	orchestrator_log(o, LOG_WARN, NULL, NULL,
			 "a node has seen epoch %" PRIu64 ", the last given is %" PRIu64
			 ": every role gets a new one",
			 highest, o->epoch);
	o->epoch = highest;
	HMAP_FOR_EACH (each, &o->tenants) {
		struct tenant *t = CONTAINER_OF(each, struct tenant, by_name);

		if (t->reflector != NULL)
			t->reflector_epoch = orchestrator_next_epoch(o);
		for (size_t i = 0; i < t->connection_count; i++)
			if (t->connections[i]->gateway != NULL)
				t->connections[i]->epoch = orchestrator_next_epoch(o);
		t->dirty = true;
	}
}

static void come_back(struct orchestrator *o, struct node *node)
{
	enum health before = node->health;

	node->health = HEALTH_ALIVE;
	if (before == HEALTH_LOST || before == HEALTH_DEAD)
		orchestrator_log(o, LOG_NOTE, NULL, node->name, "is back%s",
				 node_has_roles(node) ? "" : ", as a standby");
	else if (before == HEALTH_UNKNOWN)
		orchestrator_log(o, LOG_NOTE, NULL, node->name, "is there");
	/* roles that found no other place are its again */
	if (before == HEALTH_DEAD)
		dirty_tenants_on(o, node);
}

static int check_body(const json_t *body, struct error *e)
{
	static const char *const objects[] = { "epochs", "probes", "heliod" };

	if (!json_is_object(body))
		return error_set(e, "the body must be an object");
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		const json_t *value = json_object_get(body, objects[i]);

		if (value != NULL && !json_is_object(value))
			return error_set(e, "%s must be an object", objects[i]);
	}
	return 0;
}

json_t *orchestrator_lease(struct orchestrator *o, const char *name, const json_t *body,
			   struct error *e, instant_t now)
{
	struct node *node = node_find(o, name);

	o->now = now;
	if (node == NULL || !node->known) {
		error_set(e, "there is no node %s", name);
		return NULL;
	}
	if (check_body(body, e) != 0)
		return NULL;
	json_decref(node->probes);
	node->probes = json_incref(json_object_get(body, "probes"));
	node->probes_at = now;
	node->heliod_running =
		json_is_true(json_object_get(json_object_get(body, "heliod"), "running"));
	node->lease_until = instant_add(now, o->config.lease);
	node->ever_leased = true;
	if (node->health != HEALTH_ALIVE)
		come_back(o, node);
	learn_epochs(o, json_object_get(body, "epochs"));
	leases_evaluate(o, now);
	orchestrator_settle(o, now);
	return json_pack("{s:I}", "leaseMs", (json_int_t)duration_to_ms(o->config.lease));
}
