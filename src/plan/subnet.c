/*
 * subnet: the addresses of a tenant's gateway subnet, and other things that are made from numbers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic only: which of these addresses are in use is the orchestrator's to know.
 */
#include "plan/subnet.h"

uint64_t subnet_usable(const struct ip_prefix *subnet)
{
	uint64_t size = ip_prefix_size(subnet);
	uint64_t reserved = subnet->addr.family == IP_V4 ? 2 : 1;

	return size > reserved ? size - reserved : 0;
}

struct ip_addr subnet_address(const struct ip_prefix *subnet, uint64_t n)
{
	return ip_addr_plus(&subnet->addr, n + 1);
}

uint64_t subnet_needed(size_t connections, size_t gateways)
{
	uint64_t compartments = MIN((uint64_t)connections + 2, (uint64_t)gateways);

	return 2 + MAX(compartments, 1);
}

int subnet_check(const struct ip_prefix *subnet, uint64_t needed, const char *path, struct error *e)
{
	char text[IP_PREFIX_TEXT_MAX];
	struct ip_prefix larger = *subnet;
	uint64_t usable = subnet_usable(subnet);

	if (usable >= needed)
		return 0;
	while (larger.length > 0 && subnet_usable(&larger) < needed)
		larger.length--;
	return error_set(e,
			 "%s: %s has %" PRIu64 " usable addresses and %" PRIu64
			 " are needed (the router, the BGP address and one for each gateway that "
			 "may carry the tenant): use a /%u or larger",
			 path, ip_prefix_format(subnet, text), usable, needed, larger.length);
}

struct mac_addr subnet_mac(uint32_t vni, uint32_t node_number)
{
	return (struct mac_addr){ { 0x02, (uint8_t)(vni >> 16), (uint8_t)(vni >> 8), (uint8_t)vni,
				    (uint8_t)(node_number >> 8), (uint8_t)node_number } };
}

struct ip_addr subnet_host_overlay(uint32_t node_number)
{
	return ip_addr_v4(0xa9fe0000u + node_number);
}
