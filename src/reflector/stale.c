/*
 * stale: paths that outlive the session in which they were learned, and paths that a route refresh
 * has to confirm.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4724 4.2 (a restarting peer's paths stay as stale until its restart time has passed or, when
 * it is back before that, until its End-of-RIB), RFC 9494 4.2 (then, in the families in which both
 * sides agreed on it, they stay for the peer's long-lived stale time, least preferred of all), RFC
 * 7313 4 (between BoRR and EoRR the paths of a family are to be announced again, or go).
 *
 * The two marks are apart: RIB_PATH_STALE (with RIB_PATH_LONG_LIVED_STALE) belongs to a session
 * that is gone, RIB_PATH_REFRESHING to the one that is up. An announcement clears them all.
 */
#include "reflector/reflector.h"

/* How long stale paths wait for the End-of-RIB of a peer that came back in time (RFC 4724 4.2: an
 * upper bound), also when their long-lived stale time ends meanwhile, and paths for an EoRR that
 * does not come (RFC 7313 4). */
#define SYNCHRONIZATION_SECONDS_MAX 600u

void reflector_drop_paths(struct reflector_peer *peer, enum bgp_family family, uint8_t flags)
{
	struct reflector *r = peer->r;
	struct prefix_table *t = &r->tables[family];

	for (uint32_t prefix = 1; prefix < t->prefixes_end && peer->family_paths[family] != 0;
	     prefix++) {
		uint32_t next;

		for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = next) {
			next = t->paths[p].next;
			if (t->paths[p].peer == peer->index &&
			    (flags == 0 || (t->paths[p].flags & flags) != 0))
				reflector_drop_path(r, family, prefix, p);
		}
	}
}

void reflector_visit_paths(struct reflector_peer *peer, enum bgp_family family,
			   reflector_path_visitor *visit)
{
	const struct prefix_table *t = &peer->r->tables[family];

	for (uint32_t prefix = 1; prefix < t->prefixes_end && peer->family_paths[family] != 0;
	     prefix++) {
		uint32_t next;

		for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE; p = next) {
			next = t->paths[p].next;
			if (t->paths[p].peer == peer->index)
				visit(peer, family, prefix, p);
		}
	}
}

static void mark_stale(struct reflector_peer *peer, enum bgp_family family, uint32_t prefix,
		       uint32_t path)
{
	uint8_t *flags = &peer->r->tables[family].paths[path].flags;

	*flags &= (uint8_t)~RIB_PATH_REFRESHING;
	*flags |= RIB_PATH_STALE;
	peer->stale[family] = true;
	reflector_mark_dirty(peer->r, family, prefix);
}

static void mark_refreshing(struct reflector_peer *peer, enum bgp_family family, uint32_t prefix,
			    uint32_t path)
{
	(void)prefix;
	peer->r->tables[family].paths[path].flags |= RIB_PATH_REFRESHING;
}

/* RFC 9494 4.2: without NO_LLGR it stays, as the least preferred. */
static void mark_long_lived(struct reflector_peer *peer, enum bgp_family family, uint32_t prefix,
			    uint32_t path)
{
	struct rib_path *p = &peer->r->tables[family].paths[path];

	if ((p->flags & RIB_PATH_STALE) == 0)
		return;
	if (attr_table_entry(&peer->r->attrs, p->attr)->no_llgr) {
		reflector_drop_path(peer->r, family, prefix, path);
		return;
	}
	p->flags |= RIB_PATH_LONG_LIVED_STALE;
	reflector_mark_dirty(peer->r, family, prefix);
}

static void note_deadlines(struct reflector_peer *peer)
{
	peer->stale_deadline = peer->restart_deadline;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		peer->stale_deadline =
			instant_min(peer->stale_deadline, peer->long_lived_deadline[f]);
	peer->deadline = peer->stale_deadline;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		peer->deadline = instant_min(peer->deadline, peer->refresh_deadline[f]);
}

