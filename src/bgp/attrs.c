/*
 * attrs: decoding path attributes, by a table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The table below has a row for each attribute: its name, the Optional and Transitive bits that it
 * must have, which lengths it may have, whether an external peer may send it, and what a malformed
 * one leads to (RFC 7606 7). What only this attribute needs is in its handler. The walk goes on
 * after an error, because the strongest verdict counts (RFC 7606 3); an attribute that is longer
 * than the block ends it (RFC 7606 4).
 */
#include "bgp/attrs.h"

#include "bgp/as_path.h"
#include "bgp/attrs_table.h"
#include "bgp/mp_reach.h"

#define UNKNOWN_MAX 256u /* there are no more codes */

struct attrs_item {
	uint8_t flags;
	uint8_t code;
	size_t offset; /* in the block */
	const uint8_t *start;
	size_t whole_length;
	struct reader value;
	size_t length;
};

struct attrs_decoder {
	const struct bgp_context *context;
	struct arena *arena;
	struct bgp_attrs attrs;
	bool has_nlri;
	bool in_set; /* the attributes are those in an ATTR_SET */
	bool has_mp_reach;
	enum bgp_verdict verdict;
	struct bgp_notification *error;
	struct error *why;
	uint64_t seen[4];
	const uint8_t *raw_path; /* AS_PATH as received */
	size_t raw_path_length;
	const uint8_t *as4_path; /* checked, on a 2-octet session only */
	size_t as4_path_length;
	struct attrs_item next_hop_item; /* NEXT_HOP, judged when MP_REACH_NLRI is known */
	struct ip_addr next_hop;
	bool has_as4_aggregator;
	uint32_t as4_aggregator_as;
	uint32_t as4_aggregator_address;
	size_t unknown_bytes;
	unsigned unknown_count;
};

/* Kept apart from the decoder because it is never cleared. */
struct attrs_unknown {
	struct attrs_item items[UNKNOWN_MAX];
};

/* Notes a fault: the strongest one so far keeps its words and its NOTIFICATION. */
static void fault(struct attrs_decoder *d, enum bgp_verdict verdict, uint8_t subcode,
		  const struct attrs_item *item, const char *text)
{
	const char *name;

	/* RFC 7606 5.2: without reachable NLRI we cannot be sure that there was none. */
	if (verdict >= BGP_TREAT_AS_WITHDRAW && !d->has_nlri && !d->in_set)
		verdict = BGP_SESSION_RESET;
	if (verdict <= d->verdict)
		return;
	d->verdict = verdict;
	if (verdict == BGP_SESSION_RESET)
		bgp_notification_set(d->error, BGP_ERROR_UPDATE, subcode,
				     item == NULL ? NULL : item->start,
				     item == NULL ? 0 : item->whole_length);
	if (item == NULL) {
		error_set(d->why, "%s", text);
		return;
	}
	name = bgp_attr_name(item->code);
	error_set(d->why, "attribute %u%s%s at offset %zu: %s", item->code, name == NULL ? "" : " ",
		  name == NULL ? "" : name, item->offset, text);
}

/* The same for an attribute that is malformed in itself. RFC 6368 5: if it is in an ATTR_SET, that
 * is malformed too. */
static void malformed_as(struct attrs_decoder *d, enum bgp_verdict verdict,
			 const struct attrs_item *item, uint8_t subcode, const char *text)
{
	fault(d, d->in_set ? MAX(verdict, BGP_TREAT_AS_WITHDRAW) : verdict, subcode, item, text);
}

static void malformed(struct attrs_decoder *d, const struct attrs_item *item, uint8_t subcode,
		      const char *text)
{
	malformed_as(d, attrs_table[item->code].malformed, item, subcode, text);
}

static void have(struct attrs_decoder *d, const struct attrs_item *item)
{
	d->attrs.present |= UINT64_C(1) << item->code;
	if ((attrs_flags_to_send(item->flags) & ATTR_PARTIAL) != 0)
		d->attrs.partial |= UINT64_C(1) << item->code;
}

