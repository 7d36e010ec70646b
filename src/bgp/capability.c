/*
 * capability: reading and writing capabilities, by a table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4760 8 (1), 2918 (2), 8654 (6), 4724 and 8538 (64), 6793 (65), 7911 (69), 7313 (70). Unknown
 * ones are ignored (RFC 5492 3).
 */
#include "bgp/capability.h"

enum capability_code {
	CAPABILITY_MULTIPROTOCOL = 1,
	CAPABILITY_ROUTE_REFRESH = 2,
	CAPABILITY_EXTENDED_MESSAGE = 6,
	CAPABILITY_GRACEFUL_RESTART = 64,
	CAPABILITY_AS4 = 65,
	CAPABILITY_ADD_PATH = 69,
	CAPABILITY_ENHANCED_REFRESH = 70,
};

#define RESTART_FLAG_R 0x8000u
#define RESTART_FLAG_N 0x4000u
#define RESTART_TIME_MASK 0x0fffu
#define RESTART_FAMILY_F 0x80u
#define ADD_PATH_RECEIVE 1u
#define ADD_PATH_SEND 2u

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

static const struct {
	uint8_t code;
	int (*decode)(struct reader *r, struct capability_result *result);
} rows[] = {
	{ CAPABILITY_MULTIPROTOCOL, decode_multiprotocol },
	{ CAPABILITY_ROUTE_REFRESH, decode_route_refresh },
	{ CAPABILITY_EXTENDED_MESSAGE, decode_extended_message },
	{ CAPABILITY_GRACEFUL_RESTART, decode_graceful_restart },
	{ CAPABILITY_AS4, decode_as4 },
	{ CAPABILITY_ADD_PATH, decode_add_path },
	{ CAPABILITY_ENHANCED_REFRESH, decode_enhanced_refresh },
};

int capability_decode(uint8_t code, struct reader value, struct capability_result *result)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return rows[i].decode(&value, result);
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
	encode_flag(w, c->extended_message, CAPABILITY_EXTENDED_MESSAGE);
	if (c->graceful_restart)
		encode_graceful_restart(w, c);
	if (c->as4) {
		writer_u8(w, CAPABILITY_AS4);
		writer_u8(w, 4);
		writer_u32(w, open->as.number);
	}
	encode_add_path(w, c);
	encode_flag(w, c->enhanced_refresh, CAPABILITY_ENHANCED_REFRESH);
}