void reflector_stale_init(struct reflector_peer *peer)
{
	peer->restart_deadline = INSTANT_NEVER;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		peer->long_lived_deadline[f] = INSTANT_NEVER;
		peer->refresh_deadline[f] = INSTANT_NEVER;
	}
	note_deadlines(peer);
}

/* The family's stale paths go. */
static void end_stale(struct reflector_peer *peer, enum bgp_family family)
{
	if (peer->stale[family])
		reflector_drop_paths(peer, family, RIB_PATH_STALE);
	peer->stale[family] = false;
	peer->long_lived_deadline[family] = INSTANT_NEVER;
	peer->long_lived_over[family] = false;
}

static void say(struct reflector_peer *peer, int level, enum bgp_family family, const char *what)
{
	char text[160];

	snprintf(text, sizeof(text), "%s: %s", bgp_family_info(family)->name, what);
	peer->r->ops->log(peer->r->context, peer->r, level, &peer->address, text);
}

/* A timer that runs is not touched before the peer came back and was in step again (RFC
 * 9494 4.2). */
static void begin_long_lived(struct reflector_peer *peer, enum bgp_family family, instant_t now)
{
	reflector_visit_paths(peer, family, mark_long_lived);
	if (!instant_is_never(peer->long_lived_deadline[family]))
		return;
	peer->long_lived_deadline[family] =
		instant_add(now, duration_seconds(peer->long_lived_time_s[family]));
	say(peer, 5, family, "stale routes are kept for the long-lived stale time");
}

static bool in_long_lived(const struct reflector_peer *peer, enum bgp_family family)
{
	return !instant_is_never(peer->long_lived_deadline[family]);
}

static bool restarts(const struct reflector_peer *peer, enum bgp_family family)
{
	return peer->restart_families[family] && peer->restart_time_s != 0;
}

/* What the session that ends leaves of a family. */
static void keep_family(struct reflector_peer *peer, enum bgp_family family, instant_t now)
{
	bool again = peer->stale[family]; /* it restarted before it was done */

	if (again && peer->long_lived_time_s[family] == 0)
		end_stale(peer, family); /* RFC 4724 4.2 */
	peer->stale[family] = false;
	reflector_visit_paths(peer, family, mark_stale);
	if (!peer->stale[family]) /* there is nothing to keep */
		end_stale(peer, family);
	else if (peer->long_lived_time_s[family] != 0 &&
		 (!restarts(peer, family) || again || in_long_lived(peer, family)))
		begin_long_lived(peer, family, now);
	else
		peer->restart_deadline = instant_add(now, duration_seconds(peer->restart_time_s));
}

void reflector_stale_down(struct reflector_peer *peer, bool retain, instant_t now)
{
	peer->restart_deadline = INSTANT_NEVER;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		bool keeps = retain && peer->families[f] && !peer->disabled[f] &&
			     !peer->long_lived_over[f] &&
			     (restarts(peer, f) || peer->long_lived_time_s[f] != 0);

		peer->refresh_deadline[f] = INSTANT_NEVER;
		if (keeps) {
			keep_family(peer, f, now);
		} else {
			reflector_drop_paths(peer, f, 0);
			end_stale(peer, f);
		}
	}
	note_deadlines(peer);
}

/* Did the peer that is back preserve its forwarding state in this family? RFC 4724 4.2, and RFC
 * 9494 4.2 once the long-lived stale time runs. */
static bool preserved(const struct reflector_peer *peer, enum bgp_family family,
		      const struct session_negotiated *negotiated)
{
	const struct bgp_capabilities *c = &negotiated->peer;

	if (!negotiated->families[family] || !c->graceful_restart)
		return false;
	if (in_long_lived(peer, family))
		return c->long_lived && c->long_lived_families[family] &&
		       c->long_lived_forwarding[family];
	return c->restart_families[family] && c->restart_forwarding[family];
}

/* Without stale paths nothing waits for the restart time. */
static void forget_restart(struct reflector_peer *peer)
{
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (peer->stale[f])
			return;
	peer->restart_deadline = INSTANT_NEVER;
}

