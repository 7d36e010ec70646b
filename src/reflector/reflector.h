/*
 * reflector: one BGP instance (a tenant): peers, import, the rules of route reflection, next-hop
 * tracking, export.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 9, 4456, 4724, 7606, 8212. An instance shares nothing that changes with another one. How
 * an UPDATE flows:
 *
 *   import.c     octets -> attribute block by its octets -> paths of the peer -> dirty prefixes
 *   drain.c      dirty prefixes, in batches -> decision -> buckets of prefixes with the same best
 * attributes and source transform.c  a bucket, for each export group -> outgoing attributes, or not
 * for this group rib/export_group: Adj-RIB-Out, log of messages, read by the members' connections
 *
 *   paths.c      the same for groups with ADD-PATH: which paths of a prefix they are told
 *   peers.c      a peer comes and goes, End-of-RIB
 *   stale.c      paths of a session that is gone, paths that a route refresh has to confirm
 *   roles.c      RFC 9234: a route that leaked is not used, and none is leaked on
 *   next_hops.c  where the next hops are (next-hop-resolution: exact)
 *   networks.c   the instance's own networks
 *   reflector.c  life of an instance
 *   memory.c     its pool: what it uses memory for, and its limit
 *
 *   feeds.c      readers of the Loc-RIB
 *
 * Pure: events and `now` in, effects asked for through struct reflector_ops.
 */
#ifndef REFLECTOR_REFLECTOR_H
#define REFLECTOR_REFLECTOR_H

#include "base/arena.h"
#include "base/base.h"
#include "base/hmap.h"
#include "base/instant.h"
#include "base/ip.h"
#include "base/list.h"
#include "base/mem_account.h"
#include "bgp/attrs.h"
#include "bgp/update.h"
#include "model/instance.h"
#include "rib/attr_table.h"
#include "rib/decision.h"
#include "rib/export_member.h"
#include "rib/prefix_table.h"
#include "session/session.h"

/* Prefixes decided and exported before the owner looks at its sockets again. */
#define REFLECTOR_BATCH_PREFIXES 4096u
/* Dirty prefixes at which the owner should drain before it reads more. */
#define REFLECTOR_DIRTY_PREFIXES_MAX 16384u
#define REFLECTOR_PEERS_MAX 65535u
/* With ADD-PATH: the best paths of a prefix; neighbor_config.addpath_send_max. */
#define REFLECTOR_SEND_MAX 255u
/* Next hops that are tracked (resolution exact or kernel); paths over any more are not usable. */
#define REFLECTOR_NEXT_HOPS_MAX 65536u

struct reflector;
struct reflector_peer;

enum reflector_peer_kind {
	REFLECTOR_CLIENT,     /* iBGP, our client */
	REFLECTOR_NON_CLIENT, /* iBGP */
	REFLECTOR_EXTERNAL,   /* eBGP */
};

/* Why a path is kept but not used: beyond enum attr_reject. */
enum reflector_reject {
	REFLECTOR_REJECT_POLICY = 16,	  /* import-policy, or none (RFC 8212) */
	REFLECTOR_REJECT_LEAK = 17,	  /* ONLY_TO_CUSTOMER (RFC 9234 5) */
	REFLECTOR_REJECT_FIRST_RULE = 32, /* + index of the import-reject rule */
	REFLECTOR_REJECT_RULES_MAX = 200,
};

struct reflector_ops {
	/* The member has something to send, or to read. `owner` as given to _peer_up or _feed_open.
	 */
	void (*ready)(void *context, void *owner);
	/* Reset the peer's session with this NOTIFICATION. */
	void (*reset)(void *context, struct reflector_peer *peer,
		      const struct bgp_notification *why);
	/* Ask the peer for its routes again: its import policy changed. */
	void (*want_refresh)(void *context, struct reflector_peer *peer);
	void (*next_hop_changed)(void *context, struct reflector *r,
				 const struct ip_addr *next_hop);
	/* next-hop-resolution kernel: a next hop was seen for the first time; its answer comes by
	 * reflector_next_hop_resolved, and whenever it changes. */
	void (*track_next_hop)(void *context, struct reflector *r, const struct ip_addr *next_hop);
	/* The instance has reached its own End-of-RIB. */
	void (*end_of_rib)(void *context, struct reflector *r);
	void (*log)(void *context, struct reflector *r, int level, const struct ip_addr *peer,
		    const char *text);
};

