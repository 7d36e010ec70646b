/*
 * item: one piece of kernel state, as it is wanted and as it was seen.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host/item.h"

#include "base/hash.h"

static uint64_t item_mix(uint64_t hash, uint64_t value, uint64_t seed)
{
	return hash_u64(hash * 31 + value, seed);
}

uint64_t item_key_hash(const struct item_key *key, uint64_t seed)
{
	uint64_t hash = key->kind;

	hash = item_mix(hash, (uint64_t)key->place << 32 | key->name, seed);
	hash = item_mix(hash, (uint64_t)key->number << 32 | key->priority, seed);
	hash = item_mix(hash, hash_bytes(key->addr.bytes, sizeof(key->addr.bytes), seed), seed);
	hash = item_mix(hash, hash_bytes(key->mac.bytes, sizeof(key->mac.bytes), seed), seed);
	return item_mix(hash, (uint64_t)key->length << 8 | key->addr.family, seed);
}

bool item_key_equal(const struct item_key *a, const struct item_key *b)
{
	return a->kind == b->kind && a->length == b->length && a->place == b->place &&
	       a->name == b->name && a->number == b->number && a->priority == b->priority &&
	       ip_addr_equal(&a->addr, &b->addr) &&
	       memcmp(a->mac.bytes, b->mac.bytes, sizeof(a->mac.bytes)) == 0;
}

static bool item_mac_equal(const struct mac_addr *a, const struct mac_addr *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool item_value_needs_remake(enum item_kind kind, const struct item_value *have,
			     const struct item_value *want)
{
	if (kind != ITEM_LINK || want->link_type != ITEM_LINK_VXLAN)
		return false;
	return have->link_type != ITEM_LINK_VXLAN || have->number != want->number ||
	       !ip_addr_equal(&have->addr, &want->addr);
}

static bool item_link_satisfies(const struct item_value *have, const struct item_value *want)
{
	if (item_value_needs_remake(ITEM_LINK, have, want) || have->up != want->up)
		return false;
	if (want->mtu != 0 && have->mtu != want->mtu)
		return false;
	return want->link_type != ITEM_LINK_VXLAN || item_mac_equal(&have->mac, &want->mac);
}

bool item_value_satisfies(enum item_kind kind, const struct item_value *have,
			  const struct item_value *want)
{
	switch (kind) {
	case ITEM_NAMESPACE:
	case ITEM_ADDR:
	case ITEM_KINDS:
		return true;
	case ITEM_TUNNEL:
		return have->hash == want->hash;
	case ITEM_LINK:
		return item_link_satisfies(have, want);
	case ITEM_SYSCTL:
		return have->text == want->text;
	case ITEM_NEIGH:
		return item_mac_equal(&have->mac, &want->mac);
	case ITEM_FDB:
		return ip_addr_equal(&have->addr, &want->addr);
	case ITEM_NEXTHOP:
		return have->blackhole == want->blackhole && have->device == want->device &&
		       ip_addr_equal(&have->addr, &want->addr);
	case ITEM_ROUTE:
		return have->protocol == want->protocol && have->number == want->number &&
		       (want->number != 0 || (have->device == want->device &&
					      ip_addr_equal(&have->addr, &want->addr))) &&
		       ip_addr_equal(&have->source, &want->source);
	case ITEM_RULE:
		return have->number == want->number;
	}
	return true;
}

const char *item_kind_name(enum item_kind kind)
{
	static const char *const names[] = {
		[ITEM_NAMESPACE] = "compartment", [ITEM_TUNNEL] = "tunnel",
		[ITEM_LINK] = "device",		  [ITEM_SYSCTL] = "setting",
		[ITEM_ADDR] = "address",	  [ITEM_NEIGH] = "neighbour",
		[ITEM_FDB] = "forwarding entry",  [ITEM_NEXTHOP] = "nexthop",
		[ITEM_ROUTE] = "route",		  [ITEM_RULE] = "rule",
	};

	return kind < ITEM_KINDS ? names[kind] : "?";
}
