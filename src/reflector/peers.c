/*
 * peers: a peer comes and goes; who still owes its End-of-RIB.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4724 4.1 and SYSTEM (this instance withholds its own End-of-RIB until every expected peer has
 * sent its own); RFC 7606 2 and 4760 7 (a family disabled for the rest of a session).
 */
#include "reflector/reflector.h"

#include "base/mem.h"

static enum reflector_peer_kind kind_of(const struct reflector *r,
					const struct neighbor_config *config)
{
	if (config->peer_as.number != r->config->local_as.number)
		return REFLECTOR_EXTERNAL;
	return config->route_reflector_client ? REFLECTOR_CLIENT : REFLECTOR_NON_CLIENT;
}

static size_t free_index(const struct reflector *r)
{
	for (size_t i = 1; i < r->peers_end; i++)
		if (r->peers[i] == NULL)
			return i;
	return r->peers_end;
}

struct reflector_peer *reflector_peer_add(struct reflector *r, const struct neighbor_config *config,
					  const struct ip_addr *address, bool dynamic, void *owner)
{
	size_t index = free_index(r);
	struct reflector_peer *peer;

	if (index > REFLECTOR_PEERS_MAX)
		return NULL;
	peer = mem_zalloc(sizeof(*peer));
	mem_account_charge(&r->memory.other, sizeof(*peer));
	peer->r = r;
	peer->config = config;
	peer->owner = owner;
	peer->address = *address;
	peer->dynamic = dynamic;
	peer->index = (uint16_t)index;
	peer->kind = kind_of(r, config);
	reflector_stale_init(peer);
	MEM_ACCOUNT_RESERVE(&r->memory.other, r->peers, r->peers_capacity, index + 1);
	r->peers[index] = peer;
	if (index == r->peers_end)
		r->peers_end++;
	return peer;
}

void reflector_drop_path(struct reflector *r, enum bgp_family family, uint32_t prefix,
			 uint32_t number)
{
	struct prefix_table *t = &r->tables[family];
	struct rib_path *path = &t->paths[number];
	struct reflector_peer *peer = path->peer == RIB_PEER_LOCAL ? NULL : r->peers[path->peer];

	if (peer != NULL) {
		peer->path_count--;
		peer->family_paths[family]--;
		peer->rejected_count -= path->reject != 0;
	}
	attr_table_unref(&r->attrs, path->attr);
	prefix_table_remove_path(t, prefix, number);
	reflector_mark_dirty(r, family, prefix);
}

static bool is_expected(const struct reflector_peer *peer)
{
	return !peer->dynamic && peer->config->enabled && peer->config->expected && !peer->done;
}

/* Is this peer's table in, in the session that is up? One without graceful restart need not send
 * End-of-RIB: its being up must do. */
static bool has_sent_all(const struct reflector_peer *peer)
{
	if (!peer->established)
		return false;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (peer->families[f] && !peer->disabled[f] && !peer->end_of_rib[f])
			return false;
	return true;
}

static void reach_end_of_rib(struct reflector *r)
{
	r->end_of_rib = true;
	r->deferral_deadline = INSTANT_NEVER;
	LIST_FOR_EACH (node, &r->groups) {
		struct export_group *g = CONTAINER_OF(node, struct export_group, node);

		export_group_end_of_rib(g);
		LIST_FOR_EACH (member, &g->members)
			r->ops->ready(r->context,
				      CONTAINER_OF(member, struct export_member, node)->owner);
	}
	r->ops->end_of_rib(r->context, r);
}

/* Who still owes its End-of-RIB. */
struct pending {
	size_t count;
	size_t restarting; /* of these, those who are up and wait themselves */
};

/* The marker to a peer waits for every expected peer but itself: two that start at once would wait
 * for each other, and a peer is not told what it said. For the same reason one that restarts does
 * not wait for others that do (RFC 4724 4.1). */
static bool waits_for(const struct reflector_peer *peer, const struct pending *pending)
{
	size_t own = is_expected(peer) ? 1 : 0;

	return pending->count > (peer->restarting ? pending->restarting : own);
}

static void give_end_of_rib(struct reflector *r, const struct pending *pending)
{
	for (size_t i = 1; i < r->peers_end; i++) {
		struct reflector_peer *peer = r->peers[i];

		if (peer == NULL || !peer->established || waits_for(peer, pending))
			continue;
		for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
			if (peer->members[f] != NULL)
				export_member_end_of_rib(peer->members[f]);
		r->ops->ready(r->context, peer->owner);
	}
}

/* What the session brought makes stale paths stale no longer, or lets them go. */
static void settle_stale(struct reflector_peer *peer)
{
	bool any_stale = !instant_is_never(peer->stale_deadline);

	for (enum bgp_family f = 0; any_stale && f < BGP_FAMILY_COUNT; f++)
		if (peer->established && peer->stale[f] && peer->end_of_rib[f])
			reflector_stale_end(peer, f);
	if (!peer->done && has_sent_all(peer))
		peer->done = true;
}

