/*
 * speaker: the sessions and instances of one worker, wired together. Bytes and events in, bytes and
 * deadlines out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The rim (heliod/) owns sockets and the clock and moves bytes; everything that BGP decides happens
 * below this header, on virtual time, so that tests and the simulator run the same code. A `struct
 * speaker_conn` stands for one transport connection. How data flows:
 *
 *   rim: octets of a socket -> speaker_input -> session (FSM) -> reflector (import, dirty prefixes)
 *   rim: when the input pauses, or speaker_input said so -> speaker_drain: decision, export into
 * the groups' logs speaker -> ops.want_write(conn) -> rim: speaker_output gives vectors straight
 * into the logs -> writev -> speaker_wrote
 */
#ifndef SPEAKER_SPEAKER_H
#define SPEAKER_SPEAKER_H

#include <sys/uio.h>

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"
#include "base/instant.h"
#include "base/ip.h"
#include "model/instance.h"

struct speaker;
struct speaker_conn;
struct speaker_feed;

/* What the rim does for the speaker. None may call back into the speaker, but for the getters. */
struct speaker_ops {
	/* Open a TCP connection (without waiting) from `local` (may be IP_NONE) to remote:port with
	 * this TTL and TCP-MD5 password (may be NULL), for this instance. speaker_connected or
	 * speaker_connect_failed follows; rim_data is the rim's own, speaker_conn_set_data. */
	void (*connect)(void *context, struct speaker_conn *conn, const char *instance,
			const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
			uint8_t ttl, const char *password);
	/* The connection is over: try once to write what speaker_output still gives, close the
	 * socket, forget conn (it is freed on return). */
	void (*close)(void *context, struct speaker_conn *conn);
	/* conn has output. Called again only after speaker_output gave nothing. */
	void (*want_write)(void *context, struct speaker_conn *conn);
	/* The feed has messages for its reader. Called again only after speaker_feed_next gave
	 * nothing. */
	void (*feed_ready)(void *context, struct speaker_feed *feed);
	/* A tracked next hop of an instance changed (next-hop-resolution: exact); see
	 * speaker_next_hop. */
	void (*next_hop_changed)(void *context, const char *instance,
				 const struct ip_addr *next_hop);
	/* next-hop-resolution kernel: tell what the kernel says of this next hop, now and whenever
	 * it changes, by speaker_next_hop_resolved. Until then its paths are not used. */
	void (*track_next_hop)(void *context, const char *instance, const struct ip_addr *next_hop);
	/* Passwords and addresses that listeners need may have changed: ask again with
	 * speaker_listen_passwords. */
	void (*neighbors_changed)(void *context, const char *instance);
	/* One line for the log: level as in syslog (3 error, 4 warning, 5 notice, 6 info, 7 debug).
	 */
	void (*log)(void *context, int level, const char *instance, const struct ip_addr *peer,
		    const char *text);
};

/* `seed`: 64 random bits for keyed hashing and jitter. */
struct speaker *speaker_new(const struct speaker_ops *ops, void *context, uint64_t seed);
/* Closes everything (with Cease/Administrative Shutdown where a session is up) and frees it. */
void speaker_free(struct speaker *speaker, instant_t now);
/* Sends Cease to all and stops; the rim runs the loop until speaker_idle. */
void speaker_stop(struct speaker *speaker, instant_t now);
bool speaker_idle(const struct speaker *speaker);

/* Adds or changes an instance; takes the config (also on failure). 0, or -1 with *e. Sessions whose
 * keys did not change stay up. */
int speaker_instance_put(struct speaker *speaker, struct instance_config *config, struct error *e,
			 instant_t now) MUST_CHECK;
/* Would _put replace the instance that is there, because its identity (AS, identifiers, table, how
 * next hops resolve) changed? Then its sessions end, and its feeds must be closed before and opened
 * again after. */
bool speaker_instance_replaces(const struct speaker *speaker, const struct instance_config *config);
int speaker_instance_delete(struct speaker *speaker, const char *name, struct error *e,
			    instant_t now) MUST_CHECK;
/* The configuration in force; NULL when there is none of that name. */
const struct instance_config *speaker_instance_config(const struct speaker *speaker,
						      const char *name);
/* Names in order of creation: the one after `name`, NULL at the end; with NULL the first. */
const char *speaker_instance_next(const struct speaker *speaker, const char *name);

/* An incoming TCP connection. `instance` NULL (stand-alone): that of the neighbor with the remote
 * address; of several the one whose local-address is `local`, else the first; when there is none,
 * the one with the longest range of dynamic neighbors there. Returns NULL when nobody wants it: the
 * rim closes the socket. */
struct speaker_conn *speaker_accept(struct speaker *speaker, const char *instance,
				    const struct ip_addr *local, const struct ip_addr *remote,
				    instant_t now) MUST_CHECK;
#define SPEAKER_WHY_TEXT_MAX 640
/* The Cease subcode (RFC 4486) to tell a connection that speaker_accept has just refused: that it
 * is unknown or not wanted now, or one too many (RFC 4271 6.8); and why, for the log. */
uint8_t speaker_refusal(const struct speaker *speaker, const char *instance,
			const struct ip_addr *local, const struct ip_addr *remote,
			char ret_why[static SPEAKER_WHY_TEXT_MAX]);
/* The rim itself refused a connection: it is said once, and is the neighbor's last error. */
void speaker_note_refusal(struct speaker *speaker, const char *instance,
			  const struct ip_addr *local, const struct ip_addr *remote,
			  const char *why);
