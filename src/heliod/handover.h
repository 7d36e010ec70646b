/*
 * handover: sockets that the agent makes in the tenants' compartments (managed).
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 4. We listen on a SOCK_SEQPACKET socket; the agent connects, gets our
 * requests, and answers with descriptors. Requests that wait are kept, and sent again when the
 * agent connects anew. Which listeners there must be follows from the instances' neighbors: one for
 * each local address.
 */
#ifndef HELIOD_HANDOVER_H
#define HELIOD_HANDOVER_H

#include "heliod/wire.h"

struct handover;

struct handover *handover_new(struct loop *loop, struct speaker *speaker, struct wire *wire,
			      const char *path, struct error *e) MUST_CHECK;
void handover_free(struct handover *handover);

/* Asks for a connection's socket (ops.connect). `password` may be NULL; it is copied. */
void handover_connect(struct handover *handover, struct wire_conn *conn, const char *instance,
		      const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		      uint8_t ttl, const char *password);
/* The connection is over before its socket came. Nothing happens when none is asked for. */
void handover_cancel(struct handover *handover, const struct wire_conn *conn);

/* The instance, or its neighbors, changed, or it is gone: asks for listeners that are missing,
 * gives up those that nobody needs, sets passwords anew. */
void handover_refresh(struct handover *handover, const char *instance);

#endif
