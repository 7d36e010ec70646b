/*
 * cli_decode_route: the routes in a record, one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the filters choose from, a line is made of, and a summary counts. Attributes are read here
 * as they came, without a verdict: a route whose attributes are malformed is shown all the same.
 */
#ifndef CLI_CLI_DECODE_ROUTE_H
#define CLI_CLI_DECODE_ROUTE_H

#include "bgp/print.h"

struct cli_decode;

/* A record as its kind of input tells it. */
struct cli_decode_item {
	const char *record;	  /* "RIB_IPV4_UNICAST"; NULL: raw messages */
	const char *line;	  /* what a line calls it: "TABLE_DUMP2" */
	uint32_t time_s, time_us; /* 0: not known */
	bool has_us;
	const struct ip_addr *peer; /* NULL: not known */
	uint32_t peer_as;
	const struct bgp_context *context;

	/* a BGP message, whole; NULL: none */
	const uint8_t *message;
	size_t message_length;

	/* a route of a table */
	bool is_table;
	enum bgp_family family;	     /* BGP_FAMILY_NONE: not known */
	const struct bgp_nlri *nlri; /* NULL: cannot be read */
	bool addpath;
	uint32_t path_id;
	const uint8_t *attrs;
	size_t attrs_length;

	bool is_state_change;
	uint16_t old_state, new_state;
};

/* "OPEN"; NULL: no message, or one of a type that nobody knows. */
const char *cli_decode_item_message_type(const struct cli_decode_item *item);

/* Path attributes, taken apart: the first one of each code. */
struct cli_decode_attrs {
	bool as4;
	bool is_whole;	  /* the last one is not cut off */
	uint64_t present; /* bits: codes */
	struct reader value[BGP_ATTR_LARGE_COMMUNITIES + 1];
};

/* The value of an attribute; false when it is not there. */
bool cli_decode_attrs_get(const struct cli_decode_attrs *attrs, enum bgp_attr_code code,
			  struct reader *ret_value);

struct cli_decode_route {
	const struct cli_decode_item *item;
	enum bgp_family family;
	const struct bgp_nlri *nlri;
	bool addpath;
	uint32_t path_id;
	const struct cli_decode_attrs *attrs; /* NULL: withdrawn */
	const char *as_path;		      /* "64500 {64501,64502}"; NULL: withdrawn */
	const uint8_t *attrs_bytes;	      /* without NLRI in them; NULL: withdrawn */
	size_t attrs_length;
	bool in_mp;    /* MP_REACH_NLRI has its next hop */
	bool is_first; /* the attributes are not those of the one before */
};

/* False: no more. */
typedef bool cli_decode_route_fn(struct cli_decode *d, const struct cli_decode_route *route);

/* Calls `each` for every route in it that the filters let through. Returns what a receiver makes of
 * the record, in `why` (may be NULL) the reason. */
enum bgp_verdict cli_decode_route_each(struct cli_decode *d, const struct cli_decode_item *item,
				       cli_decode_route_fn *each, struct error *why);

#endif