struct reflector_counters {
	uint64_t updates;
	uint64_t prefixes_received; /* announced, with repetitions */
	uint64_t withdrawn;
	uint64_t malformed; /* UPDATEs treated as withdraw */
	uint64_t families_disabled;
};

struct reflector_peer {
	struct reflector *r;
	const struct neighbor_config *config; /* the owner's */
	void *owner;
	struct ip_addr address;
	struct ip_addr local_address;
	uint16_t index; /* source number in the RIB; 0 is the instance itself */
	enum reflector_peer_kind kind;
	uint32_t router_id;
	bool established;
	bool dynamic;
	struct bgp_context receive;
	struct bgp_context send;
	bool enhanced_refresh; /* RFC 7313 is agreed on */
	bool families[BGP_FAMILY_COUNT];
	bool end_of_rib[BGP_FAMILY_COUNT];	 /* received, or not to be expected */
	bool restart_families[BGP_FAMILY_COUNT]; /* of its Graceful Restart capability */
	uint16_t restart_time_s;
	bool done;	 /* its first End-of-RIB is in: the instance does not wait for it */
	bool restarting; /* it waits for others itself: the R bit of its OPEN (RFC 4724 4.1) */
	/* stale.c. Malformed NLRI came in it: its routes are gone, and no more are taken in this
	 * session (RFC 7606 2, 4760 7). */
	bool disabled[BGP_FAMILY_COUNT];
	bool stale[BGP_FAMILY_COUNT];		      /* there may be stale paths */
	bool long_lived;			      /* RFC 9494 is agreed on */
	uint32_t long_lived_time_s[BGP_FAMILY_COUNT]; /* as the peer said; 0: not in this family */
	bool long_lived_over[BGP_FAMILY_COUNT];	      /* while it was coming back */
	instant_t restart_deadline; /* it must be up; when it is, its End-of-RIB in */
	instant_t long_lived_deadline[BGP_FAMILY_COUNT];
	instant_t refresh_deadline[BGP_FAMILY_COUNT]; /* EoRR must have come; RFC 7313 */
	instant_t stale_deadline; /* when stale paths go; INSTANT_NEVER: there are none */
	instant_t deadline;	  /* of all these the first */
	uint32_t path_count;	  /* kept */
	uint32_t family_paths[BGP_FAMILY_COUNT]; /* the same by family */
	uint32_t rejected_count;		 /* of these, not usable */
	bool over_limit;
	struct export_member *members[BGP_FAMILY_COUNT]; /* NULL: not of this family */
	struct reflector_counters counters;
};

enum reflector_view_kind {
	REFLECTOR_VIEW_CLIENT,
	REFLECTOR_VIEW_NON_CLIENT,
	REFLECTOR_VIEW_EXTERNAL,
	REFLECTOR_VIEW_FEED,	   /* the Loc-RIB as it is */
	REFLECTOR_VIEW_FORWARDING, /* without the instance's own networks */
};

/* What the members of an export group have in common: compared octet by octet, so made with memset.
 */
struct reflector_view {
	uint32_t kind; /* enum reflector_view_kind */
	uint32_t family;
	uint32_t as4;
	uint32_t message_bytes_max;
	uint32_t override_as; /* as-override: replace this AS by ours; 0: no */
	uint32_t next_hop_self;
	uint32_t reject_all;	    /* export-policy */
	uint32_t addpath;	    /* RFC 7911: several paths of a prefix */
	uint32_t addpath_max;	    /* how many, the best first; 0: all */
	uint32_t extended_next_hop; /* RFC 8950 in this family */
	uint32_t labels_max;	    /* RFC 8277: labels with a prefix; 0: the family has none */
	uint32_t aigp;		    /* AIGP is passed on (RFC 7311) */
	uint32_t no_long_lived; /* the peer lacks RFC 9494: nothing long-lived stale is for it */
	uint32_t role;		/* ours: enum bgp_role; BGP_ROLE_NONE */
	/* with next_hop_self; IP_NONE: we have no address that can be said, nothing is advertised
	 */
	struct ip_addr next_hop;
};

enum reflector_next_hop_state {
	REFLECTOR_NEXT_HOP_UNKNOWN, /* not usable */
	REFLECTOR_NEXT_HOP_DIRECT,  /* in direct-next-hops, or resolution is none */
	REFLECTOR_NEXT_HOP_LOCAL,
	REFLECTOR_NEXT_HOP_REMOTE,
	REFLECTOR_NEXT_HOP_HELD, /* its host route is lost; paths stay until `deadline` */
};

