/*
 * placement: gives connections their gateways and tenants their reflectors.
 * SPDX-License-Identifier: Apache-2.0
 *
 * plan/ decides; this file keeps the books, gives out what comes with a place (epoch, overlay
 * address, public address) and says why something has no place. What is placed stays where it is
 * while its gateway lives.
 */
#include "base/bitset.h"
#include "orchestrator/state.h"

#define WIREGUARD_PORT 51820u

uint64_t placement_free_kbps(const struct node *node)
{
	uint64_t capacity = node->pool == NULL ? 0 : node->pool->gateway_capacity_kbps;

	return capacity > node->used_kbps ? capacity - node->used_kbps : 0;
}

static bool is_gone(const struct node *node)
{
	return !node->known || node->health == HEALTH_DEAD;
}

static bool must_be_placed(const struct connection *c)
{
	return c->gateway == NULL || is_gone(c->gateway);
}

bool placement_is_incomplete(const struct tenant *t)
{
	for (size_t i = 0; i < t->connection_count; i++)
		if (must_be_placed(t->connections[i]))
			return true;
	return t->reflector != NULL && is_gone(t->reflector);
}

void placement_set_gateway(struct orchestrator *o, struct connection *c, struct node *gateway)
{
	struct node *old = c->gateway;

	if (old != NULL) {
		old->used_kbps -= c->kbps;
		old->connections--;
	}
	c->gateway = gateway;
	c->tenant->dirty = true;
	if (gateway == NULL)
		return;
	c->kbps = c->intent == NULL ? c->kbps : c->intent->inbound_kbps + c->intent->outbound_kbps;
	gateway->used_kbps += c->kbps;
	gateway->connections++;
	c->epoch = orchestrator_next_epoch(o);
}

void placement_set_reflector(struct orchestrator *o, struct tenant *t, struct node *gateway)
{
	if (t->reflector != NULL)
		t->reflector->reflectors--;
	t->reflector = gateway;
	t->dirty = true;
	if (gateway == NULL)
		return;
	gateway->reflectors++;
	t->reflector_epoch = orchestrator_next_epoch(o);
	feed_refuse(gateway, t);
	learned_restart(t);
}

static bool in_pools(const struct tenant *t, const struct intent_pool *pool)
{
	for (size_t i = 0; pool != NULL && i < t->intent->pool_count; i++)
		if (strcmp(t->intent->pools[i], pool->name) == 0)
			return true;
	return false;
}

static bool pool_has_address(const struct intent_pool *pool, const struct ip_addr *address,
			     uint8_t *ret_length)
{
	for (size_t i = 0; i < pool->public_address_count; i++) {
		if (!ip_addr_equal(&pool->public_addresses[i].address, address))
			continue;
		if (ret_length != NULL)
			*ret_length = pool->public_addresses[i].prefix_length;
		return true;
	}
	return false;
}

/* The gateways that may take it, as plan/ wants to see them; nodes[i] is candidates[i]. */
struct candidates {
	struct plan_gateway *gateways;
	struct node **nodes;
	size_t count;
	bool unknown; /* some have not reported yet */
	bool full;    /* some are left out because the gateway subnet has no address for them */
};

static struct candidates find_candidates(struct orchestrator *o, const struct tenant *t)
{
	size_t count = o->intent->gateway_count;
	struct candidates found = {
		.gateways = mem_zalloc((count + 1) * sizeof(*found.gateways)),
		.nodes = mem_zalloc((count + 1) * sizeof(*found.nodes)),
	};

	for (size_t i = 0; i < count; i++) {
		struct node *node = o->gateways[i];
		bool room;

		if (!in_pools(t, node->pool))
			continue;
		room = tenant_has_overlay_for(t, node);
		found.full |= !room;
		found.unknown |= node->health == HEALTH_UNKNOWN;
		found.nodes[found.count] = node;
		found.gateways[found.count++] = (struct plan_gateway){
			.name = node->name,
			.pool = node->plan_pool,
			.alive = node_is_alive(node) && node->number != 0 && room,
			.idle = !node_has_roles(node),
			.free_kbps = placement_free_kbps(node),
			.reflectors = node->reflectors,
		};
	}
	return found;
}

static void candidates_done(struct candidates *found)
{
	mem_free(found->gateways);
	mem_free(found->nodes);
}

