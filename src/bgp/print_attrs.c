/*
 * print_attrs: path attributes, one by one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * By a table: each attribute that has a name has a row with what its value is made of. A value that
 * is not as its row asks for, and one without a row, is shown as octets.
 */
#include "bgp/print_parts.h"

#include "bgp/as_path.h"
#include "bgp/attrs_table.h"

struct print_item {
	struct bgp_printer *p;
	const struct bgp_context *context;
	const char *key;
	uint8_t code;
	uint8_t flags;
	struct reader value;
};

/* Adds the value as a member. False, and nothing added, when it is malformed. */
typedef bool print_attr_fn(const struct print_item *item);

/* As operators read it, of those whose parts have no names here. */
static bool print_formatted(const struct print_item *item)
{
	struct buf *text = &item->p->text;

	buf_clear(text);
	bgp_attr_value_format(item->code, item->value.next, reader_left(&item->value), text);
	outline_text(item->p->out, item->key, text->length == 0 ? "-" : buf_text(text));
	return true;
}

static bool print_origin(const struct print_item *item)
{
	struct reader r = item->value;
	uint8_t origin = reader_u8(&r);

	if (r.failed || reader_left(&r) != 0 || origin > 2)
		return false;
	outline_text(item->p->out, item->key, bgp_origin_name(origin));
	return true;
}

static bool path_is_whole(struct reader r, size_t width)
{
	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);

		if (type < AS_SET || type > AS_CONFED_SET || count == 0)
			return false;
		(void)reader_bytes(&r, count * width);
	}
	return !r.failed;
}

static void path_as_text(const struct print_item *item, size_t width)
{
	static const char *const open[] = { "", "{", "", "(", "[" };
	static const char *const close[] = { "", "}", "", ")", "]" };
	struct reader r = item->value;
	struct buf *text = &item->p->text;

	buf_clear(text);
	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);

		buf_printf(text, "%s%s", text->length == 0 ? "" : " ", open[type]);
		for (unsigned i = 0; i < count; i++)
			buf_printf(text, "%s%" PRIu32, i == 0 ? "" : " ",
				   width == 4 ? reader_u32(&r) : reader_u16(&r));
		buf_add_text(text, close[type]);
	}
	outline_text(item->p->out, item->key, text->length == 0 ? "-" : buf_text(text));
}

/* An array of numbers; what is no AS_SEQUENCE is an object in it. */
static void path_as_json(const struct print_item *item, size_t width)
{
	static const char *const names[] = { NULL, "set", NULL, "confed-sequence", "confed-set" };
	struct outline *o = item->p->out;
	struct reader r = item->value;

	outline_array(o, item->key, OUTLINE_INLINE);
	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);

		if (names[type] != NULL) {
			outline_object(o, NULL, OUTLINE_INLINE);
			outline_array(o, names[type], OUTLINE_INLINE);
		}
		for (unsigned i = 0; i < count; i++)
			outline_uint(o, NULL, width == 4 ? reader_u32(&r) : reader_u16(&r));
		if (names[type] != NULL) {
			outline_end(o);
			outline_end(o);
		}
	}
	outline_end(o);
}

static bool print_as_path(const struct print_item *item)
{
	size_t width = item->code == BGP_ATTR_AS4_PATH || item->context->as4 ? 4 : 2;

	if (!path_is_whole(item->value, width))
		return false;
	if (item->p->out->is_json)
		path_as_json(item, width);
	else
		path_as_text(item, width);
	return true;
}

static bool print_ipv4(const struct print_item *item)
{
	struct reader r = item->value;
	struct ip_addr address = ip_addr_v4(reader_u32(&r));

	if (r.failed || reader_left(&r) != 0)
		return false;
	outline_address(item->p->out, item->key, &address);
	return true;
}

