/*
 * lab: a speaker on virtual time, and peers that share no code with it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The lab is the rim: it moves bytes between the speaker and its peers, in pieces of any size, and
 * owns the clock. A lab peer is a naive BGP speaker written for the tests alone: it answers OPEN
 * and KEEPALIVE, and keeps what it is told in a plain list, so that what a member received can be
 * compared with what it should hold.
 */
#ifndef TESTS_SCENARIO_LAB_H
#define TESTS_SCENARIO_LAB_H

#include "base/buf.h"
#include "base/instant.h"
#include "speaker/speaker.h"

#define LAB_PEERS_MAX 64u
#define LAB_CLUSTERS_MAX 8u
#define LAB_AS_PATH_MAX 16u
#define LAB_COMMUNITIES_MAX 4u
#define LAB_CODES_MAX 32u
#define LAB_OFFER_BYTES_MAX 128u
#define LAB_LOG_LINES 64u
#define LAB_LOG_TEXT_MAX 256u

struct lab_route {
	uint32_t prefix; /* host order */
	uint8_t length;
	uint8_t origin;
	uint32_t next_hop;
	bool has_local_pref, has_med, has_originator;
	uint32_t local_pref, med, originator;
	uint32_t as_path[LAB_AS_PATH_MAX];
	size_t as_path_length;
	uint32_t clusters[LAB_CLUSTERS_MAX];
	size_t cluster_count;
	uint32_t communities[LAB_COMMUNITIES_MAX];
	size_t community_count;
	bool has_otc, has_aigp;
	uint32_t otc;		      /* ONLY_TO_CUSTOMER */
	uint64_t aigp;		      /* one TLV */
	uint8_t codes[LAB_CODES_MAX]; /* of the attributes that came with it, in their order */
	size_t code_count;
	uint32_t path_id; /* RFC 7911, as it was told */
};

/* What was told in MP_REACH_NLRI. */
struct lab_mp_route {
	uint16_t afi;
	uint8_t safi;
	uint8_t next_hop_length;
	uint8_t next_hop[48];
	uint16_t length;
	uint8_t nlri[256];
};

struct lab_peer {
	char name[32];
	struct ip_addr address;
	uint32_t as;
	uint32_t router_id;
	bool restart;			    /* offers graceful restart */
	bool no_as4;			    /* offers no 4-octet AS numbers */
	bool add_path;			    /* offers to receive several paths of a prefix */
	uint8_t offer[LAB_OFFER_BYTES_MAX]; /* more capabilities, as on the wire */
	size_t offer_bytes;
	struct speaker_conn *conn;
	bool connected;
	bool established;      /* it got OPEN and KEEPALIVE */
	bool slow;	       /* does not read */
	struct buf in;	       /* octets that it received and has not read as messages */
	struct buf last_attrs; /* of the last UPDATE with attributes that withdraws nothing MP */
	bool any_attribute;    /* does not complain of those that no announcement of the lab has */
	struct lab_route *routes; /* what it was told */
	size_t route_count, route_capacity;
	struct lab_mp_route *mp_routes;
	size_t mp_route_count, mp_route_capacity;
	size_t updates, end_of_ribs, refreshes;
	size_t refresh_begins, refresh_ends; /* BoRR, EoRR */
	size_t refreshed;		     /* UPDATEs between the last pair of them */
	bool opened_with_restart;
	bool told_paths;	 /* ADD-PATH was agreed on */
	uint8_t notification[2]; /* the last one that it received */
	uint8_t notification_data[255];
	size_t notification_bytes;
	char complaint[160]; /* the speaker broke a rule; "" so far */
};

struct lab {
	struct speaker *speaker;
	instant_t now;
	struct lab_peer peers[LAB_PEERS_MAX];
	size_t peer_count;
	uint64_t random;
	size_t piece_max;			   /* octets moved at a time; 0: all */
	char log[LAB_LOG_LINES][LAB_LOG_TEXT_MAX]; /* the last lines, in a ring */
	size_t log_count;
};

void lab_init(struct lab *lab, uint64_t seed);
void lab_done(struct lab *lab);
/* A document as of instance.put, as JSON text; ends the test when it is refused. */
void lab_configure(struct lab *lab, const char *json);
struct lab_peer *lab_add_peer(struct lab *lab, const char *name, const char *address, uint32_t as,
			      uint32_t router_id);
struct lab_peer *lab_peer(struct lab *lab, const char *name);
/* The peer opens a connection; true when the speaker took it. The handshake happens as bytes move.
 */
bool lab_connect(struct lab *lab, struct lab_peer *peer);
void lab_close(struct lab *lab, struct lab_peer *peer);
void lab_announce(struct lab *lab, struct lab_peer *peer, const struct lab_route *route);
void lab_withdraw(struct lab *lab, struct lab_peer *peer, uint32_t prefix, uint8_t length);
/* End-of-RIB of ipv4-unicast; of another family, in MP_UNREACH_NLRI. */
void lab_end_of_rib(struct lab *lab, struct lab_peer *peer);
void lab_end_of_rib_of(struct lab *lab, struct lab_peer *peer, uint16_t afi, uint8_t safi);
/* ROUTE-REFRESH of ipv4-unicast with this subtype (RFC 7313). */
void lab_refresh(struct lab *lab, struct lab_peer *peer, uint8_t subtype);
/* More capabilities in its next OPEN: as on the wire; graceful restart (RFC 4724) and, unless
 * `long_lived_s` is 0, its long-lived form (RFC 9494), for ipv4-unicast and, with `ipv6`, for
 * ipv6-unicast. Forwarding state is preserved unless `lost`. */
void lab_offer(struct lab_peer *peer, const uint8_t *bytes, size_t length);
void lab_offer_restart(struct lab_peer *peer, uint32_t restart_s, uint32_t long_lived_s, bool ipv6,
		       bool lost);
/* lab_mp.c: an UPDATE that announces NLRI of any family. */
void lab_announce_mp(struct lab *lab, struct lab_peer *peer, const struct lab_mp_route *route,
		     const struct lab_route *attrs);
bool lab_mp_reach(struct lab_peer *peer, const uint8_t *p, size_t length);
bool lab_mp_unreach(struct lab_peer *peer, const uint8_t *p, size_t length);
/* NULL: it was not told this NLRI. */
const struct lab_mp_route *lab_mp_find(struct lab_peer *peer, const struct lab_mp_route *wanted);
/* Was a line with this text logged? */
bool lab_logged(const struct lab *lab, const char *text);
void lab_send(struct lab *lab, struct lab_peer *peer, const uint8_t *bytes, size_t length);
/* One batch of decisions, if there is work. */
void lab_drain_once(struct lab *lab);
/* Moves bytes and drains until nothing moves any more. */
void lab_settle(struct lab *lab);
/* Lets time pass, with all timers, in steps of at most a second; peers send their KEEPALIVEs each
 * second when `alive`. */
void lab_advance(struct lab *lab, duration_t span, bool alive);
const struct lab_route *lab_route(const struct lab_peer *peer, uint32_t prefix, uint8_t length);
uint32_t lab_random(struct lab *lab, uint32_t below);

#endif
