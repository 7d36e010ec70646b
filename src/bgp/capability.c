/*
 * capability: reading and writing capabilities, by a table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4760 8 (1), 2918 (2), 8950 4 (5), 8654 (6), 8277 2.1 (8), 9234 4.1 (9), 4724 and 8538 (64),
 * 6793 (65), 7911 (69), 7313 (70), 9494 3.1 (71), the drafts walton-bgp-hostname-capability (73)
 * and abraitis-bgp-version-capability (75). Unknown ones are kept and else ignored (RFC 5492 3).
 * One whose length is wrong is as good as none, but for the two without which nothing can be said
 * to the peer: multiprotocol and 4-octet AS numbers.
 */
#include "bgp/capability.h"

#include "base/utf8.h"

enum capability_code {
	CAPABILITY_MULTIPROTOCOL = 1,
	CAPABILITY_ROUTE_REFRESH = 2,
	CAPABILITY_EXTENDED_NEXT_HOP = 5,
	CAPABILITY_EXTENDED_MESSAGE = 6,
	CAPABILITY_MULTIPLE_LABELS = 8,
	CAPABILITY_ROLE = 9,
	CAPABILITY_GRACEFUL_RESTART = 64,
	CAPABILITY_AS4 = 65,
	CAPABILITY_ADD_PATH = 69,
	CAPABILITY_ENHANCED_REFRESH = 70,
	CAPABILITY_LONG_LIVED = 71,
	CAPABILITY_FQDN = 73,
	CAPABILITY_SOFTWARE_VERSION = 75,
};

#define RESTART_FLAG_R 0x8000u
#define RESTART_FLAG_N 0x4000u
#define RESTART_TIME_MASK 0x0fffu
#define RESTART_FAMILY_F 0x80u
#define ADD_PATH_RECEIVE 1u
#define ADD_PATH_SEND 2u
#define EXTENDED_NEXT_HOP_BYTES 6u
#define LABELS_MIN 2u
#define LONG_LIVED_BYTES 7u
#define LONG_LIVED_TIME_S_MAX 0xffffffu
#define AFI_IPV6 2u

static int decode_multiprotocol(struct reader *r, struct capability_result *result)
{
	uint16_t afi = reader_u16(r);
	uint8_t reserved = reader_u8(r);
	enum bgp_family family = bgp_family_of(afi, reader_u8(r));

	(void)reserved; /* RFC 4760 8: ignored */
	if (r->failed || reader_left(r) != 0)
		return -1;
	result->capabilities->multiprotocol = true;
	if (family != BGP_FAMILY_NONE)
		result->capabilities->families[family] = true;
	return 0;
}

static int decode_as4(struct reader *r, struct capability_result *result)
{
	uint32_t as = reader_u32(r);

	if (r->failed || reader_left(r) != 0)
		return -1;
	result->capabilities->as4 = true;
	result->as_present = true;
	result->as = as;
	return 0;
}

static int decode_route_refresh(struct reader *r, struct capability_result *result)
{
	result->capabilities->route_refresh |= reader_left(r) == 0;
	return 0;
}

static int decode_enhanced_refresh(struct reader *r, struct capability_result *result)
{
	result->capabilities->enhanced_refresh |= reader_left(r) == 0;
	return 0;
}

static int decode_extended_message(struct reader *r, struct capability_result *result)
{
	result->capabilities->extended_message |= reader_left(r) == 0;
	return 0;
}

/* A malformed one is as good as none; the last instance counts (RFC 4724 3). */
static int decode_graceful_restart(struct reader *r, struct capability_result *result)
{
	struct bgp_capabilities *c = result->capabilities;
	uint16_t head = reader_u16(r);

	c->graceful_restart = !r->failed && reader_left(r) % 4 == 0;
	c->restarting = c->graceful_restart && (head & RESTART_FLAG_R) != 0;
	c->notification_restart = c->graceful_restart && (head & RESTART_FLAG_N) != 0;
	c->restart_time_s = c->graceful_restart ? head & RESTART_TIME_MASK : 0;
	memset(c->restart_families, 0, sizeof(c->restart_families));
	memset(c->restart_forwarding, 0, sizeof(c->restart_forwarding));
	while (c->graceful_restart && reader_left(r) != 0) {
		uint16_t afi = reader_u16(r);
		enum bgp_family family = bgp_family_of(afi, reader_u8(r));
		uint8_t flags = reader_u8(r);

		if (family == BGP_FAMILY_NONE)
			continue;
		c->restart_families[family] = true;
		c->restart_forwarding[family] = (flags & RESTART_FAMILY_F) != 0;
	}
	return 0;
}

