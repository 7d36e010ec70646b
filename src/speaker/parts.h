/*
 * parts: what the files of speaker/ share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SPEAKER_PARTS_H
#define SPEAKER_PARTS_H

#include "base/buf.h"
#include "base/heap.h"
#include "base/hmap.h"
#include "base/list.h"
#include "reflector/reflector.h"
#include "session/session.h"
#include "speaker/speaker.h"

/* Output that a session produced by itself (OPEN, KEEPALIVE, NOTIFICATION) and that is not sent:
 * more than this means a dead peer. */
#define SPEAKER_CONTROL_BYTES_MAX (256u * 1024u)

/* Who is behind an export member: the first member of speaker_peer and speaker_feed. */
struct speaker_owner {
	bool is_feed;
};

struct speaker_conn {
	struct speaker_peer *peer;
	enum session_side side;
	struct ip_addr local;
	struct buf control;
	void *rim_data;
	bool want_write; /* the rim was told and has not found the output empty since */
	/* the layout of what speaker_output gave last: the rest of a message, control, one family's
	 * messages */
	size_t given_rest;
	size_t given_control;
	size_t given_bytes;
	enum bgp_family given_family;
};

/* All peers of the process with one address, whatever their instance, in order of creation. */
struct speaker_address {
	struct hmap_node node; /* in speaker->addresses */
	struct ip_addr address;
	struct list peers;
};

struct speaker_peer {
	struct speaker_owner owner;
	struct list node;	 /* in instance->peers */
	struct list settle_node; /* in speaker->unsettled */
	struct hmap_node by_address;
	struct speaker_address *namesakes;
	struct list namesake; /* in namesakes->peers */
	uint32_t serial;      /* grows within instance->peers */
	struct heap_node timer;
	struct speaker_instance *instance;
	const struct neighbor_config *config; /* in the instance's config */
	struct ip_addr address;
	bool dynamic;
	struct session *session;
	struct reflector_peer *reflector_peer;
	struct speaker_conn *conns[SESSION_SIDES];
	struct speaker_conn *arriving;	/* during session_accept */
	struct bgp_notification *reset; /* asked for during a call of the session; NULL: none */
	uint32_t errors_seen;		/* of the session's, by its count */
	uint64_t error_logged;		/* hash of the last that is in the log */
	instant_t kept_until;		/* a dynamic one, for what is to be remembered of it */
	uint64_t updates_sent;		/* whole, over all its sessions */
};

struct speaker_instance {
	struct list node;
	struct hmap_node by_name;
	struct list dirty_node;
	struct list dynamic_node; /* in speaker->dynamic: it has dynamic neighbors */
	struct heap_node timer;
	struct speaker *speaker;
	uint32_t serial;      /* grows within speaker->instances */
	uint32_t peer_serial; /* that was given last */
	bool full;	      /* enough prefixes are dirty that a drain is due */
	struct instance_config *config;
	struct reflector *reflector;
	struct list peers;
	struct hmap peers_by_address;
	struct list feeds;
};

struct speaker_feed {
	struct speaker_owner owner;
	struct list node;
	struct speaker_instance *instance; /* NULL: it was deleted */
	struct reflector_feed *reflector_feed;
	void *rim_data;
	bool told; /* feed_ready was called and the reader has not found it empty since */
};

struct speaker {
	const struct speaker_ops *ops;
	void *context;
	uint64_t seed;
	struct list instances; /* in order of creation */
	struct hmap instances_by_name;
	struct hmap addresses; /* struct speaker_address */
	struct list dynamic;
	struct list dirty;
	size_t full_count; /* instances that are full */
	struct list unsettled;
	struct heap timers; /* of peers; key: nanoseconds */
	struct heap instance_timers;
	size_t conn_count;
	uint32_t instance_serial; /* that was given last */
	bool stopping;
};

/* instance.c */
struct speaker_instance *speaker_find_instance(const struct speaker *s, const char *name);
void speaker_instance_free(struct speaker_instance *instance, instant_t now);
/* The longest prefix of dynamic neighbors with this address; NULL: there is none. */
const struct dynamic_neighbor_config *speaker_instance_range(const struct instance_config *config,
							     const struct ip_addr *address);
/* After input: is there something to decide? */
void speaker_instance_note_dirty(struct speaker_instance *instance);
/* After anything that may have changed an instance's work or deadlines. */
void speaker_instance_touched(struct speaker_instance *instance);

/* speaker.c */
/* Does what was put off during calls: resets, dynamic peers that are gone. Ends every entry into
 * the speaker. */
void speaker_settle(struct speaker *s, instant_t now);

/* peer.c */
extern const struct reflector_ops speaker_reflector_ops;
struct speaker_peer *speaker_peer_new(struct speaker_instance *instance,
				      const struct neighbor_config *config,
				      const struct ip_addr *address, bool dynamic, instant_t now);
/* A configuration that keeps the session; the instance's is in place already. */
void speaker_peer_set_config(struct speaker_peer *peer, const struct neighbor_config *config,
			     instant_t now);
void speaker_peer_free(struct speaker_peer *peer, instant_t now);
struct speaker_peer *speaker_peer_find(const struct speaker_instance *instance,
				       const struct ip_addr *address);
/* Of the peers with this address in any instance: the first that is configured for our address
 * `local`, else the first that is for any, else the first. NULL: there is none. */
struct speaker_peer *speaker_peer_first(const struct speaker *s, const struct ip_addr *local,
					const struct ip_addr *remote);
void speaker_peer_touched(struct speaker_peer *peer);

/* connection.c */
struct speaker_conn *speaker_conn_new(struct speaker_peer *peer, enum session_side side,
				      const struct ip_addr *local);
/* The rim has forgotten it, or is told to. */
void speaker_conn_free(struct speaker_conn *conn);
/* RFC 5082 3: of ttl-security-hops. */
uint8_t speaker_config_ttl_min(const struct neighbor_config *config);
void speaker_conn_wake(struct speaker_conn *conn);
/* The session is going down: the rest of a message that was partly sent must still go out before
 * anything else. */
void speaker_conn_keep_rest(struct speaker_conn *conn);

#endif