static void decode_origin(struct attrs_decoder *d, struct attrs_item *item)
{
	uint8_t origin = reader_u8(&item->value);

	if (origin > 2) {
		malformed(d, item, BGP_UPDATE_INVALID_ORIGIN, "the value is not 0, 1 or 2");
		return;
	}
	d->attrs.origin = origin;
	have(d, item);
}

static void decode_as_path(struct attrs_decoder *d, struct attrs_item *item)
{
	struct as_path_facts facts;
	const char *wrong =
		as_path_check(item->value.start, item->length, d->context->as4 ? 4 : 2, &facts);

	/* RFC 7607 2; RFC 5065 5; RFC 9774 3 */
	if (wrong == NULL && facts.has_as0)
		wrong = "it holds AS 0";
	if (wrong == NULL && facts.has_confederation && !d->context->ibgp)
		wrong = "confederation segments from an external peer";
	if (wrong == NULL && facts.has_set && d->context->refuse_as_sets)
		wrong = "it holds a set";
	if (wrong == NULL && d->context->as4 && item->length > BGP_AS_PATH_BYTES_MAX)
		wrong = "it is too long";
	if (wrong != NULL) {
		malformed(d, item, BGP_UPDATE_MALFORMED_AS_PATH, wrong);
		return;
	}
	d->raw_path = item->value.start;
	d->raw_path_length = item->length;
	have(d, item);
}

static void decode_next_hop(struct attrs_decoder *d, struct attrs_item *item)
{
	d->next_hop_item = *item;
	d->next_hop = ip_addr_v4(reader_u32(&item->value));
	have(d, item);
}

static void decode_med(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.med = reader_u32(&item->value);
	have(d, item);
}

static void decode_local_pref(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.local_pref = reader_u32(&item->value);
	have(d, item);
}

static void decode_atomic_aggregate(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.atomic_aggregate = true;
	have(d, item);
}

static void decode_aggregator(struct attrs_decoder *d, struct attrs_item *item)
{
	uint32_t as;

	if (item->length != (d->context->as4 ? 8u : 6u)) {
		malformed(d, item, BGP_UPDATE_LENGTH_ERROR,
			  d->context->as4 ? "the length must be 8" : "the length must be 6");
		return;
	}
	as = d->context->as4 ? reader_u32(&item->value) : reader_u16(&item->value);
	if (as == 0) { /* RFC 7607 2 */
		malformed(d, item, BGP_UPDATE_OPTIONAL_ERROR, "AS 0");
		return;
	}
	d->attrs.aggregator_as = as;
	d->attrs.aggregator_address = reader_u32(&item->value);
	have(d, item);
}

static void decode_communities(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.communities = item->value.start;
	d->attrs.communities_bytes = (uint16_t)item->length;
	have(d, item);
}

static void decode_originator_id(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.originator_id = reader_u32(&item->value);
	have(d, item);
}

static void decode_cluster_list(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.cluster_list = item->value.start;
	d->attrs.cluster_list_bytes = (uint16_t)item->length;
	have(d, item);
}

static void decode_mp_reach(struct attrs_decoder *d, struct attrs_item *item)
{
	struct bgp_mp_reach reach;
	/* bgp_update_cut has judged by the context, which the block outlives */
	const char *wrong = bgp_mp_reach_decode(&item->value, NULL, &reach);

	if (wrong != NULL) {
		malformed(d, item, BGP_UPDATE_OPTIONAL_ERROR, wrong);
		return;
	}
	/* A family that we do not know: the cut has left its NLRI out. */
	if (reach.family == BGP_FAMILY_NONE)
		return;
	if (!bgp_mp_reach_next_hop_suits(reach.family, &reach.next_hop)) {
		fault(d, BGP_TREAT_AS_WITHDRAW, BGP_UPDATE_OPTIONAL_ERROR, item,
		      "the next hop is not an address of a host");
		return;
	}
	d->has_mp_reach = true;
	d->attrs.mp_family = reach.family;
	d->attrs.next_hop = reach.next_hop;
	d->attrs.next_hop_link_local = reach.link_local;
	have(d, item);
}