static void set_problem(struct orchestrator *o, struct connection *c, enum problem problem,
			uint64_t most_free_kbps)
{
	static const char *const texts[] = {
		[PROBLEM_WAITING] = "the gateways of its pools have not reported yet",
		[PROBLEM_NO_GATEWAY] = "its pools have no gateway",
		[PROBLEM_NONE_ALIVE] = "no gateway of its pools is alive",
		[PROBLEM_SUBNET] = "the gateway subnet has no address left for another gateway",
		[PROBLEM_NO_ADDRESS] = "the pool has no public IP address that is free: add "
				       "publicIPAddresses to it",
	};
	enum problem before = c->problem;

	c->problem = problem;
	if (problem == PROBLEM_NONE)
		return;
	if (problem == PROBLEM_NO_CAPACITY)
		error_set(&c->problem_text,
			  "no gateway of its pools has %" PRIu64
			  " kbps left (inbound and outbound together); the most that one has is "
			  "%" PRIu64,
			  c->intent->inbound_kbps + c->intent->outbound_kbps, most_free_kbps);
	else
		error_set(&c->problem_text, "%s", texts[problem]);
	if (before != problem && problem != PROBLEM_WAITING)
		orchestrator_log(o, LOG_WARN, c->tenant->name, NULL, "connection %s: %s", c->name,
				 c->problem_text.text);
}

/* The public address: what was asked for, what it has, or a free one of the pool. */
static bool obtain_source(struct orchestrator *o, struct connection *c, const struct node *gateway)
{
	const struct intent_pool *pool = gateway->pool;
	const struct ip_addr *wanted = &c->intent->source_address;
	uint8_t length = 32;

	if (c->intent->type == CONNECTION_L3)
		return true;
	if (wanted->family != IP_NONE) {
		if (ip_addr_equal(&c->source, wanted))
			return true;
		if (tenant_address_user(o, wanted) != NULL)
			return false;
		pool_has_address(pool, wanted, &length);
		tenant_set_source(o, c, wanted, length);
		return true;
	}
	if (c->source.family != IP_NONE)
		return true;
	for (size_t i = 0; i < pool->public_address_count; i++) {
		const struct intent_public_address *p = &pool->public_addresses[i];

		if (p->address.family == IP_NONE || tenant_address_user(o, &p->address) != NULL)
			continue;
		tenant_set_source(o, c, &p->address, p->prefix_length);
		return true;
	}
	return false;
}

static void note_ports(const struct orchestrator *o, const struct connection *but,
		       struct bitset *taken)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->tenants) {
		const struct tenant *t = CONTAINER_OF(each, struct tenant, by_name);

		for (size_t i = 0; i < t->connection_count; i++)
			if (t->connections[i] != but && t->connections[i]->port != 0)
				bitset_add(taken, t->connections[i]->port);
	}
}

/* WireGuard binds its port on every address of a gateway, whatever address the connection owns: a
 * port that nobody else has lets the connection move to any gateway. */
static uint16_t free_port(const struct orchestrator *o, const struct connection *c)
{
	uint32_t port = WIREGUARD_PORT;
	struct bitset taken;

	bitset_init(&taken);
	note_ports(o, c, &taken);
	while (port <= UINT16_MAX && bitset_has(&taken, port))
		port++;
	bitset_done(&taken);
	return port > UINT16_MAX ? WIREGUARD_PORT : (uint16_t)port;
}

static void obtain_port(const struct orchestrator *o, struct connection *c)
{
	if (c->intent->type != CONNECTION_WIREGUARD)
		c->port = 0;
	else if (c->intent->wireguard.listen_port != 0)
		c->port = c->intent->wireguard.listen_port;
	else if (c->port == 0)
		c->port = free_port(o, c);
}

/* Puts the connection on a gateway that has room for it. */
static bool settle_on(struct orchestrator *o, struct connection *c, struct node *gateway)
{
	struct ip_addr overlay;

	if (!tenant_overlay(c->tenant, gateway, &overlay)) {
		set_problem(o, c, PROBLEM_SUBNET, 0);
		return false;
	}
	if (!obtain_source(o, c, gateway)) {
		set_problem(o, c, PROBLEM_NO_ADDRESS, 0);
		return false;
	}
	obtain_port(o, c);
	placement_set_gateway(o, c, gateway);
	set_problem(o, c, PROBLEM_NONE, 0);
	orchestrator_log(o, LOG_NOTE, c->tenant->name, gateway->name,
			 "connection %s is placed here, epoch %" PRIu64, c->name, c->epoch);
	return true;
}