static bool print_number(const struct print_item *item)
{
	struct reader r = item->value;
	uint32_t number = reader_u32(&r);

	if (r.failed || reader_left(&r) != 0)
		return false;
	outline_uint(item->p->out, item->key, number);
	return true;
}

static bool print_flag(const struct print_item *item)
{
	if (reader_left(&item->value) != 0)
		return false;
	outline_bool(item->p->out, item->key, true);
	return true;
}

static bool print_aggregator(const struct print_item *item)
{
	bool wide = item->code == BGP_ATTR_AS4_AGGREGATOR || item->context->as4;
	struct reader r = item->value;
	uint32_t as = wide ? reader_u32(&r) : reader_u16(&r);
	struct ip_addr address = ip_addr_v4(reader_u32(&r));

	if (r.failed || reader_left(&r) != 0)
		return false;
	outline_object(item->p->out, item->key, OUTLINE_INLINE);
	outline_uint(item->p->out, "as", as);
	outline_address(item->p->out, "address", &address);
	outline_end(item->p->out);
	return true;
}

/* Lists of communities: an array of words. */
static bool print_communities(const struct print_item *item)
{
	size_t length = reader_left(&item->value);

	if (!attrs_length_fits(&attrs_table[item->code], length))
		return false;
	buf_clear(&item->p->text);
	bgp_attr_value_format(item->code, item->value.next, length, &item->p->text);
	outline_words(item->p->out, item->key, buf_text(&item->p->text));
	return true;
}

static bool print_cluster_list(const struct print_item *item)
{
	struct reader r = item->value;

	if (reader_left(&r) == 0 || reader_left(&r) % 4 != 0)
		return false;
	outline_array(item->p->out, item->key, OUTLINE_INLINE);
	while (reader_left(&r) != 0) {
		struct ip_addr id = ip_addr_v4(reader_u32(&r));

		outline_address(item->p->out, NULL, &id);
	}
	outline_end(item->p->out);
	return true;
}

/* One or two addresses, each behind a route distinguisher of zero in VPN families (RFC 4364
 * 4.3.2, 4659 3.2.1). */
static bool print_next_hops(struct outline *o, struct reader r)
{
	size_t left = reader_left(&r), rd = left == 12 || left == 24 || left == 48 ? 8 : 0;
	uint8_t family = left - rd == 4 ? IP_V4 : IP_V6;

	if (left != 0 && left != 4 && left != 16 && left != 32 && rd == 0)
		return false;
	outline_array(o, "next-hop", OUTLINE_INLINE);
	while (reader_left(&r) != 0) {
		struct ip_addr address;

		(void)reader_bytes(&r, rd);
		address = ip_addr_of(family, reader_bytes(&r, ip_family_bytes(family)));
		outline_address(o, NULL, &address);
	}
	outline_end(o);
	return true;
}

/* NLRI that is not among what is announced or withdrawn: of a family that we do not know, or that
 * this UPDATE ends. */
static void print_unread(const struct print_item *item, enum bgp_family family,
			 const struct reader *r)
{
	if (reader_left(r) != 0 && (family == BGP_FAMILY_NONE || family == item->p->disabled))
		outline_hex(item->p->out, "nlri", r->next, reader_left(r));
}

/* RFC 6396 4.3.4: in a RIB entry, nothing but the length of the next hop, and the next hop. Some
 * write the whole attribute nevertheless. */
static bool is_abbreviated(const struct print_item *item)
{
	struct reader r = item->value;
	uint8_t hop_bytes = reader_u8(&r);

	return item->p->rib_entry && hop_bytes >= 4 && hop_bytes == reader_left(&r);
}