static void decode_extended_communities(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.extended_communities = item->value.start;
	d->attrs.extended_communities_bytes = (uint16_t)item->length;
	have(d, item);
}

static void decode_as4_path(struct attrs_decoder *d, struct attrs_item *item)
{
	struct as_path_facts facts;
	const char *wrong;

	if (d->context->as4) {
		malformed(d, item, BGP_UPDATE_OPTIONAL_ERROR, "from a peer with 4-octet numbers");
		return;
	}
	wrong = as_path_check(item->value.start, item->length, 4, &facts);
	if (wrong == NULL && facts.has_as0)
		wrong = "it holds AS 0";
	if (wrong != NULL) {
		malformed(d, item, BGP_UPDATE_OPTIONAL_ERROR, wrong);
		return;
	}
	if (facts.has_set && d->context->refuse_as_sets) { /* RFC 9774 3 */
		fault(d, BGP_TREAT_AS_WITHDRAW, BGP_UPDATE_OPTIONAL_ERROR, item, "it holds a set");
		return;
	}
	d->as4_path = item->value.start;
	d->as4_path_length = item->length;
	if (facts.has_confederation) { /* RFC 6793 6: those segments are left out */
		struct writer w = writer_of(arena_alloc(d->arena, item->length), item->length);

		as_path_write_as4(&w, item->value.start, item->length);
		d->as4_path = w.start;
		d->as4_path_length = writer_length(&w);
		fault(d, BGP_ATTRIBUTE_DISCARD, 0, item, "confederation segments left out");
	}
}

static void decode_as4_aggregator(struct attrs_decoder *d, struct attrs_item *item)
{
	uint32_t as = reader_u32(&item->value);

	if (d->context->as4 || as == 0) {
		malformed(d, item, BGP_UPDATE_OPTIONAL_ERROR,
			  as == 0 ? "AS 0" : "from a peer with 4-octet numbers");
		return;
	}
	d->has_as4_aggregator = true;
	d->as4_aggregator_as = as;
	d->as4_aggregator_address = reader_u32(&item->value);
}

/* RFC 7311 3: the first TLV of type 1 counts; others are passed on. */
static void decode_aigp(struct attrs_decoder *d, struct attrs_item *item)
{
	struct reader r = item->value;
	uint64_t metric = 0;
	bool found = false;

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r);
		uint16_t length = reader_u16(&r);
		struct reader tlv;

		if (length < AIGP_TLV_HEAD_BYTES) {
			reader_fail(&r);
			break;
		}
		tlv = reader_sub(&r, length - AIGP_TLV_HEAD_BYTES);
		if (type != AIGP_TLV_METRIC || r.failed)
			continue;
		if (length != AIGP_TLV_BYTES) {
			malformed(d, item, 0, "the length of an AIGP TLV is not 11");
			return;
		}
		if (!found)
			metric = reader_u64(&tlv);
		found = true;
	}
	if (r.failed || reader_left(&r) != 0) {
		malformed(d, item, 0,
			  "a TLV is longer than the attribute, or shorter than its head");
		return;
	}
	if (!found || metric == UINT64_MAX) {
		malformed(d, item, 0, found ? "the metric is the highest there is" : "no AIGP TLV");
		return;
	}
	d->attrs.aigp = metric;
	d->attrs.aigp_tlvs = item->value.start;
	d->attrs.aigp_tlvs_bytes = (uint16_t)item->length;
	have(d, item);
}

static void decode_only_to_customer(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.only_to_customer = reader_u32(&item->value);
	have(d, item);
}

