/*
 * cli_decode_lines: a line for each route, as "bgpdump -m" writes them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What many scripts read: fields between bars, and nothing but routes and changes of state.
 *
 *   TABLE_DUMP2|1537344000|B|192.0.2.1|65001|198.51.100.0/24|65001
 * 65002|IGP|192.0.2.1|0|10|65001:1|NAG|| BGP4MP|1537344000|W|192.0.2.1|65001|198.51.100.0/24
 *   BGP4MP|1537344000|STATE|192.0.2.1|65001|5|6
 *
 * The line of an UPDATE's first route is made once; of those behind it only the prefix is new.
 */
#include "bgp/as_path.h"
#include "cli/cli_decode.h"

static void add_address(struct buf *to, const struct ip_addr *address)
{
	char text[IP_TEXT_MAX];

	buf_add_text(to, ip_addr_format(address, text));
}

/* What stands before the prefix. */
static void make_head(struct cli_decode *d, const struct cli_decode_item *item, const char *letter)
{
	struct buf *to = &d->head;

	buf_clear(to);
	buf_add_text(to, item->line);
	if (item->time_s == 0)
		buf_add_text(to, "|");
	else
		buf_printf(to, "|%" PRIu32, item->time_s);
	if (item->has_us)
		buf_printf(to, ".%06" PRIu32, item->time_us % 1000000);
	buf_printf(to, "|%s|", letter);
	if (item->peer != NULL && item->peer->family != IP_NONE)
		add_address(to, item->peer);
	if (item->peer != NULL)
		buf_printf(to, "|%" PRIu32 "|", item->peer_as);
	else
		buf_add_text(to, "||");
}

static uint32_t number_of(const struct cli_decode_attrs *attrs, enum bgp_attr_code code)
{
	struct reader r;

	return cli_decode_attrs_get(attrs, code, &r) ? reader_u32(&r) : 0;
}

static void add_origin(const struct cli_decode_attrs *attrs, struct buf *to)
{
	static const char *const names[] = { "IGP", "EGP", "INCOMPLETE" };
	struct reader r;
	uint8_t origin;

	if (!cli_decode_attrs_get(attrs, BGP_ATTR_ORIGIN, &r))
		return;
	origin = reader_u8(&r);
	if (!r.failed && origin < ARRAY_SIZE(names))
		buf_add_text(to, names[origin]);
}

/* The first address of MP_REACH_NLRI, whole or abbreviated (RFC 6396 4.3.4). */
static void add_mp_next_hop(struct reader r, struct buf *to)
{
	struct reader hop;
	struct ip_addr address;
	size_t left;

	if (reader_left(&r) < 5 || r.next[0] != reader_left(&r) - 1)
		(void)reader_bytes(&r, 3); /* AFI and SAFI */
	hop = reader_sub(&r, reader_u8(&r));
	left = reader_left(&hop);
	if (left == 12 || left == 24 || left == 48) { /* of a VPN: an RD of zero before it */
		(void)reader_bytes(&hop, 8);
		left -= 8;
	}
	if (left != 4 && left < 16)
		return;
	address = ip_addr_of(left == 4 ? IP_V4 : IP_V6, hop.next);
	add_address(to, &address);
}

static void add_next_hop(const struct cli_decode_route *route, struct buf *to)
{
	struct ip_addr address;
	struct reader r;

	if (route->in_mp && cli_decode_attrs_get(route->attrs, BGP_ATTR_MP_REACH_NLRI, &r)) {
		add_mp_next_hop(r, to);
	} else if (cli_decode_attrs_get(route->attrs, BGP_ATTR_NEXT_HOP, &r)) {
		address = ip_addr_v4(reader_u32(&r));
		if (!r.failed)
			add_address(to, &address);
	}
}

