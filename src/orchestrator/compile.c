/*
 * compile: makes a tenant's objects on each node that needs it, and finds out what changed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * overlay/ makes the objects; objects.c notices which are new. Puts come before deletes, and the
 * deletes in the opposite order of creation, so that nothing refers to what is gone. A node that
 * needs the tenant no more loses its program. A gateway that was declared dead has no program: it
 * is told so when it comes back.
 */
#include "orchestrator/state.h"
#include "plan/subnet.h"

struct job {
	struct orchestrator *o;
	struct tenant *t;
	struct overlay_tenant overlay;
	struct overlay_node *nodes;
	struct node **node_of; /* nodes[i] is node_of[i] */
	size_t node_count;
	size_t node_capacity;
	size_t changed;
};

/* The program being made. */
struct emission {
	struct orchestrator *o;
	struct program *program;
};

static void add_node(struct job *job, struct node *node)
{
	size_t capacity = job->node_capacity;

	if (node == NULL || node->stamp == job->o->mark || node->number == 0 || !node->known ||
	    (node->gateway && node->health == HEALTH_DEAD))
		return;
	node->stamp = job->o->mark;
	MEM_RESERVE(job->node_of, capacity, job->node_count + 1);
	job->node_capacity = capacity;
	job->node_of[job->node_count++] = node;
}