static void decode_large_communities(struct attrs_decoder *d, struct attrs_item *item)
{
	d->attrs.large_communities = item->value.start;
	d->attrs.large_communities_bytes = (uint16_t)item->length;
	have(d, item);
}

static void (*const handlers[ATTRS_TABLE_ROWS])(struct attrs_decoder *d,
						struct attrs_item *item) = {
	[BGP_ATTR_ORIGIN] = decode_origin,
	[BGP_ATTR_AS_PATH] = decode_as_path,
	[BGP_ATTR_NEXT_HOP] = decode_next_hop,
	[BGP_ATTR_MED] = decode_med,
	[BGP_ATTR_LOCAL_PREF] = decode_local_pref,
	[BGP_ATTR_ATOMIC_AGGREGATE] = decode_atomic_aggregate,
	[BGP_ATTR_AGGREGATOR] = decode_aggregator,
	[BGP_ATTR_COMMUNITIES] = decode_communities,
	[BGP_ATTR_ORIGINATOR_ID] = decode_originator_id,
	[BGP_ATTR_CLUSTER_LIST] = decode_cluster_list,
	[BGP_ATTR_MP_REACH_NLRI] = decode_mp_reach,
	[BGP_ATTR_EXTENDED_COMMUNITIES] = decode_extended_communities,
	[BGP_ATTR_AS4_PATH] = decode_as4_path,
	[BGP_ATTR_AS4_AGGREGATOR] = decode_as4_aggregator,
	[BGP_ATTR_AIGP] = decode_aigp,
	[BGP_ATTR_LARGE_COMMUNITIES] = decode_large_communities,
	[BGP_ATTR_ONLY_TO_CUSTOMER] = decode_only_to_customer,
};

/* Keeps the attribute as it is, in order of code. */
static void carry(struct attrs_decoder *d, const struct attrs_item *item,
		  struct attrs_unknown *unknown)
{
	unsigned at = d->unknown_count;

	while (at > 0 && unknown->items[at - 1].code > item->code) {
		unknown->items[at] = unknown->items[at - 1];
		at--;
	}
	unknown->items[at] = *item;
	d->unknown_count++;
	d->unknown_bytes += item->whole_length;
}

static void decode_known(struct attrs_decoder *d, struct attrs_item *item,
			 struct attrs_unknown *unknown)
{
	const struct attrs_row *row = &attrs_table[item->code];

	/* RFC 7311 3.3: there it is an unknown attribute that is not transitive */
	if (item->code == BGP_ATTR_AIGP && !d->context->aigp)
		return;
	/* RFC 7606 7.5, 7.9, 7.10; RFC 8669 4: whatever is in it */
	if (row->internal_only && !d->context->ibgp) {
		fault(d, BGP_ATTRIBUTE_DISCARD, 0, item, "from an external peer");
		return;
	}
	if ((item->flags & (ATTR_OPTIONAL | ATTR_TRANSITIVE)) != row->flags) {
		malformed_as(d, row->wrong_flags, item, BGP_UPDATE_FLAGS_ERROR,
			     "the Optional or the Transitive bit is wrong");
		return;
	}
	if (!attrs_length_fits(row, item->length)) {
		malformed(d, item, BGP_UPDATE_LENGTH_ERROR, "the length is wrong");
		return;
	}
	/* what is only carried is looked into at the end, when the family is known */
	if (row->check_carried == NULL)
		handlers[item->code](d, item);
	else
		carry(d, item, unknown);
}

static void decode_unknown(struct attrs_decoder *d, const struct attrs_item *item,
			   struct attrs_unknown *unknown)
{
	if ((item->flags & ATTR_OPTIONAL) == 0)
		fault(d, BGP_SESSION_RESET, BGP_UPDATE_UNRECOGNIZED_WELL_KNOWN, item,
		      "an unknown well-known attribute");
	else if ((item->flags & ATTR_TRANSITIVE) != 0)
		carry(d, item, unknown);
}