struct reflector_next_hop {
	struct hmap_node node;
	uint32_t number;
	struct ip_addr address;
	struct ip_addr via;
	enum reflector_next_hop_state state;
	uint32_t metric; /* to it, as the kernel said */
	instant_t deadline;
};

struct reflector_feed {
	struct list node;
	struct reflector *r;
	void *owner;
	bool forwarding;
	struct export_member *members[BGP_FAMILY_COUNT]; /* NULL: not of this family */
};

/* The pool of an instance, and its parts by purpose. */
struct reflector_memory {
	struct mem_account whole; /* has the instance's memory-limit as its budget */
	struct mem_account attributes;
	struct mem_account prefixes;
	struct mem_account paths;
	struct mem_account adj_rib_out;
	struct mem_account log;
	struct mem_account other;
	uint16_t grower;      /* the peer whose UPDATE last made the pool grow; 0: none */
	instant_t relief;     /* a peer was just reset: until then no other one is; or never */
	uint64_t limit_count; /* sessions that were reset because of the limit */
};

struct reflector {
	const struct instance_config *config; /* the owner's */
	const struct reflector_ops *ops;
	void *context;
	uint64_t seed;
	uint32_t router_id;
	uint32_t cluster_id;
	struct reflector_memory memory;
	struct attr_table attrs;
	struct prefix_table tables[BGP_FAMILY_COUNT];
	struct reflector_peer **peers; /* by index; [0] NULL */
	size_t peers_end;
	size_t peers_capacity;
	struct list groups;   /* struct export_group */
	size_t log_bytes_max; /* of each group */
	struct list feeds;
	bool families[BGP_FAMILY_COUNT]; /* that some neighbour is configured with: the feeds' */
	struct arena scratch;
	uint32_t sequence;
	/* dirty prefixes by family, in order of arrival */
	struct {
		uint32_t *prefixes;
		size_t first;
		size_t end;
		size_t capacity;
	} dirty[BGP_FAMILY_COUNT];
	struct reflector_batch *batch;
	/* prefixes without paths that somebody may still have to be told of */
	struct {
		uint32_t *prefixes;
		size_t count;
		size_t capacity;
		size_t sweep_at; /* while readers are behind: not before there are this many */
	} zombies[BGP_FAMILY_COUNT];
	instant_t sweep_deadline; /* when they are looked through whatever happens */
	duration_t sweep_wait;
	/* next hops, numbered from 1 */
	struct reflector_next_hop **next_hops;
	size_t next_hops_end;
	size_t next_hops_capacity;
	struct hmap next_hops_by_address;
	instant_t deferral_deadline;
	bool end_of_rib;
	struct decision_path *decision_paths;
	size_t decision_capacity;
};

/* The config stays the owner's, and must outlive the instance or be replaced by
 * reflector_set_config. */
struct reflector *reflector_new(const struct instance_config *config,
				const struct reflector_ops *ops, void *context, uint64_t seed,
				instant_t now);
/* No peer and no feed may be left. */
void reflector_free(struct reflector *r);
/* Takes a changed config with the same router-id, cluster-id and local AS: networks are compared
 * and changed. */
void reflector_set_config(struct reflector *r, const struct instance_config *config, instant_t now);

/* peers.c. NULL when there are REFLECTOR_PEERS_MAX already. */
struct reflector_peer *reflector_peer_add(struct reflector *r, const struct neighbor_config *config,
					  const struct ip_addr *address, bool dynamic, void *owner);
/* Its paths go at once; frees it. */
void reflector_peer_remove(struct reflector_peer *peer, instant_t now);
void reflector_peer_up(struct reflector_peer *peer, const struct session_negotiated *negotiated,
		       const struct ip_addr *local_address, instant_t now);
/* `retain`: keep its paths as stale (RFC 4724 4.2). */
void reflector_peer_down(struct reflector_peer *peer, bool retain, instant_t now);
/* Malformed NLRI of this family came: its routes go, and later ones of this session are ignored. */
void reflector_peer_disable(struct reflector_peer *peer, enum bgp_family family, const char *why,
			    instant_t now);
