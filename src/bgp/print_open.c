/*
 * print_open: OPEN and its capabilities.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.2, 5492, 9072, and those that each capability's row names. A capability whose value
 * is not as its RFC says, or that is not known, is shown as code and octets.
 */
#include "bgp/print_parts.h"

#define PARAMETER_CAPABILITIES 2u
#define PARAMETER_EXTENDED 255u

/* Adds the members of a value that has been found to be of a right length. */
typedef void print_capability_fn(struct outline *o, struct reader *r);

struct print_capability {
	uint8_t code;
	uint8_t length_min; /* octets of the value */
	uint8_t length_max;
	uint8_t multiple; /* what exceeds length_min is a multiple of it; 0: any */
	const char *name;
	print_capability_fn *print; /* NULL: there is no value */
};

static void print_multiprotocol(struct outline *o, struct reader *r)
{
	print_family(o, "family", r, true);
}

static void print_as4(struct outline *o, struct reader *r)
{
	outline_uint(o, "as", reader_u32(r));
}

/* RFC 8950 4: AFI and SAFI of two octets each, then the AFI of the next hop */
static void print_extended_next_hop(struct outline *o, struct reader *r)
{
	outline_array(o, "families", OUTLINE_INLINE);
	while (reader_left(r) != 0) {
		char text[PRINT_FAMILY_TEXT_MAX];
		uint16_t afi = reader_u16(r), safi = reader_u16(r), hop = reader_u16(r);

		outline_object(o, NULL, OUTLINE_INLINE);
		outline_bare(o, "family", print_family_text(afi, (uint8_t)safi, text));
		outline_uint(o, "next-hop-afi", hop);
		outline_end(o);
	}
	outline_end(o);
}

static void print_role(struct outline *o, struct reader *r)
{
	uint8_t role = reader_u8(r);

	if (bgp_role_name(role) != NULL)
		outline_bare(o, "role", bgp_role_name(role));
	else
		outline_uint(o, "role", role);
}

static void print_graceful_restart(struct outline *o, struct reader *r)
{
	uint16_t head = reader_u16(r);

	outline_uint(o, "restart-time", head & 0x0fff);
	outline_bool(o, "restarting", (head & 0x8000) != 0);
	outline_bool(o, "notification", (head & 0x4000) != 0); /* RFC 8538 */
	outline_array(o, "families", OUTLINE_INLINE);
	while (reader_left(r) != 0) {
		outline_object(o, NULL, OUTLINE_INLINE);
		print_family(o, "family", r, false);
		outline_bool(o, "forwarding", (reader_u8(r) & 0x80) != 0);
		outline_end(o);
	}
	outline_end(o);
}

static void print_long_lived(struct outline *o, struct reader *r)
{
	outline_array(o, "families", OUTLINE_INLINE);
	while (reader_left(r) != 0) {
		uint32_t time_s;

		outline_object(o, NULL, OUTLINE_INLINE);
		print_family(o, "family", r, false);
		outline_bool(o, "forwarding", (reader_u8(r) & 0x80) != 0);
		time_s = (uint32_t)reader_u8(r) << 16;
		outline_uint(o, "stale-time", time_s | reader_u16(r));
		outline_end(o);
	}
	outline_end(o);
}

static void print_add_path(struct outline *o, struct reader *r)
{
	static const char *const modes[] = { NULL, "receive", "send", "send-receive" };

	outline_array(o, "families", OUTLINE_INLINE);
	while (reader_left(r) != 0) {
		uint8_t mode;

		outline_object(o, NULL, OUTLINE_INLINE);
		print_family(o, "family", r, false);
		mode = reader_u8(r);
		if (mode >= 1 && mode < ARRAY_SIZE(modes))
			outline_bare(o, "mode", modes[mode]);
		else
			outline_uint(o, "mode", mode);
		outline_end(o);
	}
	outline_end(o);
}

/* draft-abraitis-idr-addpath-paths-limit; draft-ietf-idr-bgp-multiple-labels is alike but in name
 */
static void print_paths_limit(struct outline *o, struct reader *r)
{
	outline_array(o, "families", OUTLINE_INLINE);
	while (reader_left(r) != 0) {
		outline_object(o, NULL, OUTLINE_INLINE);
		print_family(o, "family", r, false);
		outline_uint(o, "limit", reader_u16(r));
		outline_end(o);
	}
	outline_end(o);
}

static void print_multiple_labels(struct outline *o, struct reader *r)
{
	outline_array(o, "families", OUTLINE_INLINE);
	while (reader_left(r) != 0) {
		outline_object(o, NULL, OUTLINE_INLINE);
		print_family(o, "family", r, false);
		outline_uint(o, "count", reader_u8(r));
		outline_end(o);
	}
	outline_end(o);
}

/* A text behind its length; what the length does not let be is left out. */
static void print_short_text(struct outline *o, const char *key, struct reader *r)
{
	size_t length = reader_u8(r);
	const uint8_t *text = reader_bytes(r, MIN(length, reader_left(r)));

	if (text != NULL && length != 0)
		outline_string(o, key, text, (size_t)(r->next - text));
}

/* draft-walton-bgp-hostname-capability */
static void print_fqdn(struct outline *o, struct reader *r)
{
	print_short_text(o, "hostname", r);
	if (reader_left(r) != 0)
		print_short_text(o, "domain-name", r);
}

/* draft-abraitis-bgp-version-capability */
static void print_software_version(struct outline *o, struct reader *r)
{
	print_short_text(o, "version", r);
}

