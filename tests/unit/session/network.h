/*
 * network: sessions wired together on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two hosts, each with a session; connections between them are byte queues. Time stands still until
 * nothing is left to deliver, then jumps to the next deadline.
 */
#ifndef TESTS_NETWORK_H
#define TESTS_NETWORK_H

#include "base/buf.h"
#include "session/session.h"

struct network;
struct host;

/* One end of a connection. */
struct end {
	struct host *host; /* NULL: this end has closed it */
	enum session_side side;
	struct buf in;	 /* octets on their way to this host */
	instant_t ready; /* not before it may they arrive (latency) */
	bool told;	 /* session_closed was called */
};

struct link {
	struct end ends[2]; /* of the opener, of the acceptor */
	bool connecting;
	instant_t opened; /* when the opener called */
	bool cut;	  /* octets are lost */
};

struct host {
	struct network *network;
	struct session *session;
	struct session_config config;
	unsigned index;
	bool reachable; /* false: nobody answers connections */
	bool update_fails;
	bool stuck; /* nothing that it sends counts as taken */
	unsigned established, downs, connects, refused, updates, refreshes;
	unsigned expected;	/* UPDATEs that were said to come */
	size_t expected_length; /* of the last one's body */
	enum session_down_reason reason;
	bool retain;
	enum bgp_family refresh_family;
	uint8_t refresh_subtype;
	instant_t last_connect;
};

#define LINKS_MAX 64

struct network {
	instant_t now;
	struct host hosts[2];
	struct link links[LINKS_MAX];
	size_t link_count;
	size_t chunk;	    /* octets given at a time */
	duration_t latency; /* one way: of octets, of a close, of a connection's setup */
	bool hold;	    /* connections stay pending */
};

/* AS 65000 on both, identifiers 10.0.0.1 and 10.0.0.2, hold time 90, connect retry 5. */
void network_init(struct network *n);
/* Makes the sessions of the hosts' configs; to be called after changing them. */
void network_open(struct network *n);
void network_done(struct network *n);
/* Delivers what there is; no time passes. */
void network_deliver(struct network *n);
/* Runs for that long. */
void network_run(struct network *n, duration_t d);
/* Everything there is between the two breaks; each host is told. */
void network_break(struct network *n);
/* The open link in which the host has this side; NULL: none. */
struct link *network_link(struct network *n, unsigned host, enum session_side side);

#endif
