/*
 * cli_decode_route: the routes in a record, one by one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_decode_route.h"

#include "bgp/as_path.h"
#include "cli/cli_decode.h"

#define BGP_TYPE_AT 18u

const char *cli_decode_item_message_type(const struct cli_decode_item *item)
{
	if (item->message == NULL || item->message_length < BGP_HEADER_BYTES)
		return NULL;
	return bgp_print_type_name(item->message[BGP_TYPE_AT]);
}

/* --- attributes --- */

static void read_attrs(struct reader r, bool as4, struct cli_decode_attrs *attrs)
{
	attrs->as4 = as4;
	attrs->present = 0;
	while (reader_left(&r) != 0) {
		uint8_t flags = reader_u8(&r), code = reader_u8(&r);
		/* RFC 4271 4.3: the Extended Length bit */
		size_t length = (flags & 0x10) != 0 ? reader_u16(&r) : reader_u8(&r);
		struct reader value = reader_sub(&r, length);

		if (value.failed || code >= ARRAY_SIZE(attrs->value) ||
		    (attrs->present >> code & 1) != 0)
			continue;
		attrs->present |= (uint64_t)1 << code;
		attrs->value[code] = value;
	}
	attrs->is_whole = !r.failed;
}

bool cli_decode_attrs_get(const struct cli_decode_attrs *attrs, enum bgp_attr_code code,
			  struct reader *ret_value)
{
	if ((attrs->present >> code & 1) == 0)
		return false;
	*ret_value = attrs->value[code];
	return true;
}

static void add_number(struct buf *to, uint32_t number)
{
	char digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	buf_add(to, digits + at, sizeof(digits) - at);
}

/* AS_PATH as bgpdump and routers write it, with 4-octet numbers: "1 2 {3,4} (5 6)". */
static void format_as_path(const uint8_t *path, size_t length, struct buf *to)
{
	static const char *const around[] = { "", "{}", "", "()", "[]" };
	struct reader r = reader_of(path, length);

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);
		bool is_set = type == AS_SET || type == AS_CONFED_SET;

		if (to->length != 0)
			buf_add(to, " ", 1);
		buf_add(to, around[type], around[type][0] != '\0');
		for (unsigned i = 0; i < count; i++) {
			if (i != 0)
				buf_add(to, is_set ? "," : " ", 1);
			add_number(to, reader_u32(&r));
		}
		if (around[type][0] != '\0')
			buf_add(to, around[type] + 1, 1);
	}
}

/* Its text; empty when it is absent or cannot be read. Merged with AS4_PATH (RFC 6793 4.2.3). */
static const char *as_path_text(struct cli_decode *d, const struct cli_decode_attrs *attrs)
{
	struct reader path, as4 = { 0 };
	struct as_path_facts facts;
	const uint8_t *bytes;
	uint16_t length;

	buf_clear(&d->as_path);
	if (!cli_decode_attrs_get(attrs, BGP_ATTR_AS_PATH, &path) ||
	    as_path_check(path.next, reader_left(&path), attrs->as4 ? 4 : 2, &facts) != NULL)
		return "";
	if (attrs->as4) {
		format_as_path(path.next, reader_left(&path), &d->as_path);
		return buf_text(&d->as_path);
	}
	if (cli_decode_attrs_get(attrs, BGP_ATTR_AS4_PATH, &as4) &&
	    as_path_check(as4.next, reader_left(&as4), 4, &facts) != NULL)
		as4 = (struct reader){ 0 };
	arena_clear(&d->printer->arena);
	if (as_path_widen(path.next, reader_left(&path), as4.next, reader_left(&as4),
			  &d->printer->arena, &bytes, &length) < 0)
		return "";
	format_as_path(bytes, length, &d->as_path);
	return buf_text(&d->as_path);
}

/* --- records --- */

/* False: the caller wants no more. */
static bool each_of_run(struct cli_decode *d, struct cli_decode_route *route,
			const struct bgp_nlri_run *run, cli_decode_route_fn *each)
{
	struct bgp_nlri_run walk = *run;

	route->family = run->family;
	route->addpath = route->item->context->addpath[run->family];
	route->nlri = &d->printer->nlri;
	route->in_mp = run->mp || run->family != BGP_IPV4_UNICAST;
	route->is_first = true;
	while (bgp_nlri_next(&walk, route->addpath, &d->printer->nlri)) {
		if (!cli_decode_filter_nlri(&d->filter, route->family, route->nlri))
			continue;
		route->path_id = route->nlri->path_id;
		if (!each(d, route))
			return false;
		route->is_first = false;
	}
	return true;
}

