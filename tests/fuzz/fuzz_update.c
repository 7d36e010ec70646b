/*
 * Fuzz target: the body of an UPDATE.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: bit 0 as4, 1 ibgp, 2 and 3 ADD-PATH for ipv4 and ipv6 unicast, 4 and 5 those
 * families are not negotiated, 6 ADD-PATH for all others, 7 IPv6 next hops for IPv4 families, and
 * AIGP. Then the body.
 *
 * What is accepted is written by our encoders with its own attributes and next hop, as a reflector
 * does; that must be right to our own strict decoder and be written again as the same.
 */
#include "fuzz.h"

#include "bgp/update.h"

static struct bgp_update update, again;
static uint8_t message[BGP_MESSAGE_BYTES_MAX_EXTENDED];

/* Walks a checked run; with `u`, writes each NLRI. */
static unsigned walk(struct bgp_nlri_run run, const struct bgp_context *context,
		     struct bgp_update_writer *u)
{
	bool addpath = run.family != BGP_FAMILY_NONE && context->addpath[run.family];
	struct reader fast = run.reader;
	struct bgp_nlri nlri, made;
	struct ip_prefix prefix;
	unsigned count = 0;

	while (bgp_nlri_next(&run, addpath, &nlri)) {
		uint32_t address;
		uint8_t length;

		if (bgp_nlri_to_prefix(run.family, &nlri, &prefix)) {
			bgp_nlri_from_prefix(&prefix, &made);
			MUST_HOLD(made.key[0] == nlri.key[0]);
			if (bgp_family_info(run.family)->kind != BGP_NLRI_VPN) {
				MUST_HOLD(made.key_length == nlri.key_length);
				MUST_HOLD(memcmp(made.key, nlri.key, made.key_length) == 0);
			}
		}
		if (run.family == BGP_IPV4_UNICAST && !addpath) {
			MUST_HOLD(bgp_nlri_next_ipv4(&fast, &address, &length));
			MUST_HOLD(address == ip_addr_to_u32(&prefix.addr));
			MUST_HOLD(length == prefix.length);
		}
		if (u != NULL && !bgp_update_add(u, &nlri))
			break;
		count++;
	}
	return count;
}

/* What is announced, written by us, must be cut into the same. */
static void check_write(const struct bgp_nlri_run *run, const struct bgp_context *context)
{
	static const uint8_t attrs[] = { 0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 10, 0, 0, 1 };
	struct writer w = writer_of(message, sizeof(message));
	bool v4 = (bgp_family_info(run->family)->next_hop & BGP_NEXT_HOP_V4) != 0;
	struct ip_addr hop = { .family = v4 ? IP_V4 : IP_V6, .bytes = { 0x20, 0x01, 15 } };
	struct bgp_update_writer u;
	struct bgp_notification n;
	struct bgp_header h;
	unsigned count;

	bgp_update_begin(&u, &w, run->family, false, context->addpath[run->family], attrs,
			 sizeof(attrs), &hop, sizeof(message));
	count = walk(*run, context, &u);
	bgp_update_end(&u);
	if (count == 0) {
		MUST_HOLD(writer_length(&w) == 0);
		return;
	}
	MUST_HOLD(!w.failed && bgp_header_decode(message, sizeof(message), &h, &n) == 0);
	MUST_HOLD(h.length == writer_length(&w));
	MUST_HOLD(bgp_update_cut(message + BGP_HEADER_BYTES, h.length - BGP_HEADER_BYTES, context,
				 &again, &n, NULL) == BGP_OK);
	for (size_t i = 0; i < 2; i++) {
		MUST_HOLD(bgp_nlri_check(&again.announced[i], context, &n, NULL) <
			  BGP_DISABLE_FAMILY);
		if (again.announced[i].family != BGP_FAMILY_NONE)
			MUST_HOLD(walk(again.announced[i], context, NULL) == count);
	}
}

/* Writes a run with attributes, as a reflector does. Returns the octets of the message; 0: they
 * leave no room. */
static size_t reflect(uint8_t *to, const struct bgp_nlri_run *run,
		      const struct bgp_context *context, const struct bgp_attrs *a)
{
	static uint8_t bytes[BGP_MESSAGE_BYTES_MAX_EXTENDED];
	uint8_t mp_reach[64];
	struct writer attrs = writer_of(bytes, sizeof(bytes));
	struct writer mp = writer_of(mp_reach, sizeof(mp_reach));
	struct writer w = writer_of(to, BGP_MESSAGE_BYTES_MAX_EXTENDED);
	struct bgp_update_writer u;

	bgp_attrs_encode(&attrs, a, run->family, true);
	if (attrs.failed)
		return 0;
	if (run->family != BGP_IPV4_UNICAST || a->next_hop.family != IP_V4)
		bgp_mp_reach_encode(&mp, run->family, &a->next_hop, &a->next_hop_link_local);
	MUST_HOLD(!mp.failed);
	bgp_update_begin_mp(&u, &w, run->family, context->addpath[run->family], bytes,
			    writer_length(&attrs), mp_reach, writer_length(&mp),
			    BGP_MESSAGE_BYTES_MAX_EXTENDED);
	walk(*run, context, &u);
	bgp_update_end(&u);
	MUST_HOLD(!w.failed);
	return writer_length(&w);
}

/* Reads a message of ours as a peer would, strictly; returns its run of announcements. */
static const struct bgp_nlri_run *judge(const uint8_t *bytes, size_t length,
					const struct bgp_context *context, struct arena *arena,
					struct bgp_attrs *ret_attrs)
{
	const struct bgp_nlri_run *run = NULL;
	struct error why = { "" };
	struct bgp_notification n;
	struct bgp_header h;