/* What a connection from this address must have, or it is nobody's: told before speaker_accept. */
struct speaker_guard {
	uint8_t ttl_min; /* the lowest TTL of its packets (RFC 5082); 0: any */
	bool password;	 /* TCP-MD5 */
};
struct speaker_guard speaker_guard(const struct speaker *speaker, const char *instance,
				   const struct ip_addr *local, const struct ip_addr *remote);
void speaker_connected(struct speaker_conn *conn, const struct ip_addr *local, instant_t now);
/* conn is freed. */
void speaker_connect_failed(struct speaker_conn *conn, const char *why, instant_t now);

/*
 * Octets that arrived: returns how many were used up (whole messages); the rim keeps the rest, less
 * than one message, and gives it again in front of what comes next. After the call conn may have
 * been closed (ops.close was called for it): the return value then equals `length`.
 */
size_t speaker_input(struct speaker_conn *conn, const uint8_t *bytes, size_t length,
		     instant_t now) MUST_CHECK;
/* End of file or an error on the socket. conn is freed. */
void speaker_closed(struct speaker_conn *conn, const char *why, instant_t now);
/* Fills up to `max` vectors with output, about `bytes_max` octets. They stay valid until
 * speaker_wrote, speaker_drain or speaker_input of any conn. 0: nothing to send now. */
size_t speaker_output(struct speaker_conn *conn, struct iovec *vectors, size_t max,
		      size_t bytes_max);
void speaker_wrote(struct speaker_conn *conn, size_t bytes, instant_t now);

void speaker_conn_set_data(struct speaker_conn *conn, void *rim_data);
void *speaker_conn_data(const struct speaker_conn *conn);
/* The TTL of packets sent on it, also when it was accepted (ebgp-multihop; RFC 5082). */
uint8_t speaker_conn_ttl(const struct speaker_conn *conn);
/* The lowest TTL of packets that may be taken on it (RFC 5082); 0: any. */
uint8_t speaker_conn_ttl_min(const struct speaker_conn *conn);

/* True when enough prefixes are dirty that the rim should drain before it reads more. */
bool speaker_wants_drain(const struct speaker *speaker);
/* Is there something to decide? Then speaker_drain is due before the rim sleeps. */
bool speaker_is_dirty(const struct speaker *speaker);
/* Decides and exports a bounded batch. True when there is more to do: call again after looking at
 * the sockets. */
bool speaker_drain(struct speaker *speaker, instant_t now);

instant_t speaker_deadline(const struct speaker *speaker);
void speaker_tick(struct speaker *speaker, instant_t now);

/*
 * Feeds: a reader of an instance's Loc-RIB as a stream of UPDATE messages (4-octet ASNs, attributes
 * as in the Loc-RIB), for BMP and FPM. It begins with everything, then End-of-RIB (withheld until
 * the instance has its own), then changes; a slow reader is caught up from the table, so that
 * memory is bounded. `forwarding`: without networks whose advertise is external (for FPM).
 */
struct speaker_feed *speaker_feed_open(struct speaker *speaker, const char *instance,
				       bool forwarding, void *rim_data, struct error *e) MUST_CHECK;
void speaker_feed_close(struct speaker_feed *feed);
void *speaker_feed_data(const struct speaker_feed *feed);
/* The next message, whole, with header; NULL: nothing now. Valid until the next call into the
 * speaker. */
const uint8_t *speaker_feed_next(struct speaker_feed *feed, size_t *ret_length);

/* Next-hop tracking (exact): where a CE is. */
enum next_hop_state {
	NEXT_HOP_UNKNOWN,
	NEXT_HOP_LOCAL,	    /* this instance's own network: the CE's connection is here */
	NEXT_HOP_REMOTE,    /* *ret_via is the overlay address of its gateway */
	NEXT_HOP_BLACKHOLE, /* its host route was lost; its routes are held */
};
enum next_hop_state speaker_next_hop(const struct speaker *speaker, const char *instance,
				     const struct ip_addr *next_hop, struct ip_addr *ret_via);

/* What the kernel says of a next hop that ops.track_next_hop asked for: its route's metric. */
void speaker_next_hop_resolved(struct speaker *speaker, const char *instance,
			       const struct ip_addr *next_hop, bool reachable, uint32_t metric);

/* For listeners with TCP-MD5: calls back for every neighbor with a password, by its address, and
 * for every prefix of dynamic neighbors with one. `instance` NULL: of all instances. */
void speaker_listen_passwords(const struct speaker *speaker, const char *instance,
			      void (*each)(void *context, const struct ip_prefix *peers,
					   const char *password),
			      void *context);

/*
 * What the control socket shows; params and results are those of docs/INTERFACES.md section 3. Each
 * returns a new reference, or NULL with *e. Those with a cursor are paged: *cursor is 0 at first
 * and opaque; the result has "more": true while there is more.
 */
json_t *speaker_show_instances(const struct speaker *speaker, uint64_t *cursor);
json_t *speaker_show_summary(const struct speaker *speaker, const json_t *params, uint64_t *cursor,
			     struct error *e, instant_t now);
json_t *speaker_show_neighbors(const struct speaker *speaker, const json_t *params,
			       uint64_t *cursor, struct error *e, instant_t now);
json_t *speaker_show_routes(const struct speaker *speaker, const json_t *params, uint64_t *cursor,
			    struct error *e, instant_t now);
json_t *speaker_explain(const struct speaker *speaker, const json_t *params, struct error *e);

#endif