static int by_name(const void *a, const void *b)
{
	struct node *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static void collect_nodes(struct job *job)
{
	struct tenant *t = job->t;

	job->o->mark++;
	add_node(job, t->reflector);
	for (size_t i = 0; i < t->connection_count; i++) {
		add_node(job, t->connections[i]->gateway);
		add_node(job, t->connections[i]->leaving);
	}
	for (size_t i = 0; i < t->intent->nic_count; i++) {
		struct node *host = t->intent->nics[i].host == NULL
					    ? NULL
					    : node_find(job->o, t->intent->nics[i].host);

		if (host != NULL && !host->gateway)
			add_node(job, host);
	}
	if (job->node_count > 1)
		qsort(job->node_of, job->node_count, sizeof(struct node *), by_name);
}

/* Leaves out gateways for which there is no overlay address (placement has said so already). */
static void describe_nodes(struct job *job)
{
	size_t kept = 0;

	job->nodes = mem_zalloc((job->node_count + 1) * sizeof(*job->nodes));
	for (size_t i = 0; i < job->node_count; i++) {
		struct node *node = job->node_of[i];
		struct overlay_node *n = &job->nodes[kept];

		if (!node->gateway)
			n->overlay = subnet_host_overlay(node->number);
		else if (!tenant_overlay(job->t, node, &n->overlay))
			continue;
		n->name = node->name;
		n->gateway = node->gateway;
		n->number = node->number;
		n->provider = node->provider;
		n->mac = subnet_mac(tenant_vni(job->t), node->number);
		job->node_of[kept++] = node;
	}
	job->node_count = kept;
}

static const struct overlay_node *described(const struct job *job, const struct node *node)
{
	for (size_t i = 0; node != NULL && i < job->node_count; i++)
		if (job->node_of[i] == node)
			return &job->nodes[i];
	return NULL;
}

static struct overlay_connection *describe_connections(const struct job *job)
{
	const struct tenant *t = job->t;
	struct overlay_connection *all = mem_zalloc((t->connection_count + 1) * sizeof(*all));

	for (size_t i = 0; i < t->connection_count; i++) {
		const struct connection *c = t->connections[i];

		all[i] = (struct overlay_connection){
			.intent = c->intent,
			.public_address = c->source,
			.public_prefix_length = c->source_length,
			.listen_port = c->port,
			.owner = described(job, c->gateway),
			.epoch = c->epoch,
			.leaving = described(job, c->leaving),
			.leaving_epoch = c->leaving_epoch,
		};
		all[i].nexthop = site_connection_id(t, c, &all[i].own_nexthop);
	}
	return all;
}

static int by_address(const void *a, const void *b)
{
	const struct overlay_ce *left = a, *right = b;

	return ip_addr_compare(&left->address, &right->address);
}

/* The connection that leads to the peer now: the preferred one or, while that is nowhere, another
 * that routes its address. */
static const struct overlay_connection *carrier(const struct intent_tenant *intent,
						const struct intent_bgp_peer *peer,
						const struct overlay_connection *connections,
						size_t preferred)
{
	struct ip_prefix host = ip_prefix_host(&peer->address);

	if (overlay_connection_via(&connections[preferred]) != NULL)
		return &connections[preferred];
	for (size_t i = 0; i < intent->connection_count; i++) {
		const struct intent_connection *c = &intent->connections[i];

		for (size_t k = 0; k < c->route_count; k++)
			if (ip_prefix_equal(&c->routes[k].prefix, &host) &&
			    overlay_connection_via(&connections[i]) != NULL)
				return &connections[i];
	}
	return &connections[preferred];
}

static struct overlay_ce *describe_ces(const struct job *job,
				       const struct overlay_connection *connections,
				       size_t *ret_count)
{
	const struct intent_tenant *intent = job->t->intent;
	struct overlay_ce *all = mem_zalloc((intent->peer_count + 1) * sizeof(*all));
	size_t count = 0, routed;

	for (size_t i = 0; intent->dynamic && i < intent->peer_count; i++) {
		const struct intent_bgp_peer *peer = &intent->peers[i];
		ptrdiff_t connection = site_connection(intent, peer, &routed);

		if (connection < 0)
			continue;
		all[count++] = (struct overlay_ce){
			.address = peer->address,
			.peer = peer,
			.nexthop = site_ce_id(job->t, &peer->address),
			.connection = carrier(intent, peer, connections, (size_t)connection),
		};
	}
	qsort(all, count, sizeof(*all), by_address);
	*ret_count = count;
	return all;
}

static void describe(struct job *job, struct overlay_connection **ret_connections,
		     struct overlay_ce **ret_ces)
{
	struct tenant *t = job->t;
	size_t ce_count;

	tenant_obtain_numbers(job->o, t);
	site_obtain_ids(t);
	collect_nodes(job);
	describe_nodes(job);
	*ret_connections = describe_connections(job);
	*ret_ces = describe_ces(job, *ret_connections, &ce_count);
	job->overlay = (struct overlay_tenant){
		.intent = t->intent,
		.table_id = t->table_id,
		.vni = tenant_vni(t),
		.local_as = tenant_as(job->o, t),
		.bgp_address = t->bgp_address,
		.reflector = described(job, t->reflector),
		.reflector_epoch = t->reflector_epoch,
		.restarting = t->restarting,
		.nodes = job->nodes,
		.node_count = job->node_count,
		.connections = *ret_connections,
		.connection_count = t->connection_count,
		.ces = *ret_ces,
		.ce_count = ce_count,
	};
}

static void emit(void *context, const char *key, uint64_t epoch, const char *value)
{
	struct emission *e = context;
	struct object *object = objects_put(e->o, e->program->node, key, epoch, value);

	object->mark = e->program->mark;
	if (object->program != NULL && !object->learned)
		return;
	object->program = e->program;
	object->learned = false;
	list_remove(&object->in_program);
	list_push_back(&e->program->objects, &object->in_program);
}

static struct program *obtain_program(struct tenant *t, struct node *node)
{
	struct program *program;

	LIST_FOR_EACH (entry, &t->programs) {
		program = CONTAINER_OF(entry, struct program, in_tenant);
		if (program->node == node)
			return program;
	}
	program = mem_zalloc(sizeof(*program));
	program->tenant = t;
	program->node = node;
	program->fresh = true;
	list_init(&program->objects);
	list_init(&program->learned);
	list_push_back(&t->programs, &program->in_tenant);
	return program;
}

/* The opposite order of creation. */
static void sweep(struct orchestrator *o, struct program *program, struct list *objects)
{
	struct list *entry = objects->prev;

	while (entry != objects) {
		struct object *object = CONTAINER_OF(entry, struct object, in_program);

		entry = entry->prev;
		if (object->mark != program->mark)
			objects_delete(o, program->node, object);
	}
}

void compile_forget_program(struct orchestrator *o, struct program *program)
{
	struct buf prefix;
	const char *key;
	json_t *value;
	void *next;

	program->mark = ++o->mark;
	sweep(o, program, &program->learned);
	sweep(o, program, &program->objects);
	buf_init(&prefix, 0);
	buf_printf(&prefix, "%s/", program->tenant->name);
	json_object_foreach_safe(program->node->neighbor_reports, next, key,
				 value) if (strncmp(key, buf_text(&prefix), prefix.length) == 0)
		json_object_del(program->node->neighbor_reports, key);
	buf_done(&prefix);
	list_remove(&program->in_tenant);
	mem_free(program);
}

static void compile_all(struct job *job)
{
	struct orchestrator *o = job->o;
	struct tenant *t = job->t;
	uint64_t mark = ++o->mark;

	for (size_t i = 0; i < job->node_count; i++) {
		struct program *program = obtain_program(t, job->node_of[i]);
		struct emission emission = { o, program };

		program->mark = mark;
		overlay_compile(&job->overlay, &job->nodes[i], &o->scratch, emit, &emission);
		if (!program->node->gateway && (t->routes_dirty || program->fresh))
			learned_compile(o, program);
	}
	for (size_t i = 0; i < job->node_count; i++) {
		struct program *program = obtain_program(t, job->node_of[i]);

		if (t->routes_dirty || program->fresh)
			sweep(o, program, &program->learned);
		sweep(o, program, &program->objects);
		program->fresh = false;
	}
	LIST_FOR_EACH_SAFE (entry, &t->programs) {
		struct program *program = CONTAINER_OF(entry, struct program, in_tenant);

		if (program->mark != mark)
			compile_forget_program(o, program);
	}
}

void compile_tenant(struct orchestrator *o, struct tenant *t)
{
	struct job job = { .o = o, .t = t };
	struct overlay_connection *connections;
	struct overlay_ce *ces;

	describe(&job, &connections, &ces);
	compile_all(&job);
	t->dirty = t->routes_dirty = false;
	mem_free(ces);
	mem_free(connections);
	mem_free(job.nodes);
	mem_free(job.node_of);
}

size_t compile_verify(struct orchestrator *o)
{
	struct hmap_node *each;
	uint64_t before = 0, after = 0;

	HMAP_FOR_EACH (each, &o->nodes) {
		before += CONTAINER_OF(each, struct node, by_name)->revision;
	}
	HMAP_FOR_EACH (each, &o->tenants) {
		struct tenant *t = CONTAINER_OF(each, struct tenant, by_name);

		t->routes_dirty = true;
		compile_tenant(o, t);
	}
	HMAP_FOR_EACH (each, &o->nodes) {
		after += CONTAINER_OF(each, struct node, by_name)->revision;
	}
	return (size_t)(after - before);
}
