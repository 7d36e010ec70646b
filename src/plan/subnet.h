/*
 * subnet: the addresses of a tenant's gateway subnet, and other things that are made from numbers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 1: the first address is the subnet's router (unused), the second the
 * BGP address, the third and so on the compartments'. The network's own address and, for IPv4, the
 * broadcast address are not used.
 */
#ifndef PLAN_SUBNET_H
#define PLAN_SUBNET_H

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"

/* How many addresses can be given out, the router's and the BGP address included. */
uint64_t subnet_usable(const struct ip_prefix *subnet);
/* The n-th of them: 0 the router, 1 the BGP address, 2.. compartments. n < subnet_usable. */
struct ip_addr subnet_address(const struct ip_prefix *subnet, uint64_t n);
/* How many a tenant needs: the router, the BGP address, and a compartment on each gateway that may
 * carry it at a time: its connections may each be on another one, the reflector's role on a further
 * one, and a connection that moves is on two for a moment; but never more than there are. */
uint64_t subnet_needed(size_t connections, size_t gateways);
/* 0, or -1 with *e naming `path`, the number needed and a prefix length that would do. */
int subnet_check(const struct ip_prefix *subnet, uint64_t needed, const char *path,
		 struct error *e) MUST_CHECK;

/* The deterministic, locally administered MAC of a tenant's VXLAN interface on a node. */
struct mac_addr subnet_mac(uint32_t vni, uint32_t node_number);
/* A host's overlay address: 169.254.0.0 plus its number. */
struct ip_addr subnet_host_overlay(uint32_t node_number);

#endif
