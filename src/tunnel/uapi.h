/*
 * uapi: WireGuard's cross-platform configuration protocol (wireguard.com/xplatform), as text.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Pure text in, text out; wireguard_go.c carries it over the socket, and wireguard_kernel.c writes
 * the other form, that of wg(8), from the same struct.
 */
#ifndef TUNNEL_UAPI_H
#define TUNNEL_UAPI_H

#include "base/buf.h"
#include "tunnel/tunnel.h"

/* Appends a `set=1` request that makes the device exactly as configured: other peers go. */
void uapi_put_set(struct buf *buf, const struct tunnel_config *config);
/* Reads the answer to `get=1`. Returns 0, or -1 with words (an errno of the device among them). */
int uapi_parse_get(const char *text, struct tunnel_state *ret_state, struct error *e) MUST_CHECK;
/* Reads the answer to `set=1`: 0 when it says errno=0. */
int uapi_parse_set(const char *text, struct error *e) MUST_CHECK;

/* Appends the file that `wg setconf` reads. */
void uapi_put_wg_conf(struct buf *buf, const struct tunnel_config *config);
/* Reads what `wg show DEVICE dump` writes. */
int uapi_parse_wg_dump(const char *text, struct tunnel_state *ret_state,
		       struct error *e) MUST_CHECK;

#endif
