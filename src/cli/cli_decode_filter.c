/*
 * cli_decode_filter: which records and routes decode shows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_decode_filter.h"

#include <ctype.h>
#include <strings.h>
#include <time.h>

#include "bmp/bmp.h"
#include "cli/cli_decode_route.h"
#include "mrt/mrt.h"

#define AS_PATH_PATTERN_MAX 1024u

/* --- the options --- */

/* Names in any case, "-" and "_" alike. */
static bool same_name(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		char x = *a == '_' ? '-' : *a, y = *b == '_' ? '-' : *b;

		if (strncasecmp(&x, &y, 1) != 0)
			return false;
		a++;
		b++;
	}
	return *a == *b;
}

/* Is there a message or record of this name? */
static bool is_type_name(const char *name)
{
	static const uint16_t mrt_types[] = { MRT_TABLE_DUMP, MRT_TABLE_DUMP_V2, MRT_BGP4MP };
	const char *known;

	for (uint8_t type = 0; type < UINT8_MAX; type++) {
		known = bgp_print_type_name(type);
		if (known != NULL && same_name(known, name))
			return true;
		known = bmp_type_name(type);
		if (known != NULL && same_name(known, name))
			return true;
		for (size_t i = 0; i < ARRAY_SIZE(mrt_types); i++) {
			known = mrt_record_name(mrt_types[i], type);
			if (known != NULL && same_name(known, name))
				return true;
		}
	}
	return false;
}

static int set_prefix(struct cli_decode_filter *f, const struct cli_decode_options *o)
{
	const struct {
		const char *option;
		const char *value;
		enum cli_decode_match match;
	} rows[] = {
		{ "--prefix", o->prefix, CLI_DECODE_INSIDE },
		{ "--exact", o->exact, CLI_DECODE_EXACT },
		{ "--covering", o->covering, CLI_DECODE_COVERING },
	};
	struct ip_addr host;
	struct error e;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].value == NULL)
			continue;
		if (f->match != CLI_DECODE_ANY)
			return cli_fail("--prefix, --exact and --covering: at most one");
		f->match = rows[i].match;
		if (strchr(rows[i].value, '/') == NULL &&
		    ip_addr_parse(rows[i].value, &host, &e) == 0)
			f->prefix = ip_prefix_host(&host);
		else if (ip_prefix_parse(rows[i].value, &f->prefix, &e) < 0)
			return cli_fail("%s: %s", rows[i].option, e.text);
	}
	return CLI_OK;
}

/* Seconds since 1970, or a date and perhaps a time of UTC. */
static int set_time(const char *option, const char *text, int64_t *ret_s)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d" };
	char *end;

	if (text == NULL)
		return CLI_OK;
	*ret_s = strtoll(text, &end, 10);
	if (*end == '\0' && end != text)
		return CLI_OK;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = { 0 };
		const char *rest = strptime(text, forms[i], &tm);

		if (rest != NULL && (*rest == '\0' || strcmp(rest, "Z") == 0)) {
			*ret_s = timegm(&tm);
			return CLI_OK;
		}
	}
	return cli_fail("%s: must be like 2026-01-31, 2026-01-31T23:59:59Z or seconds since 1970, "
			"not %s",
			option, text);
}

/* A regular expression in which "_" is what stands between two numbers, as at routers. */
static int set_as_path(struct cli_decode_filter *f, const char *pattern)
{
	static const char between[] = "(^|[][ ,{}()]|$)";
	char text[AS_PATH_PATTERN_MAX], why[128];
	size_t used = 0;
	int wrong;

	for (; *pattern != '\0'; pattern++) {
		size_t length = *pattern == '_' ? sizeof(between) - 1 : 1;

		if (used + length >= sizeof(text))
			return cli_fail("--as-path: the expression is too long");
		memcpy(text + used, *pattern == '_' ? between : pattern, length);
		used += length;
	}
	text[used] = '\0';
	wrong = regcomp(&f->as_path, text, REG_EXTENDED | REG_NOSUB);
	f->has_as_path = wrong == 0;
	if (wrong == 0)
		return CLI_OK;
	regerror(wrong, &f->as_path, why, sizeof(why));
	return cli_fail("--as-path: %s", why);
}

/* "65000:1" is a number as well, so that what has a name is found by it too. */
static void set_community(struct cli_decode_filter *f, const char *text)
{
	unsigned long high, low;
	char *end;

	f->community = text;
	if (!isdigit((uint8_t)text[0]))
		return;
	high = strtoul(text, &end, 10);
	if (*end != ':' || !isdigit((uint8_t)end[1]))
		return;
	low = strtoul(end + 1, &end, 10);
	f->has_community_value = *end == '\0' && high <= UINT16_MAX && low <= UINT16_MAX;
	f->community_value = (uint32_t)(high << 16 | low);
}