/* RFC 7911 4: a tuple with another Send/Receive value is ignored; of several for a family the first
 * counts (RFC 5492 leaves it open; the sum would claim more than was said). */
static int decode_add_path(struct reader *r, struct capability_result *result)
{
	struct bgp_capabilities *c = result->capabilities;

	if (reader_left(r) % 4 != 0)
		return 0;
	while (reader_left(r) != 0) {
		uint16_t afi = reader_u16(r);
		enum bgp_family family = bgp_family_of(afi, reader_u8(r));
		uint8_t mode = reader_u8(r);

		if (family == BGP_FAMILY_NONE || mode < ADD_PATH_RECEIVE ||
		    mode > (ADD_PATH_RECEIVE | ADD_PATH_SEND) || c->addpath_receive[family] ||
		    c->addpath_send[family])
			continue;
		c->addpath_receive[family] = (mode & ADD_PATH_RECEIVE) != 0;
		c->addpath_send[family] = (mode & ADD_PATH_SEND) != 0;
	}
	return 0;
}

/* RFC 8950 4: tuples of AFI, SAFI and the next hop's AFI. Only the one for IPv6 next hops in a
 * family that has IPv4 ones by itself means anything. */
static int decode_extended_next_hop(struct reader *r, struct capability_result *result)
{
	if (reader_left(r) % EXTENDED_NEXT_HOP_BYTES != 0)
		return 0;
	while (reader_left(r) != 0) {
		uint16_t afi = reader_u16(r), safi = reader_u16(r), hop = reader_u16(r);
		enum bgp_family family =
			safi > UINT8_MAX ? BGP_FAMILY_NONE : bgp_family_of(afi, (uint8_t)safi);

		if (family != BGP_FAMILY_NONE && hop == AFI_IPV6 &&
		    (bgp_family_info(family)->next_hop & BGP_NEXT_HOP_V6_NEGOTIATED) != 0)
			result->capabilities->extended_next_hop[family] = true;
	}
	return 0;
}

/* RFC 8277 2.1: of several capabilities the first counts, and in it of several triples for a
 * family; a count below 2 says nothing. */
static int decode_multiple_labels(struct reader *r, struct capability_result *result)
{
	bool seen[BGP_FAMILY_COUNT] = { false };

	if (result->multiple_labels || reader_left(r) % 4 != 0)
		return 0;
	result->multiple_labels = true;
	while (reader_left(r) != 0) {
		uint16_t afi = reader_u16(r);
		enum bgp_family family = bgp_family_of(afi, reader_u8(r));
		uint8_t count = reader_u8(r);

		if (family == BGP_FAMILY_NONE || seen[family])
			continue;
		seen[family] = true;
		if (bgp_family_is_labeled(family) && count >= LABELS_MIN)
			result->capabilities->labels_max[family] = count;
	}
	return 0;
}

/* RFC 9234 4.2: several that say the same are one. */
static int decode_role(struct reader *r, struct capability_result *result)
{
	struct bgp_capabilities *c = result->capabilities;
	uint8_t role = reader_u8(r);

	if (r->failed || reader_left(r) != 0)
		return 0;
	if (c->has_role) {
		c->roles_differ |= c->role != role;
		return 0;
	}
	c->has_role = true;
	c->role = role;
	return 0;
}

/* RFC 9494 3.1: the last instance counts; a malformed one is as good as none. Without
 * graceful restart it means nothing, which the session judges. */
static int decode_long_lived(struct reader *r, struct capability_result *result)
{
	struct bgp_capabilities *c = result->capabilities;

	memset(c->long_lived_families, 0, sizeof(c->long_lived_families));
	memset(c->long_lived_forwarding, 0, sizeof(c->long_lived_forwarding));
	memset(c->long_lived_time_s, 0, sizeof(c->long_lived_time_s));
	c->long_lived = reader_left(r) % LONG_LIVED_BYTES == 0;
	while (c->long_lived && reader_left(r) != 0) {
		uint16_t afi = reader_u16(r);
		enum bgp_family family = bgp_family_of(afi, reader_u8(r));
		uint8_t flags = reader_u8(r);
		uint32_t time_s = (uint32_t)reader_u8(r) << 16;

		time_s |= reader_u16(r);
		if (family == BGP_FAMILY_NONE)
			continue;
		c->long_lived_families[family] = true;
		c->long_lived_forwarding[family] = (flags & RESTART_FAMILY_F) != 0;
		c->long_lived_time_s[family] = time_s;
	}
	return 0;
}