static void decode_item(struct attrs_decoder *d, struct attrs_item *item,
			struct attrs_unknown *unknown)
{
	uint64_t bit = UINT64_C(1) << (item->code % 64);

	if ((d->seen[item->code / 64] & bit) != 0) {
		if (item->code == BGP_ATTR_MP_REACH_NLRI) /* RFC 7606 3 g */
			fault(d, BGP_SESSION_RESET, BGP_UPDATE_MALFORMED_LIST, item,
			      "it is there twice");
		else
			fault(d, BGP_ATTRIBUTE_DISCARD, 0, item, "it is there twice");
		return;
	}
	d->seen[item->code / 64] |= bit;
	if (d->in_set && (item->code == BGP_ATTR_ATTR_SET || item->code == BGP_ATTR_MP_REACH_NLRI ||
			  item->code == BGP_ATTR_MP_UNREACH_NLRI))
		fault(d, BGP_TREAT_AS_WITHDRAW, 0, item, "it may not be in an ATTR_SET");
	else if (bgp_attr_name(item->code) == NULL)
		decode_unknown(d, item, unknown);
	else if (item->code != BGP_ATTR_MP_UNREACH_NLRI) /* the cut has taken it out */
		decode_known(d, item, unknown);
}

static void decode_all(struct attrs_decoder *d, struct reader *r, struct attrs_unknown *unknown)
{
	while (reader_left(r) != 0) {
		struct attrs_item item = { .start = r->next, .offset = reader_offset(r) };

		item.flags = reader_u8(r);
		item.code = reader_u8(r);
		item.length =
			(item.flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(r) : reader_u8(r);
		item.value = reader_sub(r, item.length);
		if (r->failed) { /* RFC 7606 4 */
			fault(d, BGP_TREAT_AS_WITHDRAW, BGP_UPDATE_MALFORMED_LIST, NULL,
			      "an attribute is longer than the path attributes");
			return;
		}
		item.whole_length = (size_t)(r->next - item.start);
		decode_item(d, &item, unknown);
	}
}

/* Beside MP_REACH_NLRI it is ignored (RFC 4760 3), in an ATTR_SET too (RFC 6368 5): there it may
 * be any address. */
static void finish_next_hop(struct attrs_decoder *d)
{
	if (d->has_mp_reach || !bgp_attrs_has(&d->attrs, BGP_ATTR_NEXT_HOP))
		return;
	d->attrs.next_hop = d->next_hop;
	if (!d->in_set && !attrs_next_hop_valid(&d->next_hop))
		malformed(d, &d->next_hop_item, BGP_UPDATE_INVALID_NEXT_HOP,
			  "not an address of a host");
}

/* RFC 6793 4.2.3 */
static void finish_as_path(struct attrs_decoder *d)
{
	struct bgp_attrs *a = &d->attrs;
	bool use_as4 = !d->has_as4_aggregator || !bgp_attrs_has(a, BGP_ATTR_AGGREGATOR) ||
		       a->aggregator_as == BGP_AS_TRANS;
	struct as_path_facts facts = { 0 };
	const char *wrong;

	if (!d->context->as4 && use_as4 && d->has_as4_aggregator &&
	    bgp_attrs_has(a, BGP_ATTR_AGGREGATOR)) {
		a->aggregator_as = d->as4_aggregator_as;
		a->aggregator_address = d->as4_aggregator_address;
	}
	if (!bgp_attrs_has(a, BGP_ATTR_AS_PATH))
		return;
	a->as_path = d->raw_path;
	a->as_path_bytes = (uint16_t)d->raw_path_length;
	if (!d->context->as4 &&
	    as_path_widen(d->raw_path, d->raw_path_length, use_as4 ? d->as4_path : NULL,
			  d->as4_path_length, d->arena, &a->as_path, &a->as_path_bytes) < 0) {
		fault(d, BGP_TREAT_AS_WITHDRAW, BGP_UPDATE_MALFORMED_AS_PATH, NULL,
		      "AS_PATH is too long");
		return;
	}
	wrong = as_path_check(a->as_path, a->as_path_bytes, 4, &facts);
	assert(wrong == NULL);
	a->as_path_length = (uint16_t)facts.length;
	a->neighbor_as = facts.neighbor;
	a->origin_as = facts.origin;
}

/* Writes one carried attribute, its length in as many octets as it came, with the Partial bit when
 * we do not know it (RFC 4271 5). False: it is not to be passed on. */
static bool put_carried(struct attrs_decoder *d, const struct attrs_item *item, struct writer *w)
{
	const struct attrs_row *row =
		bgp_attr_name(item->code) == NULL ? NULL : &attrs_table[item->code];
	bool wide = (item->flags & ATTR_EXTENDED_LENGTH) != 0;
	struct attrs_carried carried = {
		.family = d->has_mp_reach ? d->attrs.mp_family : BGP_IPV4_UNICAST,
		.arena = d->arena,
		.value = reader_of(item->start + item->whole_length - item->length, item->length),
		.keep = w,
	};
	size_t start = writer_length(w), length;
	const char *wrong;

	writer_u8(w, attrs_flags_to_send(item->flags | (row == NULL ? ATTR_PARTIAL : 0)));
	writer_bytes(w, item->start + 1, wide ? 3 : 2);
	wrong = row == NULL ? attrs_carried_any(&carried) : row->check_carried(&carried);
	if (wrong != NULL) {
		malformed(d, item, BGP_UPDATE_OPTIONAL_ERROR, wrong);
		return false;
	}
	if (carried.left_out == NULL)
		return true;
	fault(d, BGP_ATTRIBUTE_DISCARD, 0, item, carried.left_out);
	length = writer_length(w) - start - (wide ? 4 : 3);
	if (wide)
		writer_patch_u16(w, start + 2, (uint16_t)length);
	else
		w->start[start + 2] = (uint8_t)length;
	return true;
}

/* Checks the carried attributes and copies them together. */
static void finish_carried(struct attrs_decoder *d, const struct attrs_unknown *unknown)
{
	struct writer w;

	if (d->unknown_count == 0)
		return;
	w = writer_of(arena_alloc(d->arena, d->unknown_bytes), d->unknown_bytes);
	for (unsigned i = 0; i < d->unknown_count; i++) {
		struct writer before = w;

		if (!put_carried(d, &unknown->items[i], &w))
			w = before;
	}
	assert(!w.failed);
	d->attrs.unknown = w.start;
	d->attrs.unknown_bytes = (uint16_t)writer_length(&w);
}

/* RFC 7606 3 d; NEXT_HOP is not mandatory beside MP_REACH_NLRI (RFC 4760 3). */
static void finish_mandatory(struct attrs_decoder *d)
{
	static const struct {
		enum bgp_attr_code code;
		const char *text;
	} mandatory[] = {
		{ BGP_ATTR_ORIGIN, "ORIGIN is missing" },
		{ BGP_ATTR_AS_PATH, "AS_PATH is missing" },
		{ BGP_ATTR_NEXT_HOP, "NEXT_HOP is missing" },
	};

	if (!d->has_nlri)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(mandatory); i++) {
		if (bgp_attrs_has(&d->attrs, mandatory[i].code) ||
		    (mandatory[i].code == BGP_ATTR_NEXT_HOP && d->has_mp_reach))
			continue;
		fault(d, BGP_TREAT_AS_WITHDRAW, BGP_UPDATE_MISSING_WELL_KNOWN, NULL,
		      mandatory[i].text);
	}
}