static void each_of_update(struct cli_decode *d, struct cli_decode_route *route,
			   const bool run_is_wrong[4], cli_decode_route_fn *each)
{
	const struct bgp_update *u = &d->printer->update;
	struct cli_decode_attrs attrs;
	struct reader body;

	for (size_t i = 0; i < 2 && cli_decode_filter_attrs(&d->filter, NULL, NULL, NULL); i++)
		if (u->withdrawn[i].family != BGP_FAMILY_NONE && !run_is_wrong[i] &&
		    !each_of_run(d, route, &u->withdrawn[i], each))
			return;
	body = reader_of(route->item->message + BGP_HEADER_BYTES,
			 route->item->message_length - BGP_HEADER_BYTES);
	(void)reader_sub(&body, reader_u16(&body));
	read_attrs(reader_sub(&body, reader_u16(&body)), route->item->context->as4, &attrs);
	route->attrs = &attrs;
	route->as_path = as_path_text(d, &attrs);
	if (!cli_decode_filter_attrs(&d->filter, &attrs, route->as_path, &d->room))
		return;
	for (size_t i = 0; i < 2; i++) {
		if (u->announced[i].family == BGP_FAMILY_NONE || run_is_wrong[2 + i])
			continue;
		route->attrs_bytes = i == 0 ? u->mp_key : u->key;
		route->attrs_length = i == 0 ? u->mp_key_length : u->key_length;
		if (!each_of_run(d, route, &u->announced[i], each))
			return;
	}
}

static enum bgp_verdict each_of_message(struct cli_decode *d, struct cli_decode_route *route,
					cli_decode_route_fn *each, struct error *why)
{
	const struct cli_decode_item *item = route->item;
	struct bgp_print_judgement j;
	struct bgp_notification error;
	struct bgp_header header;

	if (item->message_length < BGP_HEADER_BYTES ||
	    bgp_header_decode(item->message, item->context->message_bytes_max, &header, &error) <
		    0 ||
	    header.length != item->message_length) {
		error_set(why, "the message header is wrong");
		return BGP_SESSION_RESET;
	}
	if (header.type != BGP_UPDATE)
		return BGP_OK;
	bgp_print_judge(d->printer, item->message + BGP_HEADER_BYTES,
			item->message_length - BGP_HEADER_BYTES, item->context, &j);
	if (why != NULL)
		*why = j.why;
	if (j.is_cut)
		each_of_update(d, route, j.run_is_wrong, each);
	return j.verdict;
}

static enum bgp_verdict each_of_table(struct cli_decode *d, struct cli_decode_route *route,
				      cli_decode_route_fn *each, struct error *why)
{
	const struct cli_decode_item *item = route->item;
	struct cli_decode_attrs attrs;

	if (item->nlri == NULL) {
		error_set(why, "the NLRI cannot be read");
		return BGP_DISABLE_FAMILY;
	}
	read_attrs(reader_of(item->attrs, item->attrs_length), item->context->as4, &attrs);
	route->attrs = &attrs;
	route->attrs_bytes = item->attrs;
	route->attrs_length = item->attrs_length;
	route->as_path = as_path_text(d, &attrs);
	route->family = item->family;
	route->nlri = item->nlri;
	route->addpath = item->addpath;
	route->path_id = item->path_id;
	route->in_mp = (attrs.present >> BGP_ATTR_MP_REACH_NLRI & 1) != 0;
	route->is_first = true;
	if (cli_decode_filter_nlri(&d->filter, item->family, item->nlri) &&
	    cli_decode_filter_attrs(&d->filter, &attrs, route->as_path, &d->room))
		(void)each(d, route);
	if (attrs.is_whole)
		return BGP_OK;
	error_set(why, "the attributes end inside one");
	return BGP_TREAT_AS_WITHDRAW;
}

enum bgp_verdict cli_decode_route_each(struct cli_decode *d, const struct cli_decode_item *item,
				       cli_decode_route_fn *each, struct error *why)
{
	struct cli_decode_route route = { .item = item };

	if (item->is_table)
		return each_of_table(d, &route, each, why);
	return item->message == NULL ? BGP_OK : each_of_message(d, &route, each, why);
}