/* A text behind an octet with its length. */
static void copy_text(struct reader text, char to[static BGP_CAPABILITY_TEXT_MAX])
{
	size_t length = reader_left(&text);

	memset(to, 0, BGP_CAPABILITY_TEXT_MAX);
	(void)utf8_clean(reader_bytes(&text, length), length, to, BGP_CAPABILITY_TEXT_MAX);
}

static int decode_fqdn(struct reader *r, struct capability_result *result)
{
	struct reader host = reader_sub(r, reader_u8(r));
	struct reader domain = reader_sub(r, reader_u8(r));

	if (r->failed || reader_left(r) != 0)
		return 0;
	copy_text(host, result->capabilities->hostname);
	copy_text(domain, result->capabilities->domain_name);
	return 0;
}

static int decode_software_version(struct reader *r, struct capability_result *result)
{
	struct reader version = reader_sub(r, reader_u8(r));

	if (!r->failed && reader_left(r) == 0)
		copy_text(version, result->capabilities->software_version);
	return 0;
}

static const struct {
	uint8_t code;
	int (*decode)(struct reader *r, struct capability_result *result);
} rows[] = {
	{ CAPABILITY_MULTIPROTOCOL, decode_multiprotocol },
	{ CAPABILITY_ROUTE_REFRESH, decode_route_refresh },
	{ CAPABILITY_EXTENDED_NEXT_HOP, decode_extended_next_hop },
	{ CAPABILITY_EXTENDED_MESSAGE, decode_extended_message },
	{ CAPABILITY_MULTIPLE_LABELS, decode_multiple_labels },
	{ CAPABILITY_ROLE, decode_role },
	{ CAPABILITY_GRACEFUL_RESTART, decode_graceful_restart },
	{ CAPABILITY_AS4, decode_as4 },
	{ CAPABILITY_ADD_PATH, decode_add_path },
	{ CAPABILITY_ENHANCED_REFRESH, decode_enhanced_refresh },
	{ CAPABILITY_LONG_LIVED, decode_long_lived },
	{ CAPABILITY_FQDN, decode_fqdn },
	{ CAPABILITY_SOFTWARE_VERSION, decode_software_version },
};

/* Keeps one that we do not know; left out when there is no room for the whole of it. */
static void keep_other(uint8_t code, struct reader value, struct bgp_capabilities *c)
{
	struct writer w = writer_of(c->other + c->other_bytes, sizeof(c->other) - c->other_bytes);
	size_t length = reader_left(&value);

	if (writer_left(&w) < 2 + length)
		return;
	writer_u8(&w, code);
	writer_u8(&w, (uint8_t)length);
	writer_bytes(&w, reader_bytes(&value, length), length);
	c->other_bytes = (uint8_t)(c->other_bytes + writer_length(&w));
}

int capability_decode(uint8_t code, struct reader value, struct capability_result *result)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return rows[i].decode(&value, result);
	keep_other(code, value, result->capabilities);
	return 0;
}

static void encode_family(struct writer *w, enum bgp_family family, uint8_t last)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	writer_u16(w, info->afi);
	writer_u8(w, info->safi);
	writer_u8(w, last);
}

static void encode_flag(struct writer *w, bool present, enum capability_code code)
{
	if (!present)
		return;
	writer_u8(w, (uint8_t)code);
	writer_u8(w, 0);
}

/* Patches the length octet of the capability that began at `start`. */
static void encode_end(struct writer *w, size_t start)
{
	if (!w->failed)
		w->start[start + 1] = (uint8_t)(writer_length(w) - start - 2);
}

static void encode_graceful_restart(struct writer *w, const struct bgp_capabilities *c)
{
	size_t start = writer_length(w);
	unsigned head = c->restart_time_s & RESTART_TIME_MASK;

	writer_u8(w, CAPABILITY_GRACEFUL_RESTART);
	writer_u8(w, 0);
	head |= c->restarting ? RESTART_FLAG_R : 0;
	head |= c->notification_restart ? RESTART_FLAG_N : 0;
	writer_u16(w, (uint16_t)head);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (!c->restart_families[i])
			continue;
		encode_family(w, (enum bgp_family)i,
			      c->restart_forwarding[i] ? RESTART_FAMILY_F : 0);
	}
	encode_end(w, start);
}

static void encode_add_path(struct writer *w, const struct bgp_capabilities *c)
{
	size_t start = writer_length(w);
	struct writer before = *w;

	writer_u8(w, CAPABILITY_ADD_PATH);
	writer_u8(w, 0);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		unsigned mode = (c->addpath_receive[i] ? ADD_PATH_RECEIVE : 0) |
				(c->addpath_send[i] ? ADD_PATH_SEND : 0);

		if (mode != 0)
			encode_family(w, (enum bgp_family)i, (uint8_t)mode);
	}
	encode_end(w, start);
	if (!w->failed && writer_length(w) == start + 2)
		*w = before;
}