static bool print_mp_reach(const struct print_item *item)
{
	struct outline *o = item->p->out;
	struct reader r = item->value, hop;
	char text[PRINT_FAMILY_TEXT_MAX];
	uint16_t afi = 0;
	uint8_t safi = 0;

	if (is_abbreviated(item)) {
		hop = reader_sub(&r, reader_u8(&r));
	} else {
		afi = reader_u16(&r);
		safi = reader_u8(&r);
		hop = reader_sub(&r, reader_u8(&r));
		(void)reader_u8(&r);
	}
	if (r.failed)
		return false;
	outline_object(o, item->key, OUTLINE_INLINE);
	if (afi != 0)
		outline_bare(o, "family", print_family_text(afi, safi, text));
	if (!print_next_hops(o, hop))
		outline_hex(o, "next-hop-value", hop.next, reader_left(&hop));
	print_unread(item, bgp_family_of(afi, safi), &r);
	outline_end(o);
	return true;
}

static bool print_mp_unreach(const struct print_item *item)
{
	struct outline *o = item->p->out;
	struct reader r = item->value;
	char text[PRINT_FAMILY_TEXT_MAX];
	uint16_t afi = reader_u16(&r);
	uint8_t safi = reader_u8(&r);

	if (r.failed)
		return false;
	outline_object(o, item->key, OUTLINE_INLINE);
	outline_bare(o, "family", print_family_text(afi, safi, text));
	print_unread(item, bgp_family_of(afi, safi), &r);
	outline_end(o);
	return true;
}

/* RFC 7311 3: TLVs; the length counts type and length. */
static bool print_aigp(const struct print_item *item)
{
	struct reader r = item->value;
	uint8_t type = reader_u8(&r);
	uint16_t length = reader_u16(&r);
	uint64_t metric = reader_u64(&r);

	if (r.failed || type != 1 || length != 11)
		return false;
	outline_uint(item->p->out, item->key, metric);
	return true;
}

struct print_attr {
	const char *key; /* as in docs/INTERFACES.md; NULL: made of the name */
	print_attr_fn *print;
};

static const struct print_attr rows[256] = {
	[BGP_ATTR_ORIGIN] = { "origin", print_origin },
	[BGP_ATTR_AS_PATH] = { "as-path", print_as_path },
	[BGP_ATTR_NEXT_HOP] = { "next-hop", print_ipv4 },
	[BGP_ATTR_MED] = { "med", print_number },
	[BGP_ATTR_LOCAL_PREF] = { "local-pref", print_number },
	[BGP_ATTR_ATOMIC_AGGREGATE] = { "atomic-aggregate", print_flag },
	[BGP_ATTR_AGGREGATOR] = { "aggregator", print_aggregator },
	[BGP_ATTR_COMMUNITIES] = { "communities", print_communities },
	[BGP_ATTR_ORIGINATOR_ID] = { "originator-id", print_ipv4 },
	[BGP_ATTR_CLUSTER_LIST] = { "cluster-list", print_cluster_list },
	[BGP_ATTR_MP_REACH_NLRI] = { "mp-reach-nlri", print_mp_reach },
	[BGP_ATTR_MP_UNREACH_NLRI] = { "mp-unreach-nlri", print_mp_unreach },
	[BGP_ATTR_AS4_PATH] = { "as4-path", print_as_path },
	[BGP_ATTR_AS4_AGGREGATOR] = { "as4-aggregator", print_aggregator },
	[BGP_ATTR_AIGP] = { "aigp", print_aigp },
	[BGP_ATTR_LARGE_COMMUNITIES] = { "large-communities", print_communities },
	[BGP_ATTR_EXTENDED_COMMUNITIES] = { "extended-communities", print_communities },
	[BGP_ATTR_IPV6_EXT_COMMUNITIES] = { "ipv6-extended-communities", print_communities },
	[BGP_ATTR_ONLY_TO_CUSTOMER] = { "only-to-customer", print_number },
};

/* "tunnel-encap" of "TUNNEL_ENCAP", "attribute-99"; with "-2" when it is there for a second time,
 * so that no name occurs twice. */
