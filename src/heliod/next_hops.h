/*
 * next_hops: what the kernel's routing table says of BGP next hops (next-hop-resolution: kernel).
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 9.1.2.1: a path whose NEXT_HOP cannot be reached is not used, and the metric of the way
 * to it decides between paths (9.1.2.2 e). Asks by RTM_GETROUTE, which answers at once, and asks
 * again when routes or links change, and now and then. Stand-alone only: the routing table is that
 * of the process's own namespace.
 */
#ifndef HELIOD_NEXT_HOPS_H
#define HELIOD_NEXT_HOPS_H

#include "os/loop.h"
#include "speaker/speaker.h"

struct next_hops;

/* NULL with *e when the kernel gives no socket. `changed` is called after the speaker was told
 * something. */
struct next_hops *next_hops_new(struct loop *loop, struct speaker *speaker, uint64_t seed,
				void (*changed)(void *arg), void *arg, struct error *e) MUST_CHECK;
void next_hops_free(struct next_hops *next_hops);

/* For ops.track_next_hop: it is asked for soon. */
void next_hops_track(struct next_hops *next_hops, const char *instance,
		     const struct ip_addr *address);
/* Forgets all of an instance. */
void next_hops_instance_deleted(struct next_hops *next_hops, const char *instance);

#endif