/* The peer asks for everything again (RFC 2918). */
void reflector_peer_refresh(struct reflector_peer *peer, enum bgp_family family);
/* Its neighbor_config was replaced by one with the same session. */
void reflector_peer_set_config(struct reflector_peer *peer, const struct neighbor_config *config,
			       instant_t now);
uint32_t reflector_peer_advertised(const struct reflector_peer *peer);

/* stale.c: BoRR and EoRR of the peer (RFC 7313). */
void reflector_refresh_began(struct reflector_peer *peer, enum bgp_family family, instant_t now);
void reflector_refresh_ended(struct reflector_peer *peer, enum bgp_family family);

/* import.c: the body of an UPDATE. False: reset the session with *ret_error. */
bool reflector_update(struct reflector_peer *peer, const uint8_t *body, size_t length,
		      instant_t now, struct bgp_notification *ret_error);
/* An UPDATE that may come next: sends for the memory that it will touch. */
void reflector_expect(const struct reflector_peer *peer, const uint8_t *body, size_t length);
/* In words, for a path's `reject`; NULL for 0. */
const char *reflector_reject_reason(const struct reflector *r, const struct rib_path *path);

/* drain.c */
bool reflector_is_dirty(const struct reflector *r);
size_t reflector_dirty_count(const struct reflector *r);
/* One batch. True when there is more. */
bool reflector_drain(struct reflector *r, instant_t now);

instant_t reflector_deadline(const struct reflector *r);
void reflector_tick(struct reflector *r, instant_t now);

/* feeds.c: readers of the Loc-RIB. A feed has the families that some neighbour is configured with,
 * and IPv4 and IPv6 unicast; one for forwarding has these two alone. */
struct reflector_feed *reflector_feed_open(struct reflector *r, bool forwarding, void *owner);
void reflector_feed_close(struct reflector_feed *feed);
const uint8_t *reflector_feed_next(struct reflector_feed *feed, size_t *ret_length);

/* The configuration changed: feeds get the families that are new. */
void reflector_feeds_apply(struct reflector *r);

/* next_hops.c */
const struct reflector_next_hop *reflector_next_hop_find(const struct reflector *r,
							 const struct ip_addr *address);

/* next-hop-resolution kernel: whether it is reachable, and at which metric. */
void reflector_next_hop_resolved(struct reflector *r, const struct ip_addr *address, bool reachable,
				 uint32_t metric);

/* The decision over the paths of a prefix. `paths`/`lost_at` (may both be NULL) have room for `max`
 * and receive every usable path in the order of elimination; *ret_count how many. */
void reflector_decide(struct reflector *r, enum bgp_family family, uint32_t prefix,
		      struct decision_result *ret_result, struct decision_path *paths,
		      enum decision_step *lost_at, size_t max, size_t *ret_count);

/* --- between the files of this folder --- */
void reflector_mark_dirty(struct reflector *r, enum bgp_family family, uint32_t prefix);
void reflector_drop_path(struct reflector *r, enum bgp_family family, uint32_t prefix,
			 uint32_t path);
/* Calls for each path of the peer in a family, which may be dropped by the call. */
typedef void reflector_path_visitor(struct reflector_peer *peer, enum bgp_family family,
				    uint32_t prefix, uint32_t path);
void reflector_visit_paths(struct reflector_peer *peer, enum bgp_family family,
			   reflector_path_visitor *visit);
/* Drops the peer's paths of a family that have any of these flags; 0: all. */
void reflector_drop_paths(struct reflector_peer *peer, enum bgp_family family, uint8_t flags);
void reflector_stale_init(struct reflector_peer *peer);
/* The session is up: what of the stale paths may stay is decided by what the peer says of itself.
 */
void reflector_stale_up(struct reflector_peer *peer, const struct session_negotiated *negotiated,
			instant_t now);
/* The session is down: its paths become stale, or go. */
void reflector_stale_down(struct reflector_peer *peer, bool retain, instant_t now);
/* The family's End-of-RIB is in: what is still stale goes. */
void reflector_stale_end(struct reflector_peer *peer, enum bgp_family family);
void reflector_stale_tick(struct reflector_peer *peer, instant_t now);
void reflector_networks_apply(struct reflector *r);
/* Number of the tracked next hop for the attributes of a new block. No address (IP_NONE): nothing
 * is forwarded there, which is always usable. */
