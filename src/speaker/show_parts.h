/*
 * show_parts: what the files of show share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to speaker/show*.c. Every function that returns JSON returns a new reference.
 */
#ifndef SPEAKER_SHOW_PARTS_H
#define SPEAKER_SHOW_PARTS_H

#include "base/buf.h"
#include "base/rd.h"
#include "speaker/parts.h"

/* show.c */
void show_set_address(json_t *object, const char *key, const struct ip_addr *address);
/* A parameter as text; NULL when absent. */
const char *show_text_param(const json_t *params, const char *key);
/* An address; IP_NONE when absent. */
int show_neighbor_param(const json_t *params, const char *key, struct ip_addr *ret_address,
			struct error *e) MUST_CHECK;
bool show_wanted_instance(const struct speaker_instance *instance, const json_t *params);
/* Does the instance that is named exist? */
int show_check_instance(const struct speaker *s, const json_t *params, struct error *e) MUST_CHECK;

/* show_capabilities.c */
json_t *show_families_json(const bool families[BGP_FAMILY_COUNT]);
/* What both sides said: {local, peer}; peer only while the session is up. */
json_t *show_capabilities(const struct speaker_peer *peer);
/* What is agreed on, and how it goes, by family. */
json_t *show_families_state(const struct speaker_peer *peer, instant_t now);

/* show_query.c: what is asked for, by its text. */
struct show_query {
	struct ip_addr neighbor; /* IP_NONE: none was named */
	enum bgp_family family;	 /* BGP_FAMILY_NONE: all */
	const char *text;	 /* of one NLRI, the parameters'; NULL: all */
	struct ip_prefix prefix; /* the prefix that the text is, or ends with; IP_NONE */
	bool has_rd;
	struct rd rd;
	struct buf buf; /* for texts to compare with */
};

int show_query_parse(const struct speaker *s, const json_t *params, struct show_query *ret_query,
		     struct error *e) MUST_CHECK;
void show_query_done(struct show_query *q);
/* The key that the query's prefix has in this family; false when it has none, or when several may
 * match (another one's text; a VPN prefix without its route distinguisher). */
bool show_query_key(const struct show_query *q, enum bgp_family family, struct bgp_nlri *ret_nlri);
/* Can an NLRI of this family be what is asked for? And is it this one? */
bool show_query_may_match(const struct show_query *q, enum bgp_family family);
bool show_query_matches(struct show_query *q, enum bgp_family family, const struct prefix_table *t,
			uint32_t prefix);

/* show_routes.c: the NLRI of a prefix, as text; a path; the peer that one is of. */
json_t *show_prefix_json(enum bgp_family family, const struct prefix_table *t, uint32_t prefix);
json_t *show_path_json(struct speaker_instance *instance, enum bgp_family family, uint32_t prefix,
		       uint32_t number);
void show_set_peer(json_t *object, const struct reflector *r, uint16_t peer);

#endif
