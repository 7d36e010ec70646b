/*
 * overlay: compartments, neighbours, next hops, routes and ports of a tenant on a node.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7. The other objects are made by overlay_connection.c and
 * overlay_bgp.c.
 */
#include "overlay/overlay.h"

#include "overlay/json_text.h"

/* The underlay carries 1500 octets; IPv4, UDP, VXLAN and Ethernet headers take 50. */
#define OVERLAY_MTU 1450u

void overlay_scratch_init(struct overlay_scratch *scratch)
{
	buf_init(&scratch->key, 0);
	buf_init(&scratch->value, 0);
}

void overlay_scratch_done(struct overlay_scratch *scratch)
{
	buf_done(&scratch->key);
	buf_done(&scratch->value);
}

struct json_text overlay_job_begin(struct overlay_job *job, const char *kind, const char *name)
{
	struct buf *key = &job->scratch->key;
	struct json_text j = json_text_of(&job->scratch->value);

	buf_clear(key);
	buf_clear(&job->scratch->value);
	buf_add_text(key, kind);
	buf_add(key, "/", 1);
	buf_add_text(key, job->tenant->intent->name);
	if (name != NULL) {
		buf_add(key, "/", 1);
		buf_add_text(key, name);
	}
	json_text_object(&j, NULL);
	return j;
}

void overlay_job_emit(struct overlay_job *job, struct json_text *j, uint64_t epoch)
{
	json_text_end_object(j);
	job->emit(job->context, buf_text(&job->scratch->key), epoch,
		  buf_text(&job->scratch->value));
}

static void compartment(struct overlay_job *job)
{
	const struct overlay_tenant *t = job->tenant;
	const struct overlay_node *n = job->node;
	struct json_text j = overlay_job_begin(job, "compartment", NULL);

	json_text_number(&j, "tableId", t->table_id);
	json_text_number(&j, "vni", t->vni);
	json_text_addr(&j, "overlayAddress", &n->overlay);
	json_text_mac(&j, "mac", &n->mac);
	json_text_array(&j, "bgpAddresses");
	if (t->reflector == n)
		json_text_addr(&j, NULL, &t->bgp_address);
	json_text_end_array(&j);
	json_text_addr(&j, "providerAddress", &n->provider);
	json_text_number(&j, "mtu", OVERLAY_MTU);
	json_text_string(&j, "role", n->gateway ? "gateway" : "host");
	overlay_job_emit(job, &j, n->gateway ? t->reflector_epoch : 0);
}

static void neighbors(struct overlay_job *job)
{
	for (size_t i = 0; i < job->tenant->node_count; i++) {
		const struct overlay_node *n = &job->tenant->nodes[i];
		struct json_text j;

		if (n == job->node)
			continue;
		j = overlay_job_begin(job, "neighbor", n->name);
		json_text_addr(&j, "overlayAddress", &n->overlay);
		json_text_mac(&j, "mac", &n->mac);
		json_text_addr(&j, "providerAddress", &n->provider);
		overlay_job_emit(job, &j, 0);
	}
}

/* `via` NULL: a blackhole. */
static void nexthop(struct overlay_job *job, uint32_t id, const struct ip_addr *via)
{
	char name[16];
	struct json_text j;

	snprintf(name, sizeof(name), "%" PRIu32, id);
	j = overlay_job_begin(job, "nexthop", name);
	json_text_number(&j, "id", id);
	if (via != NULL)
		json_text_addr(&j, "via", via);
	else
		json_text_bool(&j, "blackhole", true);
	overlay_job_emit(job, &j, 0);
}

static void nexthop_to_connection(struct overlay_job *job, uint32_t id,
				  const struct overlay_connection *c)
{
	const struct overlay_node *via = overlay_connection_via(c);

	nexthop(job, id, via == NULL ? NULL : &via->overlay);
}

/* Nodes (a host needs no gateway as such: it reaches sites by their CE, and the reflector by its
 * own id), the reflector, CEs. */
static void nexthops(struct overlay_job *job)
{
	const struct overlay_tenant *t = job->tenant;

	for (size_t i = 0; i < t->node_count; i++) {
		const struct overlay_node *n = &t->nodes[i];

		if (n != job->node && (!n->gateway || job->node->gateway))
			nexthop(job, n->number, &n->overlay);
	}
	if (t->reflector != NULL && t->reflector != job->node)
		nexthop(job, OVERLAY_NEXTHOP_REFLECTOR, &t->reflector->overlay);
	if (job->node->gateway)
		return;
	for (size_t i = 0; i < t->ce_count; i++)
		nexthop_to_connection(job, t->ces[i].nexthop, t->ces[i].connection);
	for (size_t i = 0; i < t->connection_count; i++)
		if (t->connections[i].own_nexthop)
			nexthop_to_connection(job, t->connections[i].nexthop, &t->connections[i]);
}

static void route(struct overlay_job *job, const struct ip_prefix *prefix, uint32_t id)
{
	char name[IP_PREFIX_TEXT_MAX];
	struct json_text j = overlay_job_begin(job, "route", ip_prefix_format(prefix, name));

	json_text_number(&j, "nexthop", id);
	overlay_job_emit(job, &j, 0);
}

static const struct overlay_node *node_by_name(const struct overlay_tenant *t, const char *name)
{
	for (size_t i = 0; i < t->node_count; i++)
		if (strcmp(t->nodes[i].name, name) == 0)
			return &t->nodes[i];
	return NULL;
}

