/*
 * roles: a route that leaked is not used, and none is leaked on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 9234 5: the ONLY_TO_CUSTOMER attribute, for ipv4-unicast and ipv6-unicast on eBGP sessions on
 * which we have a role. Where we have none it is carried like any other attribute. The role that
 * was configured counts even when the peer announced none (4.2); one that does not match ends the
 * session before it begins.
 */
#include "reflector/reflector.h"

uint32_t reflector_role_of(const struct reflector_peer *peer, enum bgp_family family)
{
	if (peer->kind != REFLECTOR_EXTERNAL || !peer->config->has_role ||
	    (family != BGP_IPV4_UNICAST && family != BGP_IPV6_UNICAST))
		return BGP_ROLE_NONE;
	return peer->config->role;
}

static bool goes_up_or_across(uint32_t role)
{
	return role == BGP_ROLE_CUSTOMER || role == BGP_ROLE_PEER || role == BGP_ROLE_RS_CLIENT;
}

bool reflector_role_attaches(const struct reflector_peer *peer, enum bgp_family family,
			     bool has_otc)
{
	return !has_otc && goes_up_or_across(reflector_role_of(peer, family));
}

bool reflector_role_leaked(const struct reflector_peer *peer, enum bgp_family family,
			   const struct attr_entry *entry)
{
	if (!entry->has_otc)
		return false;
	switch (reflector_role_of(peer, family)) {
	case BGP_ROLE_PROVIDER:
	case BGP_ROLE_RS:
		return true;
	case BGP_ROLE_PEER:
		return attr_entry_rare(entry).otc != peer->config->peer_as.number;
	default:
		return false;
	}
}

void reflector_role_attach(struct bgp_attrs *attrs, asn_t as)
{
	attrs->only_to_customer = as.number;
	attrs->present |= UINT64_C(1) << BGP_ATTR_ONLY_TO_CUSTOMER;
}

bool reflector_role_may_send(uint32_t role)
{
	return !goes_up_or_across(role);
}

bool reflector_role_attaches_out(uint32_t role)
{
	return role == BGP_ROLE_PROVIDER || role == BGP_ROLE_RS || role == BGP_ROLE_PEER;
}
