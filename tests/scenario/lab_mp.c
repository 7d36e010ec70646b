/*
 * lab_mp: what a lab peer is told in MP_REACH_NLRI and MP_UNREACH_NLRI, and what it offers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It knows no family: an NLRI is octets. Where NLRI begin with a length in bits (SAFI 1, 2, 4 and
 * 128) a run is cut; elsewhere an attribute's whole run is one. Labels (SAFI 4 and 128) name no
 * route.
 */
#include "base/mem.h"
#include "lab.h"

const struct lab_mp_route *lab_mp_find(struct lab_peer *peer, const struct lab_mp_route *wanted)
{
	for (size_t i = 0; i < peer->mp_route_count; i++) {
		struct lab_mp_route *route = &peer->mp_routes[i];

		if (route->afi == wanted->afi && route->safi == wanted->safi &&
		    route->length == wanted->length &&
		    memcmp(route->nlri, wanted->nlri, route->length) == 0)
			return route;
	}
	return NULL;
}

/* Octets of the labels behind the length: up to the one with the bottom bit, or the one that a
 * withdrawal has. */
static size_t labels(const struct lab_mp_route *route)
{
	size_t at = 1;

	if (route->safi != 4 && route->safi != 128)
		return 0;
	while (at + 3 <= route->length && (route->nlri[at + 2] & 1) == 0 && route->nlri[at] != 0x80)
		at += 3;
	return at + 2 < route->length ? at + 2 : route->length - 1u;
}

/* The one that this NLRI replaces or withdraws. */
static struct lab_mp_route *find(struct lab_peer *peer, const struct lab_mp_route *wanted)
{
	size_t labels_wanted = labels(wanted), rest = wanted->length - 1u - labels_wanted;

	for (size_t i = 0; i < peer->mp_route_count; i++) {
		struct lab_mp_route *route = &peer->mp_routes[i];
		size_t before = labels(route);

		if (route->afi == wanted->afi && route->safi == wanted->safi &&
		    route->length - 1u - before == rest &&
		    route->nlri[0] - 8u * before == wanted->nlri[0] - 8u * labels_wanted &&
		    memcmp(route->nlri + 1 + before, wanted->nlri + 1 + labels_wanted, rest) == 0)
			return route;
	}
	return NULL;
}

/* The next NLRI of a run into *route; its octets, or 0 when it does not fit. */
static size_t next_nlri(struct lab_mp_route *route, const uint8_t *p, size_t left)
{
	bool bits = route->safi == 1 || route->safi == 2 || route->safi == 4 || route->safi == 128;
	size_t length = bits ? 1 + (size_t)(p[0] + 7) / 8 : left;

	if (length > left || length > sizeof(route->nlri))
		return 0;
	route->length = (uint16_t)length;
	memcpy(route->nlri, p, length);
	return length;
}

static void keep(struct lab_peer *peer, const struct lab_mp_route *route)
{
	struct lab_mp_route *known = find(peer, route);

	if (known == NULL) {
		MEM_RESERVE(peer->mp_routes, peer->mp_route_capacity, peer->mp_route_count + 1);
		known = &peer->mp_routes[peer->mp_route_count++];
	}
	*known = *route;
}

static void forget(struct lab_peer *peer, const struct lab_mp_route *route)
{
	struct lab_mp_route *known = find(peer, route);

	if (known != NULL)
		*known = peer->mp_routes[--peer->mp_route_count];
}

static bool read_run(struct lab_peer *peer, struct lab_mp_route *route, const uint8_t *p,
		     size_t left, bool announced)
{
	while (left != 0) {
		size_t step = next_nlri(route, p, left);

		if (step == 0)
			return false;
		if (announced)
			keep(peer, route);
		else
			forget(peer, route);
		p += step;
		left -= step;
	}
	return true;
}

bool lab_mp_reach(struct lab_peer *peer, const uint8_t *p, size_t length)
{
	struct lab_mp_route route = { 0 };

	if (length < 5 || length < 5u + p[3] || p[3] > sizeof(route.next_hop))
		return false;
	route.afi = (uint16_t)(p[0] << 8 | p[1]);
	route.safi = p[2];
	route.next_hop_length = p[3];
	memcpy(route.next_hop, p + 4, p[3]);
	return read_run(peer, &route, p + 5 + p[3], length - 5 - p[3], true);
}

bool lab_mp_unreach(struct lab_peer *peer, const uint8_t *p, size_t length)
{
	struct lab_mp_route route = { 0 };

	if (length < 3)
		return false;
	if (length == 3)
		peer->end_of_ribs++;
	route.afi = (uint16_t)(p[0] << 8 | p[1]);
	route.safi = p[2];
	return read_run(peer, &route, p + 3, length - 3, false);
}

void lab_offer(struct lab_peer *peer, const uint8_t *bytes, size_t length)
{
	assert(peer->offer_bytes + length <= sizeof(peer->offer));
	memcpy(peer->offer + peer->offer_bytes, bytes, length);
	peer->offer_bytes += length;
}

void lab_offer_restart(struct lab_peer *peer, uint32_t restart_s, uint32_t long_lived_s, bool ipv6,
		       bool lost)
{
	uint8_t kept = lost ? 0 : 0x80;
	uint8_t t[3] = { (uint8_t)(long_lived_s >> 16), (uint8_t)(long_lived_s >> 8),
			 (uint8_t)long_lived_s };
	const uint8_t restart[] = { 64,
				    ipv6 ? 10 : 6,
				    (uint8_t)(restart_s >> 8),
				    (uint8_t)restart_s,
				    0,
				    1,
				    1,
				    kept,
				    0,
				    2,
				    1,
				    kept };
	const uint8_t long_lived[] = { 71,   ipv6 ? 14 : 7, 0,	  1,   1, kept,
				       t[0], t[1],	    t[2], 0,   2, 1,
				       kept, t[0],	    t[1], t[2] };

	lab_offer(peer, restart, 2u + restart[1]);
	if (long_lived_s != 0)
		lab_offer(peer, long_lived, 2u + long_lived[1]);
}