/* Only when nothing is waiting for a decision: End-of-RIB comes after what was learned. */
void reflector_check_end_of_rib(struct reflector *r, instant_t now)
{
	struct pending pending = { 0 };

	for (size_t i = 1; i < r->peers_end; i++) {
		const struct reflector_peer *peer = r->peers[i];

		if (peer == NULL)
			continue;
		settle_stale(r->peers[i]);
		if (!is_expected(peer))
			continue;
		pending.count++;
		pending.restarting += peer->established && peer->restarting;
	}
	if (r->end_of_rib || reflector_is_dirty(r))
		return;
	if (pending.count == 0 || instant_due(r->deferral_deadline, now))
		reach_end_of_rib(r);
	else if (pending.count == 1 || pending.restarting == pending.count)
		give_end_of_rib(r, &pending);
}

/* Our own address as next hop of this family, on this session: of the family's kind, or IPv6 where
 * RFC 8950 was agreed on; IP_NONE when there is none. */
static const struct ip_addr *own_next_hop(const struct reflector_peer *peer, enum bgp_family family)
{
	static const struct ip_addr none = { 0 };
	uint8_t forms = bgp_family_info(family)->next_hop;

	if (peer->local_address.family == IP_V4)
		return (forms & BGP_NEXT_HOP_V4) != 0 ? &peer->local_address : &none;
	if ((forms & BGP_NEXT_HOP_V6) != 0 || peer->send.extended_next_hop[family])
		return &peer->local_address;
	return &none;
}

static void make_view(const struct reflector_peer *peer, enum bgp_family family,
		      struct reflector_view *ret_view)
{
	const struct neighbor_config *config = peer->config;
	bool external = peer->kind == REFLECTOR_EXTERNAL;

	memset(ret_view, 0, sizeof(*ret_view));
	ret_view->kind = external			  ? REFLECTOR_VIEW_EXTERNAL
			 : peer->kind == REFLECTOR_CLIENT ? REFLECTOR_VIEW_CLIENT
							  : REFLECTOR_VIEW_NON_CLIENT;
	ret_view->family = family;
	ret_view->as4 = peer->send.as4;
	ret_view->message_bytes_max = peer->send.message_bytes_max;
	ret_view->addpath = peer->send.addpath[family];
	ret_view->addpath_max = ret_view->addpath != 0 ? config->addpath_send_max : 0;
	ret_view->override_as = external && config->as_override ? config->peer_as.number : 0;
	ret_view->next_hop_self =
		(external || config->next_hop_self) && reflector_can_be_next_hop(family);
	ret_view->extended_next_hop = peer->send.extended_next_hop[family];
	if (bgp_family_is_labeled(family))
		ret_view->labels_max = MAX(peer->send.labels_max[family], 1);
	ret_view->aigp = config->aigp;
	ret_view->no_long_lived = peer->r->config->long_lived_graceful_restart && !peer->long_lived;
	ret_view->role = reflector_role_of(peer, family);
	ret_view->reject_all = config->export_policy == POLICY_REJECT_ALL ||
			       (external && config->export_policy == POLICY_UNSET &&
				peer->r->config->ebgp_requires_policy);
	if (ret_view->next_hop_self != 0)
		memcpy(&ret_view->next_hop, own_next_hop(peer, family), sizeof(ret_view->next_hop));
}

static void say_of_family(const struct reflector_peer *peer, enum bgp_family family,
			  const char *what)
{
	char text[160];

	snprintf(text, sizeof(text), "%s: %s", bgp_family_info(family)->name, what);
	peer->r->ops->log(peer->r->context, peer->r, 4, &peer->address, text);
}

/* What the configuration asks for and this session cannot have. */
static void warn_of_view(const struct reflector_peer *peer, const struct reflector_view *view)
{
	enum bgp_family family = (enum bgp_family)view->family;

	if (peer->kind != REFLECTOR_EXTERNAL && peer->config->next_hop_self &&
	    view->next_hop_self == 0)
		say_of_family(peer, family,
			      "next-hop-self is not for this family: next hops stay as they are");
	if (view->next_hop_self != 0 && view->next_hop.family == IP_NONE)
		say_of_family(peer, family,
			      "our address on this session cannot be its next hop (RFC 8950 is not "
			      "agreed on): nothing is advertised");
}

static void export_again(struct reflector_peer *peer, enum bgp_family family, uint32_t prefix,
			 uint32_t path)
{
	(void)path;
	reflector_mark_dirty(peer->r, family, prefix);
}

