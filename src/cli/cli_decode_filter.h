/*
 * cli_decode_filter: which records and routes decode shows.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Some options look at a record (its type, peer and time), others at a route in it (prefix, family,
 * AS_PATH, communities). A record passes when it passes the former, and a route in it passes the
 * latter, if there are any; a withdrawn route has no attributes, so that it never passes the last
 * two.
 */
#ifndef CLI_CLI_DECODE_FILTER_H
#define CLI_CLI_DECODE_FILTER_H

#include <regex.h>

#include "base/buf.h"
#include "bgp/family.h"
#include "bgp/nlri.h"
#include "cli/cli.h"

struct cli_decode_item;
struct cli_decode_attrs;

enum cli_decode_match {
	CLI_DECODE_ANY,
	CLI_DECODE_INSIDE,   /* the prefix, or inside it */
	CLI_DECODE_EXACT,    /* the prefix */
	CLI_DECODE_COVERING, /* the prefix, or one that it is inside */
};

/* Fields are private. */
struct cli_decode_filter {
	const char *type;    /* NULL: any */
	struct ip_addr peer; /* IP_NONE: any */
	int64_t since_s, until_s;
	struct ip_prefix prefix;
	enum cli_decode_match match;
	enum bgp_family family; /* BGP_FAMILY_NONE: any */
	bool has_as_path;
	regex_t as_path;
	const char *community; /* as it is printed; NULL: any */
	bool has_community_value;
	uint32_t community_value;
};

/* An exit status, after words on stderr. The options must stay. To be _done in any case. */
int cli_decode_filter_init(struct cli_decode_filter *f, const struct cli *cli);
void cli_decode_filter_done(struct cli_decode_filter *f);

bool cli_decode_filter_has_peer(const struct cli_decode_filter *f);
bool cli_decode_filter_has_time(const struct cli_decode_filter *f);
/* Does it look at routes? */
bool cli_decode_filter_has_routes(const struct cli_decode_filter *f);

bool cli_decode_filter_record(const struct cli_decode_filter *f,
			      const struct cli_decode_item *item);
bool cli_decode_filter_nlri(const struct cli_decode_filter *f, enum bgp_family family,
			    const struct bgp_nlri *nlri);
/* `attrs` NULL: of a withdrawn route. `as_path` is its text; `room` is to work in. */
bool cli_decode_filter_attrs(const struct cli_decode_filter *f,
			     const struct cli_decode_attrs *attrs, const char *as_path,
			     struct buf *room);

#endif
