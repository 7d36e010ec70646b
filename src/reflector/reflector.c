/*
 * reflector: life of an instance, and its export groups.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reflector/reflector.h"

#include "base/mem.h"

struct reflector *reflector_new(const struct instance_config *config,
				const struct reflector_ops *ops, void *context, uint64_t seed,
				instant_t now)
{
	struct reflector *r = mem_zalloc(sizeof(*r));

	r->config = config;
	r->ops = ops;
	r->context = context;
	reflector_memory_init(r);
	r->seed = seed;
	r->router_id = ip_addr_to_u32(&config->router_id);
	r->cluster_id = ip_addr_to_u32(&config->cluster_id);
	attr_table_init(&r->attrs, seed);
	r->attrs.account = &r->memory.attributes;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		prefix_table_init(&r->tables[f], f, seed);
		r->tables[f].prefix_account = &r->memory.prefixes;
		r->tables[f].path_account = &r->memory.paths;
	}
	list_init(&r->groups);
	r->log_bytes_max = EXPORT_LOG_BYTES_MAX;
	list_init(&r->feeds);
	arena_init(&r->scratch, 0);
	r->scratch.account = &r->memory.other;
	hmap_init(&r->next_hops_by_address);
	MEM_ACCOUNT_RESERVE(&r->memory.other, r->next_hops, r->next_hops_capacity, 1);
	r->next_hops[r->next_hops_end++] = NULL;
	MEM_ACCOUNT_RESERVE(&r->memory.other, r->peers, r->peers_capacity, 1);
	r->peers[r->peers_end++] = NULL;
	r->deferral_deadline = instant_add(now, duration_seconds(config->selection_deferral_s));
	reflector_networks_apply(r);
	reflector_feeds_apply(r);
	return r;
}

void reflector_free(struct reflector *r)
{
	if (r == NULL)
		return;
	assert(list_is_empty(&r->feeds));
	LIST_FOR_EACH_SAFE (node, &r->groups)
		reflector_group_release(r, CONTAINER_OF(node, struct export_group, node));
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		prefix_table_done(&r->tables[f]);
		MEM_ACCOUNT_FREE(&r->memory.other, r->dirty[f].prefixes, r->dirty[f].capacity);
		MEM_ACCOUNT_FREE(&r->memory.other, r->zombies[f].prefixes, r->zombies[f].capacity);
	}
	reflector_batch_free(r);
	reflector_next_hops_done(r);
	attr_table_done(&r->attrs);
	arena_done(&r->scratch);
	MEM_ACCOUNT_FREE(&r->memory.other, r->decision_paths, r->decision_capacity);
	MEM_ACCOUNT_FREE(&r->memory.other, r->peers, r->peers_capacity);
	reflector_memory_done(r);
	mem_free(r);
}

void reflector_set_config(struct reflector *r, const struct instance_config *config, instant_t now)
{
	r->config = config;
	reflector_memory_set_config(r);
	reflector_next_hops_apply(r);
	reflector_networks_apply(r);
	reflector_feeds_apply(r);
	reflector_check_end_of_rib(r, now);
}

/* A new group starts with what is best now. */
void reflector_fill_group(struct reflector *r, struct export_group *g)
{
	const struct reflector_view *view = g->owner_data;
	enum bgp_family family = (enum bgp_family)view->family;
	struct prefix_table *t = &r->tables[family];

	assert(list_is_empty(&g->members));
	export_group_begin(g, r->sequence);
	for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
		uint32_t best = t->prefixes[prefix].best;
		uint32_t out;

		if ((t->prefixes[prefix].flags & RIB_PREFIX_USED) == 0 || best == RIB_NONE)
			continue;
		if (g->addpath) {
			reflector_export_paths(r, g, &prefix, 1);
			continue;
		}
		out = reflector_transform(r, g, t->paths[best].attr, t->paths[best].peer,
					  t->paths[best].flags);
		if (out == 0)
			continue;
		attr_table_ref(&g->attrs, out);
		export_group_announce(g, out, t->paths[best].peer, &prefix, 1);
		attr_table_unref(&g->attrs, out);
	}
	export_group_end(g);
	g->end_of_rib = r->end_of_rib;
}

struct export_group *reflector_group(struct reflector *r, const struct reflector_view *view)
{
	struct export_group *g;

	LIST_FOR_EACH (node, &r->groups) {
		g = CONTAINER_OF(node, struct export_group, node);
		if (memcmp(g->owner_data, view, sizeof(*view)) == 0)
			return g;
	}
	g = export_group_new(&r->tables[view->family], view->as4 != 0, view->addpath != 0,
			     view->message_bytes_max, r->seed);
	export_group_set_accounts(g, &r->memory.adj_rib_out, &r->memory.log);
	if (view->labels_max != 0)
		g->data_bytes_max = MIN(view->labels_max * BGP_LABEL_BYTES, g->data_bytes_max);
	g->owner_data = mem_dup(view, sizeof(*view));
	mem_account_charge(&r->memory.other, sizeof(*view));
	g->log_bytes_max = r->log_bytes_max;
	reflector_fill_group(r, g);
	list_push_back(&r->groups, &g->node);
	return g;
}

void reflector_group_release(struct reflector *r, struct export_group *g)
{
	if (!list_is_empty(&g->members))
		return;
	mem_account_release(&r->memory.other, sizeof(struct reflector_view));
	mem_free(g->owner_data);
	export_group_free(g);
	reflector_sweep_zombies(r);
}

struct export_member *reflector_member_join(struct reflector *r, const struct reflector_view *view,
					    uint16_t peer, void *owner)
{
	struct export_member *member = mem_alloc(sizeof(*member));

	mem_account_charge(&r->memory.other, sizeof(*member));
	export_member_join(member, reflector_group(r, view), peer, owner, true);
	return member;
}

void reflector_member_leave(struct reflector *r, struct export_member **member)
{
	struct export_group *g = (*member)->group;

	export_member_leave(*member);
	mem_account_release(&r->memory.other, sizeof(**member));
	mem_free(*member);
	*member = NULL;
	reflector_group_release(r, g);
}

instant_t reflector_deadline(const struct reflector *r)
{
	instant_t deadline = instant_min(r->sweep_deadline,
					 r->end_of_rib ? INSTANT_NEVER : r->deferral_deadline);

	for (size_t i = 1; i < r->peers_end; i++)
		if (r->peers[i] != NULL)
			deadline = instant_min(deadline, r->peers[i]->deadline);
	for (size_t i = 1; i < r->next_hops_end; i++)
		deadline = instant_min(deadline, r->next_hops[i]->deadline);
	return deadline;
}

void reflector_tick(struct reflector *r, instant_t now)
{
	for (size_t i = 1; i < r->peers_end; i++) {
		struct reflector_peer *peer = r->peers[i];

		if (peer != NULL && instant_due(peer->deadline, now))
			reflector_stale_tick(peer, now);
	}
	reflector_next_hops_tick(r, now);
	reflector_memory_tick(r, now);
	reflector_check_end_of_rib(r, now);
}