int cli_decode_filter_init(struct cli_decode_filter *f, const struct cli *cli)
{
	const struct cli_decode_options *o = &cli->decode;
	struct error e;

	*f = (struct cli_decode_filter){ .type = o->type,
					 .family = BGP_FAMILY_NONE,
					 .since_s = INT64_MIN,
					 .until_s = INT64_MAX };
	if (o->peer != NULL && ip_addr_parse(o->peer, &f->peer, &e) < 0)
		return cli_fail("--peer: %s", e.text);
	if (o->type != NULL && !is_type_name(o->type))
		return cli_fail("--type: no message or record is called \"%s\"; one is like "
				"update, rib_ipv4_unicast, bgp4mp_message_as4, peer_up",
				o->type);
	if (cli->family != NULL) {
		f->family = bgp_family_by_name(cli->family);
		if (f->family == BGP_FAMILY_NONE)
			return cli_fail("--family: \"%s\" is no family; one is like ipv4-unicast",
					cli->family);
	}
	if (o->community != NULL)
		set_community(f, o->community);
	if (set_prefix(f, o) != CLI_OK || set_time("--since", o->since, &f->since_s) != CLI_OK ||
	    set_time("--until", o->until, &f->until_s) != CLI_OK)
		return CLI_FAILED;
	return o->as_path != NULL ? set_as_path(f, o->as_path) : CLI_OK;
}

void cli_decode_filter_done(struct cli_decode_filter *f)
{
	if (f->has_as_path)
		regfree(&f->as_path);
}

bool cli_decode_filter_has_peer(const struct cli_decode_filter *f)
{
	return f->peer.family != IP_NONE;
}

bool cli_decode_filter_has_time(const struct cli_decode_filter *f)
{
	return f->since_s != INT64_MIN || f->until_s != INT64_MAX;
}

static bool has_attrs(const struct cli_decode_filter *f)
{
	return f->has_as_path || f->community != NULL;
}

bool cli_decode_filter_has_routes(const struct cli_decode_filter *f)
{
	return f->match != CLI_DECODE_ANY || f->family != BGP_FAMILY_NONE || has_attrs(f);
}

/* --- records and routes --- */

bool cli_decode_filter_record(const struct cli_decode_filter *f, const struct cli_decode_item *item)
{
	const char *message = cli_decode_item_message_type(item);

	if (cli_decode_filter_has_peer(f) &&
	    (item->peer == NULL || !ip_addr_equal(item->peer, &f->peer)))
		return false;
	if (item->time_s < f->since_s || item->time_s > f->until_s)
		return false;
	return f->type == NULL || (item->record != NULL && same_name(item->record, f->type)) ||
	       (message != NULL && same_name(message, f->type));
}

bool cli_decode_filter_nlri(const struct cli_decode_filter *f, enum bgp_family family,
			    const struct bgp_nlri *nlri)
{
	struct ip_prefix prefix;

	if (f->family != BGP_FAMILY_NONE && f->family != family)
		return false;
	if (f->match == CLI_DECODE_ANY)
		return true;
	if (bgp_family_info(family)->ip_family != f->prefix.addr.family ||
	    !bgp_nlri_to_prefix(family, nlri, &prefix))
		return false;
	if (f->match == CLI_DECODE_COVERING)
		return ip_prefix_covers(&prefix, &f->prefix);
	if (f->match == CLI_DECODE_EXACT)
		return ip_prefix_equal(&prefix, &f->prefix);
	return ip_prefix_covers(&f->prefix, &prefix);
}

/* Is `word` one of the words of `text`? */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	while (*text != '\0') {
		size_t next = strcspn(text, " ");

		if (next == length && memcmp(text, word, length) == 0)
			return true;
		text += next + (text[next] == ' ');
	}
	return false;
}

static bool has_community(const struct cli_decode_filter *f, const struct cli_decode_attrs *attrs,
			  struct buf *room)
{
	static const enum bgp_attr_code codes[] = { BGP_ATTR_COMMUNITIES,
						    BGP_ATTR_LARGE_COMMUNITIES,
						    BGP_ATTR_EXTENDED_COMMUNITIES };
	struct reader r;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (!cli_decode_attrs_get(attrs, codes[i], &r) || reader_left(&r) == 0)
			continue;
		buf_clear(room);
		bgp_attr_value_format((uint8_t)codes[i], r.next, reader_left(&r), room);
		if (has_word(buf_text(room), f->community))
			return true;
	}
	if (!f->has_community_value || !cli_decode_attrs_get(attrs, BGP_ATTR_COMMUNITIES, &r))
		return false;
	while (reader_left(&r) >= 4)
		if (reader_u32(&r) == f->community_value)
			return true;
	return false;
}

bool cli_decode_filter_attrs(const struct cli_decode_filter *f,
			     const struct cli_decode_attrs *attrs, const char *as_path,
			     struct buf *room)
{
	if (!has_attrs(f))
		return true;
	if (attrs == NULL)
		return false;
	if (f->has_as_path && regexec(&f->as_path, as_path, 0, NULL, 0) != 0)
		return false;
	return f->community == NULL || has_community(f, attrs, room);
}