static void make_key(uint8_t code, unsigned occurrence, char key[static BGP_PRINT_KEY_MAX])
{
	const char *name = rows[code].key != NULL ? rows[code].key : bgp_attr_name(code);
	size_t used;

	if (name != NULL)
		used = (size_t)snprintf(key, BGP_PRINT_KEY_MAX - 8, "%s", name);
	else
		used = (size_t)snprintf(key, BGP_PRINT_KEY_MAX - 8, "attribute-%u", code);
	used = MIN(used, BGP_PRINT_KEY_MAX - 9);
	for (size_t i = 0; i < used; i++)
		key[i] = key[i] == '_'			  ? '-'
			 : key[i] >= 'A' && key[i] <= 'Z' ? (char)(key[i] + 32)
							  : key[i];
	if (occurrence > 1)
		snprintf(key + used, 8, "-%u", occurrence);
}

void bgp_print_attr_key(uint8_t code, char key[static BGP_PRINT_KEY_MAX])
{
	make_key(code, 1, key);
}

static void print_flags(struct outline *o, const char *key, uint8_t flags)
{
	static const char *const names[] = { "optional", "transitive", "partial",
					     "extended-length" };

	outline_array(o, key, OUTLINE_INLINE);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if ((flags & 0x80u >> i) != 0)
			outline_text(o, NULL, names[i]);
	outline_end(o);
}

/* An attribute that we cannot read, with all that its header says. */
static void print_raw(const struct print_item *item, const char *value_key)
{
	struct outline *o = item->p->out;

	outline_object(o, item->key, OUTLINE_INLINE);
	outline_uint(o, "code", item->code);
	print_flags(o, "flags", item->flags);
	outline_hex(o, value_key, item->value.next, reader_left(&item->value));
	outline_end(o);
}

static bool print_attr(struct bgp_printer *p, const struct bgp_context *context, uint8_t flags,
		       uint8_t code, struct reader value, unsigned occurrence)
{
	char key[BGP_PRINT_KEY_MAX];
	struct print_item item = { p, context, key, code, flags, value };

	make_key(code, occurrence, key);
	if (rows[code].print != NULL) {
		if (rows[code].print(&item))
			return true;
		print_raw(&item, "malformed");
		return false;
	}
	if (bgp_attr_name(code) != NULL)
		(void)print_formatted(&item);
	else
		print_raw(&item, "value");
	return true;
}

/* Names of the attributes that an AS on the way did not know (RFC 4271 5). */
static void print_partial(struct bgp_printer *p, struct reader attrs)
{
	bool any = false;

	while (reader_left(&attrs) != 0) {
		uint8_t flags = reader_u8(&attrs), code = reader_u8(&attrs);
		char key[BGP_PRINT_KEY_MAX];

		(void)reader_bytes(&attrs, (flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(&attrs)
									       : reader_u8(&attrs));
		if (attrs.failed || (flags & ATTR_PARTIAL) == 0 || bgp_attr_name(code) == NULL)
			continue;
		if (!any)
			outline_array(p->out, "partial", OUTLINE_INLINE);
		any = true;
		make_key(code, 1, key);
		outline_text(p->out, NULL, key);
	}
	if (any)
		outline_end(p->out);
}

bool print_attrs(struct bgp_printer *p, struct reader attrs, const struct bgp_context *context)
{
	uint16_t seen[256] = { 0 };
	struct reader r = attrs;
	bool good = true;

	outline_object(p->out, "attributes", OUTLINE_LINES);
	while (reader_left(&r) != 0) {
		const uint8_t *start = r.next;
		uint8_t flags = reader_u8(&r), code = reader_u8(&r);
		size_t length =
			(flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(&r) : reader_u8(&r);
		struct reader value = reader_sub(&r, length);

		if (r.failed) {
			outline_hex(p->out, "cut-off", start, (size_t)(r.end - start));
			good = false;
			break;
		}
		good &= print_attr(p, context, flags, code, value, ++seen[code]);
	}
	outline_end(p->out);
	print_partial(p, attrs);
	return good;
}