static void encode_extended_next_hop(struct writer *w, const struct bgp_capabilities *c)
{
	size_t start = writer_length(w);
	struct writer before = *w;

	writer_u8(w, CAPABILITY_EXTENDED_NEXT_HOP);
	writer_u8(w, 0);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		const struct bgp_family_info *info = bgp_family_info((enum bgp_family)i);

		if (!c->extended_next_hop[i] || (info->next_hop & BGP_NEXT_HOP_V6_NEGOTIATED) == 0)
			continue;
		writer_u16(w, info->afi);
		writer_u16(w, info->safi);
		writer_u16(w, AFI_IPV6);
	}
	encode_end(w, start);
	if (!w->failed && writer_length(w) == start + 2)
		*w = before;
}

static void encode_multiple_labels(struct writer *w, const struct bgp_capabilities *c)
{
	size_t start = writer_length(w);
	struct writer before = *w;

	writer_u8(w, CAPABILITY_MULTIPLE_LABELS);
	writer_u8(w, 0);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		if (c->labels_max[i] >= LABELS_MIN)
			encode_family(w, (enum bgp_family)i, c->labels_max[i]);
	encode_end(w, start);
	if (!w->failed && writer_length(w) == start + 2)
		*w = before;
}

static void encode_long_lived(struct writer *w, const struct bgp_capabilities *c)
{
	size_t start = writer_length(w);

	writer_u8(w, CAPABILITY_LONG_LIVED);
	writer_u8(w, 0);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		uint32_t time_s = MIN(c->long_lived_time_s[i], LONG_LIVED_TIME_S_MAX);

		if (!c->long_lived_families[i])
			continue;
		encode_family(w, (enum bgp_family)i,
			      c->long_lived_forwarding[i] ? RESTART_FAMILY_F : 0);
		writer_u8(w, (uint8_t)(time_s >> 16));
		writer_u16(w, (uint16_t)time_s);
	}
	encode_end(w, start);
}

/* An octet with its length, and the text. */
static void encode_text(struct writer *w, const char text[static BGP_CAPABILITY_TEXT_MAX])
{
	size_t length = strnlen(text, BGP_CAPABILITY_TEXT_MAX - 1);

	writer_u8(w, (uint8_t)length);
	writer_bytes(w, text, length);
}

static void encode_texts(struct writer *w, const struct bgp_capabilities *c)
{
	size_t start = writer_length(w);

	if (c->hostname[0] != '\0' || c->domain_name[0] != '\0') {
		writer_u8(w, CAPABILITY_FQDN);
		writer_u8(w, 0);
		encode_text(w, c->hostname);
		encode_text(w, c->domain_name);
		encode_end(w, start);
	}
	start = writer_length(w);
	if (c->software_version[0] != '\0') {
		writer_u8(w, CAPABILITY_SOFTWARE_VERSION);
		writer_u8(w, 0);
		encode_text(w, c->software_version);
		encode_end(w, start);
	}
}

void capability_encode_all(struct writer *w, const struct bgp_open *open)
{
	const struct bgp_capabilities *c = &open->capabilities;

	for (size_t i = 0; c->multiprotocol && i < BGP_FAMILY_COUNT; i++) {
		if (!c->families[i])
			continue;
		writer_u8(w, CAPABILITY_MULTIPROTOCOL);
		writer_u8(w, 4);
		writer_u16(w, bgp_family_info((enum bgp_family)i)->afi);
		writer_u8(w, 0);
		writer_u8(w, bgp_family_info((enum bgp_family)i)->safi);
	}
	encode_flag(w, c->route_refresh, CAPABILITY_ROUTE_REFRESH);
	encode_extended_next_hop(w, c);
	encode_flag(w, c->extended_message, CAPABILITY_EXTENDED_MESSAGE);
	encode_multiple_labels(w, c);
	if (c->has_role) {
		writer_u8(w, CAPABILITY_ROLE);
		writer_u8(w, 1);
		writer_u8(w, c->role);
	}
	if (c->graceful_restart)
		encode_graceful_restart(w, c);
	if (c->as4) {
		writer_u8(w, CAPABILITY_AS4);
		writer_u8(w, 4);
		writer_u32(w, open->as.number);
	}
	encode_add_path(w, c);
	encode_flag(w, c->enhanced_refresh, CAPABILITY_ENHANCED_REFRESH);
	if (c->long_lived)
		encode_long_lived(w, c);
	encode_texts(w, c);
	writer_bytes(w, c->other, c->other_bytes);
}
