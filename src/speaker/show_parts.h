/*
 * show_parts: what the files of show share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Internal to speaker/show*.c. Every function that returns JSON returns a new reference.
 */
#ifndef SPEAKER_SHOW_PARTS_H
#define SPEAKER_SHOW_PARTS_H

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

/* show_routes.c: the NLRI of a prefix, as text. */
json_t *show_prefix_json(enum bgp_family family, const struct prefix_table *t, uint32_t prefix);

#endif