/* Numbers all but three: other names than those of bgpdump would break what reads the lines. */
static void add_communities(const struct cli_decode_attrs *attrs, struct buf *to)
{
	struct reader r;
	const char *gap = "";

	if (!cli_decode_attrs_get(attrs, BGP_ATTR_COMMUNITIES, &r))
		return;
	for (; reader_left(&r) >= 4; gap = " ") {
		uint32_t value = reader_u32(&r);

		if (value == BGP_COMMUNITY_NO_EXPORT)
			buf_printf(to, "%sno-export", gap);
		else if (value == BGP_COMMUNITY_NO_ADVERTISE)
			buf_printf(to, "%sno-advertise", gap);
		else if (value == BGP_COMMUNITY_NO_EXPORT_SUBCONFED)
			buf_printf(to, "%slocal-AS", gap);
		else
			buf_printf(to, "%s%" PRIu32 ":%" PRIu32, gap, value >> 16, value & 0xffff);
	}
}

static void add_aggregator(const struct cli_decode_attrs *attrs, struct buf *to)
{
	struct ip_addr address;
	struct reader r;
	uint32_t as;

	if (!cli_decode_attrs_get(attrs, BGP_ATTR_AGGREGATOR, &r))
		return;
	as = attrs->as4 ? reader_u32(&r) : reader_u16(&r);
	address = ip_addr_v4(reader_u32(&r));
	if (r.failed)
		return;
	/* RFC 6793 4.2.3 */
	if (!attrs->as4 && as == BGP_AS_TRANS &&
	    cli_decode_attrs_get(attrs, BGP_ATTR_AS4_AGGREGATOR, &r)) {
		as = reader_u32(&r);
		address = ip_addr_v4(reader_u32(&r));
	}
	buf_printf(to, "%" PRIu32 " ", as);
	add_address(to, &address);
}

/* What stands behind the prefix. */
static void make_tail(struct cli_decode *d, const struct cli_decode_route *route)
{
	const struct cli_decode_attrs *attrs = route->attrs;
	struct buf *to = &d->tail;
	struct reader r;

	buf_clear(to);
	if (attrs == NULL) {
		buf_add(to, "\n", 1);
		return;
	}
	buf_printf(to, "|%s|", route->as_path);
	add_origin(attrs, to);
	buf_add(to, "|", 1);
	add_next_hop(route, to);
	buf_printf(to, "|%" PRIu32 "|%" PRIu32 "|", number_of(attrs, BGP_ATTR_LOCAL_PREF),
		   number_of(attrs, BGP_ATTR_MED));
	add_communities(attrs, to);
	buf_add_text(to,
		     cli_decode_attrs_get(attrs, BGP_ATTR_ATOMIC_AGGREGATE, &r) ? "|AG|" : "|NAG|");
	add_aggregator(attrs, to);
	buf_add(to, "|\n", 2);
}

static bool add_line(struct cli_decode *d, const struct cli_decode_route *route)
{
	const struct cli_decode_item *item = route->item;
	size_t nlri_at;

	if (route->is_first) {
		make_head(d, item, item->is_table ? "B" : route->attrs == NULL ? "W" : "A");
		make_tail(d, route);
	}
	buf_add(&d->text, d->head.data, d->head.length);
	nlri_at = d->text.length;
	bgp_nlri_format(route->family, route->nlri, false, &d->text);
	for (size_t i = nlri_at; i < d->text.length; i++) /* a field has no bar in it */
		if (d->text.data[i] == '|')
			d->text.data[i] = '/';
	if (route->addpath)
		buf_printf(&d->text, "|%" PRIu32, route->path_id);
	buf_add(&d->text, d->tail.data, d->tail.length);
	d->found = true;
	d->printed++;
	return d->limit == 0 || d->printed < d->limit;
}

enum bgp_verdict cli_decode_lines(struct cli_decode *d, const struct cli_decode_item *item)
{
	if (!item->is_state_change)
		return cli_decode_route_each(d, item, add_line, NULL);
	if (cli_decode_filter_has_routes(&d->filter))
		return BGP_OK;
	make_head(d, item, "STATE");
	buf_add(&d->text, d->head.data, d->head.length);
	buf_printf(&d->text, "%u|%u\n", item->old_state, item->new_state);
	d->printed++;
	return BGP_OK;
}