	MUST_HOLD(bgp_header_decode(bytes, BGP_MESSAGE_BYTES_MAX_EXTENDED, &h, &n) == 0);
	MUST_HOLD(h.length == length && h.type == BGP_UPDATE);
	MUST_HOLD(bgp_update_cut(bytes + BGP_HEADER_BYTES, length - BGP_HEADER_BYTES, context,
				 &again, &n, &why) == BGP_OK);
	for (size_t i = 0; i < 2; i++) {
		MUST_HOLD(bgp_nlri_check(&again.announced[i], context, &n, &why) <=
			  BGP_TREAT_AS_WITHDRAW);
		if (again.announced[i].family != BGP_FAMILY_NONE)
			run = &again.announced[i];
	}
	MUST_HOLD(run != NULL);
	MUST_HOLD(bgp_attrs_decode(again.mp_key, again.mp_key_length, context, true, arena,
				   ret_attrs, &n, &why) == BGP_OK);
	return run;
}

static void check_reflected(const struct bgp_nlri_run *run, const struct bgp_context *received,
			    const struct bgp_attrs *attrs, struct arena *arena)
{
	static uint8_t first[BGP_MESSAGE_BYTES_MAX_EXTENDED];
	static uint8_t second[BGP_MESSAGE_BYTES_MAX_EXTENDED];
	struct bgp_context context = *received;
	const struct bgp_nlri_run *again_run;
	struct bgp_attrs read;
	size_t length;

	context.as4 = context.ibgp = context.aigp = true;
	length = reflect(first, run, &context, attrs);
	if (length == 0)
		return;
	again_run = judge(first, length, &context, arena, &read);
	MUST_HOLD(again_run->family == run->family);
	MUST_HOLD(reflect(second, again_run, &context, &read) == length);
	MUST_HOLD(memcmp(first, second, length) == 0);
}

static void check_key(const uint8_t *key, size_t length, const struct bgp_context *context,
		      const struct bgp_nlri_run *run)
{
	struct bgp_notification n;
	struct bgp_attrs attrs;
	struct arena arena;
	enum bgp_verdict v;

	arena_init(&arena, 0);
	v = bgp_attrs_decode(key, length, context, true, &arena, &attrs, &n, NULL);
	/* the cut has judged MP_REACH_NLRI */
	MUST_HOLD(v <= BGP_SESSION_RESET);
	if (v <= BGP_ATTRIBUTE_DISCARD && run->family != BGP_FAMILY_NONE)
		check_reflected(run, context, &attrs, &arena);
	arena_done(&arena);
}

static struct bgp_context context_of(uint8_t bits)
{
	struct bgp_context context = { .message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED };

	context.as4 = (bits & 1) != 0;
	context.ibgp = (bits & 2) != 0;
	context.addpath[BGP_IPV4_UNICAST] = (bits & 4) != 0;
	context.addpath[BGP_IPV6_UNICAST] = (bits & 8) != 0;
	context.not_negotiated[BGP_IPV4_UNICAST] = (bits & 16) != 0;
	context.not_negotiated[BGP_IPV6_UNICAST] = (bits & 32) != 0;
	for (size_t i = BGP_IPV6_UNICAST + 1; i < BGP_FAMILY_COUNT; i++)
		context.addpath[i] = (bits & 64) != 0;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		context.extended_next_hop[i] = (bits & 128) != 0;
	memset(context.labels_max, (bits & 128) != 0 ? UINT8_MAX : 0, sizeof(context.labels_max));
	context.aigp = (bits & 128) != 0;
	return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bgp_context context;
	struct bgp_notification n = { 0 };
	struct error why = { "" };
	enum bgp_verdict v;
	bool good = true;

	if (size < 1 || size > BGP_MESSAGE_BYTES_MAX_EXTENDED)
		return 0;
	context = context_of(data[0]);
	v = bgp_update_cut(data + 1, size - 1, &context, &update, &n, &why);
	MUST_HOLD((v == BGP_OK) == (why.text[0] == '\0'));
	MUST_HOLD((v >= BGP_DISABLE_FAMILY) == (n.code == BGP_ERROR_UPDATE));
	MUST_HOLD((v == BGP_DISABLE_FAMILY) == (update.disabled != BGP_FAMILY_NONE) ||
		  v == BGP_SESSION_RESET);
	if (v == BGP_SESSION_RESET)
		return 0;
	MUST_HOLD(update.malformed || v != BGP_TREAT_AS_WITHDRAW);
	MUST_HOLD(!update.malformed || v >= BGP_TREAT_AS_WITHDRAW);
	MUST_HOLD(update.key_length < size && update.mp_key_length < size);
	for (size_t i = 0; i < 2; i++) {
		good &= bgp_nlri_check(&update.withdrawn[i], &context, &n, &why) <
			BGP_DISABLE_FAMILY;
		good &= bgp_nlri_check(&update.announced[i], &context, &n, &why) <
			BGP_DISABLE_FAMILY;
	}
	for (size_t i = 0; good && i < 2; i++) {
		walk(update.withdrawn[i], &context, NULL);
		if (update.announced[i].family != BGP_FAMILY_NONE)
			check_write(&update.announced[i], &context);
	}
	if (!good || v >= BGP_TREAT_AS_WITHDRAW)
		return 0;
	check_key(update.key, update.key_length, &context, &update.announced[1]);
	check_key(update.mp_key, update.mp_key_length, &context, &update.announced[0]);
	return 0;
}