uint32_t reflector_next_hop_number(struct reflector *r, const struct ip_addr *address);
bool reflector_next_hop_usable(const struct reflector *r, const struct rib_path *path);
void reflector_next_hops_route_changed(struct reflector *r, enum bgp_family family, uint32_t prefix,
				       instant_t now);
/* The configuration changed, and with it perhaps what is direct. */
void reflector_next_hops_apply(struct reflector *r);
void reflector_next_hops_tick(struct reflector *r, instant_t now);
void reflector_next_hops_done(struct reflector *r);
/* transform.c. RFC 9494 4.3: is the path least preferred, by what came with it or by its age? Only
 * where the instance takes part in RFC 9494. */
bool reflector_is_long_lived_stale(const struct reflector *r, const struct attr_entry *entry,
				   uint8_t path_flags);
/* RFC 7311 4.1: what came, and the metric to the next hop; it ends at its maximum. */
uint64_t reflector_aigp_total(uint64_t aigp, uint32_t metric);
/* Can the next hop of routes of this family be made our own address? Not where it comes with labels
 * or other state that we do not have. */
bool reflector_can_be_next_hop(enum bgp_family family);
/* roles.c: RFC 9234 5, for ipv4-unicast and ipv6-unicast of an eBGP peer with a role. On the way
 * in: is ONLY_TO_CUSTOMER to be attached to a route that has (`has_otc`) or has not one; did it
 * leak? */
bool reflector_role_attaches(const struct reflector_peer *peer, enum bgp_family family,
			     bool has_otc);
bool reflector_role_leaked(const struct reflector_peer *peer, enum bgp_family family,
			   const struct attr_entry *entry);
void reflector_role_attach(struct bgp_attrs *attrs, asn_t as);
/* On the way out: may a route with ONLY_TO_CUSTOMER go to a peer, ours being this role; is it
 * attached to one without? */
bool reflector_role_may_send(uint32_t role);
bool reflector_role_attaches_out(uint32_t role);
/* The role that counts for this peer and family: enum bgp_role. */
uint32_t reflector_role_of(const struct reflector_peer *peer, enum bgp_family family);
/* Does what must be done once for a block that was just interned: loops, next hop. */
void reflector_new_attrs(struct reflector *r, uint32_t attr, const struct bgp_attrs *attrs);
/* Outgoing attributes in the group's table, or 0: not for this group. */
uint32_t reflector_transform(struct reflector *r, struct export_group *g, uint32_t attr,
			     uint16_t source, uint8_t path_flags);
/* Why such a path is not for the group, in words; NULL: it is. */
const char *reflector_withheld_reason(struct reflector *r, struct export_group *g, uint32_t attr,
				      uint16_t source, uint8_t path_flags);
struct export_group *reflector_group(struct reflector *r, const struct reflector_view *view);
void reflector_group_release(struct reflector *r, struct export_group *g);
/* A new member of the group with this view. `peer` 0: a feed. */
struct export_member *reflector_member_join(struct reflector *r, const struct reflector_view *view,
					    uint16_t peer, void *owner);
/* Leaves the group and frees the member. */
void reflector_member_leave(struct reflector *r, struct export_member **member);
void reflector_fill_group(struct reflector *r, struct export_group *g);
void reflector_batch_free(struct reflector *r);
/* paths.c: tells a group with ADD-PATH, inside a batch of its, the paths of these prefixes. */
void reflector_export_paths(struct reflector *r, struct export_group *g, const uint32_t *prefixes,
			    size_t count);
/* memory.c */
void reflector_memory_init(struct reflector *r);
void reflector_memory_done(struct reflector *r);
void reflector_memory_set_config(struct reflector *r);
/* An UPDATE of this peer made the pool grow: if past the limit, its session is reset. */
/* An UPDATE with an error in it, as cut so far: its NLRI and its octets go to the log (RFC 7606 6).
 */
void reflector_log_malformed(struct reflector_peer *peer, const struct bgp_update *update,
			     const uint8_t *body, size_t length);
void reflector_memory_grew(struct reflector_peer *peer, instant_t now);
/* Nothing is dirty: gives back what is empty, and looks at the limit once more. */
void reflector_memory_settle(struct reflector *r, instant_t now);
void reflector_memory_tick(struct reflector *r, instant_t now);
void reflector_check_end_of_rib(struct reflector *r, instant_t now);
void reflector_sweep_zombies(struct reflector *r);

#endif