void reflector_stale_up(struct reflector_peer *peer, const struct session_negotiated *negotiated,
			instant_t now)
{
	const struct bgp_capabilities *c = &negotiated->peer;
	bool long_lived = peer->r->config->long_lived_graceful_restart && c->graceful_restart &&
			  c->long_lived; /* RFC 9494 4.5: not without RFC 4724 */

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		if (!preserved(peer, f, negotiated))
			end_stale(peer, f);
		peer->restart_families[f] = c->restart_families[f];
		peer->long_lived_time_s[f] =
			long_lived && c->long_lived_families[f] ? c->long_lived_time_s[f] : 0;
	}
	peer->long_lived = long_lived;
	peer->restart_time_s = c->restart_time_s;
	if (!instant_is_never(peer->restart_deadline))
		peer->restart_deadline =
			instant_add(now, duration_seconds(SYNCHRONIZATION_SECONDS_MAX));
	forget_restart(peer);
	note_deadlines(peer);
}

void reflector_stale_end(struct reflector_peer *peer, enum bgp_family family)
{
	end_stale(peer, family);
	forget_restart(peer);
	note_deadlines(peer);
}

/* The peer is not back in time, or it is, and did not say what it has. */
static void restart_is_over(struct reflector_peer *peer, instant_t now)
{
	peer->restart_deadline = INSTANT_NEVER;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		if (!peer->stale[f] || in_long_lived(peer, f))
			continue;
		if (!peer->established && peer->long_lived_time_s[f] != 0) {
			begin_long_lived(peer, f, now);
		} else {
			end_stale(peer, f);
			say(peer, 5, f,
			    peer->established ? "no End-of-RIB: stale routes removed"
					      : "restart time is over: stale routes removed");
		}
	}
}

/* RFC 9494 4.2: a peer that is back may still say which of them it has; should it go before it
 * did, nothing is kept. */
static void long_lived_is_over(struct reflector_peer *peer, enum bgp_family family, instant_t now)
{
	if (peer->established && !peer->long_lived_over[family]) {
		peer->long_lived_over[family] = true;
		peer->long_lived_deadline[family] =
			instant_add(now, duration_seconds(SYNCHRONIZATION_SECONDS_MAX));
		return;
	}
	end_stale(peer, family);
	say(peer, 5, family, "long-lived stale time is over: stale routes removed");
}

static void end_refresh(struct reflector_peer *peer, enum bgp_family family)
{
	reflector_drop_paths(peer, family, RIB_PATH_REFRESHING);
	peer->refresh_deadline[family] = INSTANT_NEVER;
}

void reflector_stale_tick(struct reflector_peer *peer, instant_t now)
{
	if (instant_due(peer->restart_deadline, now))
		restart_is_over(peer, now);
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		if (instant_due(peer->long_lived_deadline[f], now))
			long_lived_is_over(peer, f, now);
		if (!instant_due(peer->refresh_deadline[f], now))
			continue;
		end_refresh(peer, f);
		say(peer, 4, f, "no end of its route refresh: what it did not repeat is removed");
	}
	note_deadlines(peer);
}

/* RFC 7313 4: nothing before the initial End-of-RIB of a peer with graceful restart; a second BoRR
 * marks everything again. */
void reflector_refresh_began(struct reflector_peer *peer, enum bgp_family family, instant_t now)
{
	if (!peer->established || !peer->families[family] || peer->disabled[family] ||
	    !peer->end_of_rib[family])
		return;
	reflector_visit_paths(peer, family, mark_refreshing);
	peer->refresh_deadline[family] =
		instant_add(now, duration_seconds(SYNCHRONIZATION_SECONDS_MAX));
	note_deadlines(peer);
}

void reflector_refresh_ended(struct reflector_peer *peer, enum bgp_family family)
{
	if (instant_is_never(peer->refresh_deadline[family]))
		return;
	end_refresh(peer, family);
	note_deadlines(peer);
}