static void place(struct orchestrator *o, struct connection *c)
{
	static const enum problem problems[] = {
		[PLAN_NO_GATEWAY] = PROBLEM_NO_GATEWAY,
		[PLAN_NONE_ALIVE] = PROBLEM_NONE_ALIVE,
		[PLAN_NO_CAPACITY] = PROBLEM_NO_CAPACITY,
	};
	struct tenant *t = c->tenant;
	struct node *dead = c->gateway;
	struct node *preferred = dead != NULL ? dead->successor : t->reflector;
	struct candidates found = find_candidates(o, t);
	struct plan_demand demand = {
		.kbps = c->intent->inbound_kbps + c->intent->outbound_kbps,
		.failover = dead != NULL,
		.preferred = preferred == NULL ? NULL : preferred->name,
		.avoid = dead == NULL ? NULL : dead->name,
	};
	enum plan_result result;
	size_t index = 0;
	uint64_t most = 0;

	if (dead != NULL && node_is_alive(c->leaving)) {
		/* its move had just begun: back to where it still is */
		placement_set_gateway(o, c, c->leaving);
		c->leaving = NULL;
		candidates_done(&found);
		return;
	}
	if (found.unknown && dead == NULL) {
		set_problem(o, c, PROBLEM_WAITING, 0);
		candidates_done(&found);
		return;
	}
	result = plan_place(found.gateways, found.count, &demand, &index, &most);
	if (result != PLAN_PLACED) {
		set_problem(o, c, found.full ? PROBLEM_SUBNET : problems[result], most);
	} else {
		bool standby = found.gateways[index].idle;

		if (settle_on(o, c, found.nodes[index]) && dead != NULL &&
		    (dead->successor == NULL || standby))
			dead->successor = found.nodes[index];
	}
	candidates_done(&found);
}

/* The gateway for the reflector's role when the one that had it is gone: the one that took over the
 * tenant's connections, else one of the tenant's, else any, standbys first. */
static struct node *choose_reflector(struct orchestrator *o, struct tenant *t, struct node *dead)
{
	struct candidates found = find_candidates(o, t);
	bool *member = mem_zalloc((found.count + 1) * sizeof(*member));
	struct plan_demand demand = { .failover = true, .avoid = dead->name };
	struct node *chosen = NULL;
	size_t index = found.count;
	uint64_t most;

	for (size_t i = 0; i < found.count; i++) {
		for (size_t k = 0; k < t->connection_count; k++)
			member[i] |= t->connections[k]->gateway == found.nodes[i];
		if (member[i] && found.nodes[i] == dead->successor && found.gateways[i].alive)
			chosen = found.nodes[i];
	}
	if (chosen == NULL)
		index = plan_reflector(found.gateways, member, found.count);
	if (chosen == NULL && index == found.count &&
	    plan_place(found.gateways, found.count, &demand, &index, &most) != PLAN_PLACED)
		index = found.count;
	if (chosen == NULL && index != found.count)
		chosen = found.nodes[index];
	mem_free(member);
	candidates_done(&found);
	return chosen;
}

static void move_reflector(struct orchestrator *o, struct tenant *t)
{
	struct node *dead = t->reflector;
	struct node *chosen = choose_reflector(o, t, dead);
	struct ip_addr overlay;
	struct error problem;

	if (chosen == NULL || !tenant_overlay(t, chosen, &overlay)) {
		error_set(&problem, "gateway %s is dead and no other can take the reflector's role",
			  dead->name);
		if (strcmp(problem.text, t->reflector_problem.text) != 0)
			orchestrator_log(o, LOG_FAILURE, t->name, dead->name, "%s", problem.text);
		t->reflector_problem = problem;
		return;
	}
	t->reflector_problem.text[0] = '\0';
	placement_set_reflector(o, t, chosen);
	t->restarting = true;
	orchestrator_log(o, LOG_NOTE, t->name, chosen->name,
			 "is the route reflector now in place of %s, epoch %" PRIu64, dead->name,
			 t->reflector_epoch);
}

/* The reflector is the gateway of the tenant's first connection. */
static void make_reflector(struct orchestrator *o, struct tenant *t)
{
	for (size_t i = 0; i < t->connection_count; i++) {
		struct node *gateway = t->connections[i]->gateway;

		if (gateway == NULL || is_gone(gateway))
			continue;
		placement_set_reflector(o, t, gateway);
		orchestrator_log(o, LOG_NOTE, t->name, gateway->name,
				 "is the route reflector, epoch %" PRIu64, t->reflector_epoch);
		return;
	}
}

void placement_tenant(struct orchestrator *o, struct tenant *t)
{
	for (size_t i = 0; i < t->connection_count; i++) {
		struct connection *c = t->connections[i];

		if (c->leaving != NULL && is_gone(c->leaving))
			c->leaving = NULL;
		if (must_be_placed(c))
			place(o, c);
		else
			set_problem(o, c, PROBLEM_NONE, 0);
		if (!must_be_placed(c) && !ip_addr_equal(&c->intent->source_address, &c->source) &&
		    c->intent->source_address.family != IP_NONE)
			obtain_source(o, c, c->gateway);
		obtain_port(o, c);
		if (t->reflector == NULL)
			make_reflector(o, t);
	}
	if (t->reflector != NULL && is_gone(t->reflector))
		move_reflector(o, t);
}
