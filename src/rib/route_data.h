/*
 * route_data: what is announced with an NLRI and is no part of its key, interned.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The labels of a labeled or VPN route, the ESI, gateway and labels of an EVPN route: a few octets,
 * most often shared by many routes of one peer (RFC 8277 2.2, 7432 7, 9136 3.1). A prefix table
 * and the export groups over it hold references; two routes have the same data when the ids are
 * the same. Id 0 is no data.
 */
#ifndef RIB_ROUTE_DATA_H
#define RIB_ROUTE_DATA_H

#include "base/base.h"
#include "base/mem_account.h"

struct route_data;

/* What it takes is charged to `account` (NULL: not counted). */
struct route_data *route_data_new(uint64_t seed, struct mem_account *account);
void route_data_free(struct route_data *d);
/* The id of these octets, with one reference for the caller; 0 for none. */
uint32_t route_data_get(struct route_data *d, const uint8_t *bytes, size_t length);
void route_data_ref(struct route_data *d, uint32_t id);
void route_data_unref(struct route_data *d, uint32_t id);
/* Gives back what is empty at the end of its arrays, when that may be most of them. Ids stay. The
 * prefix table asks for it when it shrinks itself. */
void route_data_shrink(struct route_data *d);
/* Valid while a reference is held. NULL, and length 0, for id 0. */
const uint8_t *route_data_bytes(const struct route_data *d, uint32_t id, size_t *ret_length);

#endif