static void host_routes(struct overlay_job *job)
{
	const struct intent_tenant *intent = job->tenant->intent;

	for (size_t i = 0; i < intent->nic_count; i++) {
		const struct intent_nic *nic = &intent->nics[i];
		const struct overlay_node *host;
		struct ip_prefix prefix = ip_prefix_host(&nic->address);

		host = nic->host == NULL || nic->address.family == IP_NONE
			       ? NULL
			       : node_by_name(job->tenant, nic->host);
		if (host != NULL && host != job->node)
			route(job, &prefix, host->number);
	}
}

/* Does a static route of another connection win over that of connection `mine`? The smaller metric,
 * then the first name. */
static bool static_route_loses(const struct overlay_tenant *t, size_t mine,
			       const struct intent_static_route *r)
{
	for (size_t i = 0; i < t->connection_count; i++) {
		const struct intent_connection *c = t->connections[i].intent;

		for (size_t k = 0; i != mine && k < c->route_count; k++) {
			const struct intent_static_route *other = &c->routes[k];

			if (!ip_prefix_equal(&other->prefix, &r->prefix))
				continue;
			if (other->metric < r->metric || (other->metric == r->metric && i < mine))
				return true;
		}
	}
	return false;
}

static void enterprise_routes(struct overlay_job *job)
{
	const struct overlay_tenant *t = job->tenant;

	for (size_t i = 0; i < t->ce_count; i++) {
		struct ip_prefix prefix = ip_prefix_host(&t->ces[i].address);

		route(job, &prefix, t->ces[i].nexthop);
	}
	for (size_t i = 0; i < t->connection_count; i++) {
		const struct intent_connection *c = t->connections[i].intent;

		for (size_t k = 0; k < c->route_count; k++)
			if (!overlay_route_is_ce(t, &c->routes[k].prefix) &&
			    !static_route_loses(t, i, &c->routes[k]))
				route(job, &c->routes[k].prefix, t->connections[i].nexthop);
	}
}

/* Gateways speak BGP from and to each other's overlay address, hosts do not. */
static void gateway_routes(struct overlay_job *job)
{
	const struct overlay_tenant *t = job->tenant;

	for (size_t i = 0; i < t->node_count; i++) {
		const struct overlay_node *n = &t->nodes[i];
		struct ip_prefix prefix = ip_prefix_host(&n->overlay);

		if (n != job->node && n->gateway)
			route(job, &prefix, n->number);
	}
}

/* The anycast gateway of a virtual machine: the first address of its subnet. */
static struct ip_addr subnet_gateway(const struct ip_prefix *subnet)
{
	return ip_addr_plus(&subnet->addr, 1);
}

static void ports(struct overlay_job *job)
{
	const struct intent_tenant *intent = job->tenant->intent;

	for (size_t i = 0; i < intent->nic_count; i++) {
		const struct intent_nic *nic = &intent->nics[i];
		struct ip_addr gateway = subnet_gateway(&nic->subnet);
		struct json_text j;

		if (nic->host == NULL || nic->address.family == IP_NONE ||
		    strcmp(nic->host, job->node->name) != 0)
			continue;
		j = overlay_job_begin(job, "port", nic->name);
		json_text_addr(&j, "address", &nic->address);
		json_text_mac(&j, "mac", &nic->mac);
		json_text_array(&j, "gateways");
		json_text_addr(&j, NULL, &gateway);
		json_text_end_array(&j);
		json_text_prefix(&j, "subnet", &nic->subnet);
		overlay_job_emit(job, &j, 0);
	}
}

void overlay_compile(const struct overlay_tenant *tenant, const struct overlay_node *node,
		     struct overlay_scratch *scratch, overlay_emit_fn *emit, void *context)
{
	struct overlay_job job = { tenant, node, scratch, emit, context };
	struct ip_prefix bgp = ip_prefix_host(&tenant->bgp_address);

	compartment(&job);
	neighbors(&job);
	nexthops(&job);
	if (tenant->reflector != NULL && tenant->reflector != node)
		route(&job, &bgp, OVERLAY_NEXTHOP_REFLECTOR);
	host_routes(&job);
	if (node->gateway) {
		gateway_routes(&job);
		overlay_connections(&job);
		overlay_bgp(&job);
	} else {
		enterprise_routes(&job);
		ports(&job);
	}
}

void overlay_route(const char *tenant, const struct ip_prefix *prefix, uint32_t id,
		   struct overlay_scratch *scratch, overlay_emit_fn *emit, void *context)
{
	struct intent_tenant intent = { .name = tenant };
	struct overlay_tenant t = { .intent = &intent };
	struct overlay_job job = { &t, NULL, scratch, emit, context };

	route(&job, prefix, id);
}

bool overlay_route_is_ce(const struct overlay_tenant *tenant, const struct ip_prefix *prefix)
{
	if (prefix->length != ip_family_bits(prefix->addr.family))
		return false;
	for (size_t i = 0; i < tenant->ce_count; i++)
		if (ip_addr_equal(&tenant->ces[i].address, &prefix->addr))
			return true;
	return false;
}

bool overlay_host_has_port(const struct intent_tenant *tenant, const char *host)
{
	for (size_t i = 0; i < tenant->nic_count; i++)
		if (tenant->nics[i].host != NULL && strcmp(tenant->nics[i].host, host) == 0)
			return true;
	return false;
}