static void join_groups(struct reflector_peer *peer)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		struct reflector_view view;

		if (!peer->families[f])
			continue;
		make_view(peer, f, &view);
		warn_of_view(peer, &view);
		peer->members[f] = reflector_member_join(peer->r, &view, peer->index, peer->owner);
		if (view.addpath_max != 0) /* paths.c: who has own paths is told others */
			reflector_visit_paths(peer, f, export_again);
	}
	peer->r->ops->ready(peer->r->context, peer->owner);
}

static void leave_groups(struct reflector_peer *peer)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (peer->members[f] != NULL)
			reflector_member_leave(peer->r, &peer->members[f]);
}

void reflector_peer_up(struct reflector_peer *peer, const struct session_negotiated *negotiated,
		       const struct ip_addr *local_address, instant_t now)
{
	peer->established = true;
	peer->over_limit = false;
	peer->router_id = negotiated->peer_router_id;
	peer->local_address = *local_address;
	peer->receive = negotiated->receive;
	peer->send = negotiated->send;
	peer->enhanced_refresh = negotiated->enhanced_refresh;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		peer->families[f] = negotiated->families[f];
		peer->disabled[f] = false;
		peer->end_of_rib[f] = !negotiated->peer.graceful_restart;
	}
	peer->restarting = negotiated->peer.graceful_restart && negotiated->peer.restarting;
	reflector_stale_up(peer, negotiated, now);
	join_groups(peer);
	reflector_check_end_of_rib(peer->r, now);
}

void reflector_peer_down(struct reflector_peer *peer, bool retain, instant_t now)
{
	leave_groups(peer);
	reflector_stale_down(peer, retain, now);
	memset(peer->end_of_rib, 0, sizeof(peer->end_of_rib));
	peer->established = false;
	reflector_check_end_of_rib(peer->r, now);
}

void reflector_peer_disable(struct reflector_peer *peer, enum bgp_family family, const char *why,
			    instant_t now)
{
	char text[ERROR_TEXT_MAX + 96];

	peer->disabled[family] = true;
	peer->counters.families_disabled++;
	snprintf(text, sizeof(text), "%s disabled for the rest of the session: %s",
		 bgp_family_info(family)->name, why);
	peer->r->ops->log(peer->r->context, peer->r, 4, &peer->address, text);
	reflector_drop_paths(peer, family, 0);
	reflector_stale_end(peer, family);
	reflector_refresh_ended(peer, family);
	reflector_check_end_of_rib(peer->r, now);
}

void reflector_peer_remove(struct reflector_peer *peer, instant_t now)
{
	struct reflector *r = peer->r;

	if (peer->established)
		reflector_peer_down(peer, false, now);
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		reflector_drop_paths(peer, f, 0);
	r->peers[peer->index] = NULL;
	if (r->memory.grower == peer->index)
		r->memory.grower = 0;
	mem_account_release(&r->memory.other, sizeof(*peer));
	mem_free(peer);
	reflector_check_end_of_rib(r, now);
}

void reflector_peer_refresh(struct reflector_peer *peer, enum bgp_family family)
{
	if (peer->members[family] == NULL)
		return;
	export_member_refresh(peer->members[family], peer->enhanced_refresh);
	peer->r->ops->ready(peer->r->context, peer->owner);
}

static bool same_rejects(const struct neighbor_config *a, const struct neighbor_config *b)
{
	if (a->import_reject_count != b->import_reject_count ||
	    a->import_policy != b->import_policy || a->next_hop_peer != b->next_hop_peer ||
	    a->has_med != b->has_med || a->med != b->med)
		return false;
	for (size_t i = 0; i < a->import_reject_count; i++)
		if (!ip_prefix_equal(&a->import_rejects[i].prefix, &b->import_rejects[i].prefix) ||
		    a->import_rejects[i].or_longer != b->import_rejects[i].or_longer)
			return false;
	return true;
}

void reflector_peer_set_config(struct reflector_peer *peer, const struct neighbor_config *config,
			       instant_t now)
{
	const struct neighbor_config *old = peer->config;
	bool import_changed = !same_rejects(old, config);
	bool view_changed = old->next_hop_self != config->next_hop_self ||
			    old->as_override != config->as_override ||
			    old->export_policy != config->export_policy ||
			    old->addpath_send_max != config->addpath_send_max ||
			    old->route_reflector_client != config->route_reflector_client;

	peer->config = config;
	peer->kind = kind_of(peer->r, config);
	if (peer->established && import_changed)
		peer->r->ops->want_refresh(peer->r->context, peer);
	if (peer->established && view_changed) {
		/* What the peer holds and what it is to hold may differ anywhere: start anew. */
		static const struct bgp_notification changed = { .code = 6, .subcode = 6 };

		peer->r->ops->reset(peer->r->context, peer, &changed);
	}
	reflector_check_end_of_rib(peer->r, now);
}

uint32_t reflector_peer_advertised(const struct reflector_peer *peer)
{
	uint32_t count = 0;

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (peer->members[f] != NULL)
			count += export_group_announced(peer->members[f]->group, peer->index);
	return count;
}
