/*
 * tunnel: the drivers that make tunnels, behind one table of functions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A tunnel is a device: made in the node's own namespace, so that its outer packets stay outside,
 * then moved into a compartment by whoever called. A driver makes the device, tells it its
 * configuration, and reads back what it does. Which driver serves is found at run time.
 *
 * Keys travel over sockets and pipes only: never on a command line, never in a log.
 */
#ifndef TUNNEL_TUNNEL_H
#define TUNNEL_TUNNEL_H

#include <sys/types.h>

#include "base/error.h"
#include "base/ip.h"

#define TUNNEL_KEY_BYTES 32

struct tunnel_config {
	uint8_t private_key[TUNNEL_KEY_BYTES];
	uint8_t peer_public_key[TUNNEL_KEY_BYTES];
	struct ip_addr endpoint_address;
	uint16_t endpoint_port;
	uint16_t listen_port;
	uint16_t keepalive_seconds; /* 0: none */
	uint32_t mark;		    /* of outer packets */
};

struct tunnel_state {
	struct tunnel_config config; /* as the tunnel has it */
	bool all_addresses;	     /* 0.0.0.0/0 and ::/0 may pass */
	uint64_t received_bytes, sent_bytes;
	int64_t handshake_seconds; /* since the epoch of the wall clock; 0: never */
};

struct tunnel_driver {
	const char *name;
	/* Does it work on this machine? */
	bool (*is_available)(void);
	/* Starts making the device. Returns the process that must end with status 0 before the
	 * device is there (the caller's to wait for), 0 when it is there already, or -1. */
	pid_t (*create)(const char *device, struct error *e);
	/* The device is in `netns_fd` (-1: the present one) for these. */
	int (*configure)(const char *device, int netns_fd, const struct tunnel_config *config,
			 struct error *e);
	int (*read)(const char *device, int netns_fd, struct tunnel_state *ret_state,
		    struct error *e);
};

/* Linux's own WireGuard, told by wg(8). */
extern const struct tunnel_driver tunnel_wireguard_kernel;
/* wireguard-go in user space, told over its UAPI socket. */
extern const struct tunnel_driver tunnel_wireguard_go;

/* The driver of WireGuard on this machine: the kernel's own when it has it. NULL with words when
 * there is none. Looked up once. */
const struct tunnel_driver *tunnel_wireguard(struct error *e);

#endif