/* `d` has what the attributes are decoded for. Returns the verdict. */
static enum bgp_verdict decode_block(struct attrs_decoder *d, const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length);
	struct attrs_unknown unknown;

	d->attrs.mp_family = BGP_FAMILY_NONE;
	d->attrs.local_pref = BGP_LOCAL_PREF_DEFAULT;
	decode_all(d, &r, &unknown);
	finish_next_hop(d);
	finish_as_path(d);
	finish_mandatory(d);
	finish_carried(d, &unknown);
	return d->verdict;
}

/* RFC 6368 5, 7606 7.16: an AS number, and the attributes of a customer's route, with 4-octet
 * numbers. One that is there twice is left out; a malformed one withdraws the routes. */
const char *attrs_carried_set(struct attrs_carried *c)
{
	static const struct bgp_context inside = { .as4 = true, .ibgp = true, .aigp = true };
	struct reader r = c->value;
	uint32_t origin_as = reader_u32(&r);
	struct bgp_notification unused;
	struct attrs_decoder d = {
		.context = &inside,
		.arena = c->arena,
		.in_set = true,
		.error = &unused,
	};
	enum bgp_verdict verdict = decode_block(&d, r.next, reader_left(&r));

	if (verdict > BGP_ATTRIBUTE_DISCARD)
		return "an attribute in it is malformed";
	if (verdict == BGP_OK)
		return attrs_carried_any(c);
	c->left_out = "an attribute in it is left out";
	writer_u32(c->keep, origin_as);
	bgp_attrs_encode(c->keep, &d.attrs, BGP_IPV4_UNICAST, true);
	assert(!c->keep->failed); /* nothing gets longer */
	return NULL;
}

