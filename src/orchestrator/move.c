/*
 * move: a connection goes to another gateway by hand, make before break.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The new gateway gets the connection with a higher epoch: it takes the public address, starts the
 * tunnel with the connection's key and announces the CE. The old one keeps it, and the hosts send
 * to it, until the new one has reported success or two seconds have passed; then the hosts' one
 * next hop changes and the old gateway loses the connection. So the announcement is before the
 * withdrawal.
 */
#include "orchestrator/state.h"

#define OVERLAP_S 2

static struct node *target(const struct orchestrator *o, const struct connection *c,
			   const char *gateway, struct error *e)
{
	struct node *node = node_find(o, gateway);
	const struct intent_tenant *t = c->tenant->intent;
	bool in_pools = false;

	if (node == NULL || !node->known || !node->gateway) {
		error_set(e, "gateway: there is no gateway %s", gateway);
		return NULL;
	}
	for (size_t i = 0; node->pool != NULL && i < t->pool_count; i++)
		in_pools |= strcmp(t->pools[i], node->pool->name) == 0;
	if (!in_pools) {
		error_set(e, "gateway: %s is in none of the pools of %s", gateway, t->name);
		return NULL;
	}
	if (!node_is_alive(node)) {
		error_set(e, "gateway: %s is not alive", gateway);
		return NULL;
	}
	if (node != c->gateway &&
	    placement_free_kbps(node) < c->intent->inbound_kbps + c->intent->outbound_kbps) {
		error_set(e, "gateway: %s has %" PRIu64 " kbps left, the connection needs %" PRIu64,
			  gateway, placement_free_kbps(node),
			  c->intent->inbound_kbps + c->intent->outbound_kbps);
		return NULL;
	}
	return node;
}

int orchestrator_move(struct orchestrator *o, const char *tenant, const char *connection,
		      const char *gateway, struct error *e, instant_t now)
{
	struct tenant *t = tenant_find(o, tenant);
	struct connection *c = t == NULL ? NULL : tenant_connection(t, connection);
	struct node *node, *old;
	uint64_t old_epoch;
	struct ip_addr overlay;

	if (t == NULL || t->intent == NULL)
		return error_set(e, "there is no virtual gateway %s", tenant);
	if (c == NULL || c->intent == NULL)
		return error_set(e, "%s has no network connection %s", tenant, connection);
	node = target(o, c, gateway, e);
	if (node == NULL)
		return -1;
	if (node == c->gateway)
		return 0;
	if (c->leaving != NULL)
		return error_set(e, "%s is being moved to %s: try again in a moment", connection,
				 c->gateway->name);
	if (c->gateway == NULL)
		return error_set(e, "%s is not placed yet: %s", connection, c->problem_text.text);
	if (!tenant_overlay(t, node, &overlay))
		return error_set(e, "the gateway subnet of %s has no address left for %s", tenant,
				 gateway);
	old = c->gateway;
	old_epoch = c->epoch;
	placement_set_gateway(o, c, node);
	if (old->known && old->health != HEALTH_DEAD) {
		c->leaving = old;
		c->leaving_epoch = old_epoch;
		c->leaving_until = instant_add(now, duration_seconds(OVERLAP_S));
	}
	orchestrator_log(o, LOG_NOTE, tenant, gateway, "connection %s moves here from %s", c->name,
			 old->name);
	orchestrator_settle(o, now);
	return 0;
}

static bool is_up(const struct orchestrator *o, const struct connection *c)
{
	struct buf key;
	const struct object *object;

	buf_init(&key, 0);
	buf_printf(&key, "connection/%s/%s", c->tenant->name, c->name);
	object = objects_find(o, c->gateway, buf_text(&key));
	buf_done(&key);
	return object != NULL && objects_status(object) == STATUS_SUCCESS;
}

void move_progress(struct orchestrator *o, struct tenant *t, instant_t now)
{
	for (size_t i = 0; i < t->connection_count; i++) {
		struct connection *c = t->connections[i];

		if (c->leaving == NULL)
			continue;
		if (c->gateway != NULL && !is_up(o, c) && !instant_due(c->leaving_until, now))
			continue;
		c->leaving = NULL;
		t->dirty = true;
	}
}

instant_t move_deadline(const struct tenant *t)
{
	instant_t deadline = INSTANT_NEVER;

	for (size_t i = 0; i < t->connection_count; i++)
		if (t->connections[i]->leaving != NULL)
			deadline = instant_min(deadline, t->connections[i]->leaving_until);
	return deadline;
}