/* clang-format off */
static const struct print_capability capabilities[] = {
	/* code min max  multiple name                          value */
	{ 1,   4,  4,   0, "multiprotocol",                     print_multiprotocol },		/* RFC 4760 */
	{ 2,   0,  0,   0, "route-refresh",                     NULL },				/* RFC 2918 */
	{ 5,   0,  252, 6, "extended-next-hop",                 print_extended_next_hop },	/* RFC 8950 */
	{ 6,   0,  0,   0, "extended-message",                  NULL },				/* RFC 8654 */
	{ 8,   0,  252, 4, "multiple-labels",                   print_multiple_labels },	/* RFC 8277 */
	{ 9,   1,  1,   0, "role",                              print_role },			/* RFC 9234 */
	{ 64,  2,  254, 4, "graceful-restart",                  print_graceful_restart },	/* RFC 4724 */
	{ 65,  4,  4,   0, "four-octet-as",                     print_as4 },			/* RFC 6793 */
	{ 69,  0,  252, 4, "add-path",                          print_add_path },		/* RFC 7911 */
	{ 70,  0,  0,   0, "enhanced-route-refresh",            NULL },				/* RFC 7313 */
	{ 71,  0,  252, 7, "long-lived-graceful-restart",       print_long_lived },		/* RFC 9494 */
	{ 73,  1,  255, 0, "fqdn",                              print_fqdn },
	{ 75,  1,  255, 0, "software-version",                  print_software_version },
	{ 76,  0,  250, 5, "paths-limit",                       print_paths_limit },
	{ 128, 0,  0,   0, "route-refresh-cisco",               NULL },
	/* known by name only */
	{ 3,   1,  0,   0, "outbound-route-filtering",          NULL },				/* RFC 5291 */
	{ 7,   1,  0,   0, "bgpsec",                            NULL },				/* RFC 8205 */
	{ 67,  1,  0,   0, "dynamic",                           NULL },
	{ 68,  1,  0,   0, "multisession",                      NULL },
	{ 130, 1,  0,   0, "outbound-route-filtering-cisco",    NULL },
	{ 131, 1,  0,   0, "multisession-cisco",                NULL },
};
/* clang-format on */

static const struct print_capability *find_capability(uint8_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (capabilities[i].code == code)
			return &capabilities[i];
	return NULL;
}

static bool length_is_right(const struct print_capability *c, size_t length)
{
	if (length < c->length_min || length > c->length_max)
		return false;
	return c->multiple == 0 || (length - c->length_min) % c->multiple == 0;
}

static void print_capability(struct outline *o, uint8_t code, struct reader value)
{
	const struct print_capability *c = find_capability(code);
	size_t length = reader_left(&value);

	outline_object(o, NULL, OUTLINE_INLINE);
	if (c != NULL)
		outline_bare(o, "name", c->name);
	if (c == NULL || o->is_json)
		outline_uint(o, "code", code);
	if (c != NULL && length_is_right(c, length)) {
		if (c->print != NULL)
			c->print(o, &value);
	} else if (length != 0 || c != NULL) {
		outline_hex(o, c != NULL && c->length_min <= c->length_max ? "malformed" : "value",
			    value.next, length);
	}
	outline_end(o);
}

void print_capabilities(struct outline *o, struct reader row)
{
	while (reader_left(&row) != 0) {
		uint8_t code = reader_u8(&row);
		size_t left, said = reader_u8(&row);

		left = reader_left(&row);
		print_capability(o, code, reader_sub(&row, MIN(said, left)));
	}
}

/* Parameters and the capabilities in them; what is cut off is shown as octets. */
static void print_parameters(struct outline *o, struct reader r, bool extended)
{
	while (reader_left(&r) != 0) {
		const uint8_t *start = r.next;
		uint8_t type = reader_u8(&r);
		size_t length = extended ? reader_u16(&r) : reader_u8(&r);
		struct reader value = reader_sub(&r, length);

		if (r.failed || type != PARAMETER_CAPABILITIES) {
			outline_object(o, NULL, OUTLINE_INLINE);
			outline_uint(o, "parameter", type);
			outline_hex(o, r.failed ? "malformed" : "value", start,
				    (size_t)((r.failed ? r.end : r.next) - start));
			outline_end(o);
			continue;
		}
		print_capabilities(o, value);
	}
}

void print_open(struct bgp_printer *p, const uint8_t *body, size_t length)
{
	struct outline *o = p->out;
	struct reader r = reader_of(body, length), peek;
	struct bgp_notification error;
	struct bgp_open open;
	struct ip_addr id;
	uint16_t as;
	bool extended;

	if (length < 10) {
		outline_hex(o, "malformed", body, length);
		return;
	}
	outline_uint(o, "version", reader_u8(&r));
	as = reader_u16(&r);
	if (bgp_open_decode(body, length, &open, &error) < 0)
		open.as.number = as;
	outline_uint(o, "as", open.as.number);
	if (open.as.number != as)
		outline_uint(o, "as-field", as);
	outline_uint(o, "hold-time", reader_u16(&r));
	id = ip_addr_v4(reader_u32(&r));
	outline_address(o, "router-id", &id);
	extended = reader_u8(&r) != 0; /* the length, if it is the classic form's */
	peek = r;
	extended &= reader_u8(&peek) == PARAMETER_EXTENDED;
	if (extended) { /* RFC 9072 2 */
		(void)reader_u16(&peek);
		r = peek;
	}
	if (reader_left(&r) == 0)
		return;
	outline_array(o, "capabilities", OUTLINE_LINES);
	print_parameters(o, r, extended);
	outline_end(o);
}