enum bgp_verdict bgp_attrs_decode(const uint8_t *bytes, size_t length,
				  const struct bgp_context *context, bool has_nlri,
				  struct arena *arena, struct bgp_attrs *ret_attrs,
				  struct bgp_notification *ret_error, struct error *why)
{
	struct attrs_decoder d = {
		.context = context,
		.arena = arena,
		.has_nlri = has_nlri,
		.error = ret_error,
		.why = why,
	};

	assert(length <= UINT16_MAX);
	if (decode_block(&d, bytes, length) <= BGP_ATTRIBUTE_DISCARD)
		*ret_attrs = d.attrs;
	return d.verdict;
}

#define CLASS_AS4 1u
#define CLASS_IBGP 2u
#define CLASS_REFUSE_AS_SETS 4u
#define CLASS_AIGP 8u
#define CLASS_NEXT_HOP_SHIFT 4u /* a bit for each family whose next hops RFC 8950 changes */

static const enum bgp_family next_hop_families[4] = { BGP_IPV4_UNICAST, BGP_IPV4_MULTICAST,
						      BGP_IPV4_LABELED, BGP_IPV4_VPN };

uint8_t bgp_context_class(const struct bgp_context *context)
{
	unsigned class = (context->as4 ? CLASS_AS4 : 0) | (context->ibgp ? CLASS_IBGP : 0) |
			 (context->refuse_as_sets ? CLASS_REFUSE_AS_SETS : 0) |
			 (context->aigp ? CLASS_AIGP : 0);

	for (unsigned i = 0; i < ARRAY_SIZE(next_hop_families); i++)
		if (context->extended_next_hop[next_hop_families[i]])
			class |= 1u << (CLASS_NEXT_HOP_SHIFT + i);
	return (uint8_t) class;
}

void bgp_context_of_class(uint8_t class, struct bgp_context *ret_context)
{
	struct bgp_context context = {
		.as4 = (class & CLASS_AS4) != 0,
		.ibgp = (class & CLASS_IBGP) != 0,
		.refuse_as_sets = (class & CLASS_REFUSE_AS_SETS) != 0,
		.aigp = (class & CLASS_AIGP) != 0,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(next_hop_families); i++)
		context.extended_next_hop[next_hop_families[i]] =
			(class >> (CLASS_NEXT_HOP_SHIFT + i) & 1) != 0;
	*ret_context = context;
}
