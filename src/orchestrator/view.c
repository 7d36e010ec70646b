/*
 * view: which resource is meant by a reference.
 * SPDX-License-Identifier: Apache-2.0
 *
 * "/virtualGateways/T1/bgpRouters/R/bgpPeers/P": pairs of a kind (whose case does not matter) and a
 * name (as it is).
 */
#include <strings.h>

#include "orchestrator/state.h"

#define PARTS_MAX 6

struct reference {
	char *parts[PARTS_MAX]; /* kind, name, kind, name ... */
	size_t count;
};

static bool parse(char *text, struct reference *ret)
{
	ret->count = 0;
	while (*text == '/') {
		char *end;

		*text++ = '\0';
		if (ret->count == PARTS_MAX)
			return false;
		ret->parts[ret->count++] = text;
		end = strchr(text, '/');
		if (end == NULL)
			break;
		text = end;
	}
	return ret->count >= 2 && ret->count % 2 == 0;
}

static bool is_kind(const struct reference *r, size_t part, const char *kind)
{
	return r->count > part && strcasecmp(r->parts[part], kind) == 0;
}

static json_t *view_in_tenant(const struct orchestrator *o, const struct reference *r)
{
	const struct tenant *t = tenant_find(o, r->parts[1]);
	json_t *router;

	if (t == NULL || t->intent == NULL)
		return NULL;
	if (r->count == 2)
		return view_tenant(o, t);
	if (r->count == 4 && is_kind(r, 2, "networkConnections"))
		return view_connection(o, t, r->parts[3]);
	if (!is_kind(r, 2, "bgpRouters"))
		return NULL;
	router = view_router(o, t, r->parts[3]);
	if (r->count == 4 || router == NULL)
		return router;
	json_decref(router);
	return is_kind(r, 4, "bgpPeers") ? view_peer(o, t, r->parts[5]) : NULL;
}

static json_t *view_top(const struct orchestrator *o, const struct reference *r)
{
	const struct node *node = node_find(o, r->parts[1]);
	const struct intent_pool *pool;

	if (is_kind(r, 0, "gateways"))
		return node == NULL || !node->known || !node->gateway ? NULL
								      : view_gateway(o, node);
	if (is_kind(r, 0, "servers"))
		return node == NULL || !node->known || node->gateway ? NULL : view_server(o, node);
	if (is_kind(r, 0, "gatewayPools")) {
		pool = intent_pool_by_name(o->intent, r->parts[1]);
		return pool == NULL ? NULL : view_pool(o, pool);
	}
	if (is_kind(r, 0, "networkInterfaces"))
		return view_nic(o, r->parts[1]);
	return is_kind(r, 0, "virtualNetworks") ? view_network(o, r->parts[1]) : NULL;
}

json_t *orchestrator_view(const struct orchestrator *o, const char *resource_ref, instant_t now)
{
	struct reference r;
	json_t *view = NULL;
	char *text;

	(void)now;
	if (o->intent == NULL)
		return NULL;
	text = mem_strdup(resource_ref);
	if (parse(text, &r)) {
		if (is_kind(&r, 0, "virtualGateways"))
			view = view_in_tenant(o, &r);
		else if (r.count == 2)
			view = view_top(o, &r);
	}
	mem_free(text);
	return view;
}
