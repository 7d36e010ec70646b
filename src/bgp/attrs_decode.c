/*
 * attrs_decode: decoding a block of path attributes, by the table.
 * SPDX-License-Identifier: Apache-2.0
 *
 * attrs_table.c says of each attribute its name, the Optional and Transitive bits that it must
 * have, which lengths it may have, whether an external peer may send it, and what a malformed one
 * leads to (RFC 7606 7); attrs_values.c reads the values. Here is the walk over the block, what
 * several attributes mean together, and the verdict. The walk goes on after an error, because the
 * strongest verdict counts (RFC 7606 3); an attribute that is longer than the block ends it (RFC
 * 7606 4).
 */
#include "bgp/as_path.h"
#include "bgp/attrs_carried.h"
#include "bgp/attrs_table.h"
#include "bgp/attrs_values.h"

#define UNKNOWN_MAX 256u /* there are no more codes */

struct attrs_decoder {
	struct attrs_values values;
	bool has_nlri;
	bool in_set; /* the attributes are those in an ATTR_SET */
	enum bgp_verdict verdict;
	struct bgp_notification *error;
	struct error *why;
	uint64_t seen[4];
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
	if (item == NULL)
		error_set(d->why, "%s", text);
	else
		attrs_error(d->why, item->code, item->offset, text);
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

/* RFC 4271 6.3: the subcode for a value that is wrong. */
static uint8_t value_subcode(uint8_t code)
{
	switch (code) {
	case BGP_ATTR_ORIGIN:
		return BGP_UPDATE_INVALID_ORIGIN;
	case BGP_ATTR_AS_PATH:
		return BGP_UPDATE_MALFORMED_AS_PATH;
	default:
		return BGP_UPDATE_OPTIONAL_ERROR;
	}
}

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

static void decode_value(struct attrs_decoder *d, const struct attrs_item *item)
{
	const char *text = NULL;
	enum bgp_verdict verdict = attrs_value_decode(&d->values, item, &text);

	if (verdict != BGP_OK)
		malformed_as(d, verdict, item, value_subcode(item->code), text);
}

static void decode_known(struct attrs_decoder *d, struct attrs_item *item,
			 struct attrs_unknown *unknown)
{
	const struct attrs_row *row = &attrs_table[item->code];

	/* RFC 7311 3.3: there it is an unknown attribute that is not transitive */
	if (item->code == BGP_ATTR_AIGP && !d->values.context->aigp)
		return;
	/* RFC 7606 7.5, 7.9, 7.10; RFC 8669 4: whatever is in it */
	if (row->internal_only && !d->values.context->ibgp) {
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
	if (row->carried) /* looked into at the end, when the family is known */
		carry(d, item, unknown);
	else
		decode_value(d, item);
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
			fault(d, BGP_TREAT_AS_WITHDRAW, BGP_UPDATE_MALFORMED_LIST, &item,
			      "it is longer than the path attributes");
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
	struct attrs_values *v = &d->values;

	if (v->has_mp_reach || !bgp_attrs_has(&v->attrs, BGP_ATTR_NEXT_HOP))
		return;
	v->attrs.next_hop = v->next_hop;
	if (!d->in_set && !attrs_next_hop_valid(&v->next_hop))
		malformed(d, &v->next_hop_item, BGP_UPDATE_INVALID_NEXT_HOP,
			  "not an address of a host");
}

/* RFC 6793 4.2.3: both AS4 attributes are ignored beside an AGGREGATOR that is not of AS_TRANS. */
static void finish_as_path(struct attrs_decoder *d)
{
	struct attrs_values *v = &d->values;
	struct bgp_attrs *a = &v->attrs;
	bool merges = v->has_as4_aggregator && bgp_attrs_has(a, BGP_ATTR_AGGREGATOR);
	bool use_as4 = !merges || a->aggregator_as == BGP_AS_TRANS;
	struct as_path_facts facts = { 0 };
	const char *wrong;

	if (merges && use_as4) {
		a->aggregator_as = v->as4_aggregator_as;
		a->aggregator_address = v->as4_aggregator_address;
	}
	if (!bgp_attrs_has(a, BGP_ATTR_AS_PATH))
		return;
	a->as_path = v->raw_path;
	a->as_path_bytes = (uint16_t)v->raw_path_length;
	if (!v->context->as4 &&
	    as_path_widen(v->raw_path, v->raw_path_length, use_as4 ? v->as4_path : NULL,
			  v->as4_path_length, v->arena, &a->as_path, &a->as_path_bytes) < 0) {
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

static enum bgp_verdict decode_block(struct attrs_decoder *d, const uint8_t *bytes, size_t length);

/* RFC 6368 5, 7606 7.16: an AS number, and the attributes of a customer's route, with 4-octet
 * numbers. One that is there twice is left out; a malformed one withdraws the routes. */
static const char *check_set(struct attrs_decoder *outer, struct attrs_carried *c)
{
	static const struct bgp_context inside = { .as4 = true, .ibgp = true, .aigp = true };
	struct reader r = c->value;
	uint32_t origin_as = reader_u32(&r);
	struct bgp_notification unused;
	struct attrs_decoder d = {
		.values = { .context = &inside, .arena = outer->values.arena },
		.in_set = true,
		.error = &unused,
	};
	enum bgp_verdict verdict = decode_block(&d, r.next, reader_left(&r));

	if (verdict > BGP_ATTRIBUTE_DISCARD)
		return "an attribute in it is malformed";
	if (verdict == BGP_OK)
		return attrs_carried_check(BGP_ATTR_ATTR_SET, c);
	c->left_out = "an attribute in it is left out";
	writer_u32(c->keep, origin_as);
	bgp_attrs_encode(c->keep, &d.values.attrs, BGP_IPV4_UNICAST, true);
	assert(!c->keep->failed); /* nothing gets longer */
	return NULL;
}

/* Writes one carried attribute, its length in as many octets as it came, with the Partial bit when
 * we do not know it (RFC 4271 5). False: it is not to be passed on. */
static bool put_carried(struct attrs_decoder *d, const struct attrs_item *item, struct writer *w)
{
	bool known = bgp_attr_name(item->code) != NULL;
	bool wide = (item->flags & ATTR_EXTENDED_LENGTH) != 0;
	struct attrs_carried carried = {
		.family = d->values.has_mp_reach ? d->values.attrs.mp_family : BGP_IPV4_UNICAST,
		.value = reader_of(item->start + item->whole_length - item->length, item->length),
		.keep = w,
	};
	size_t start = writer_length(w), length;
	const char *wrong;

	writer_u8(w, attrs_flags_to_send(item->flags | (known ? 0 : ATTR_PARTIAL)));
	writer_bytes(w, item->start + 1, wide ? 3 : 2);
	wrong = item->code == BGP_ATTR_ATTR_SET ? check_set(d, &carried)
						: attrs_carried_check(item->code, &carried);
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
	w = writer_of(arena_alloc(d->values.arena, d->unknown_bytes), d->unknown_bytes);
	for (unsigned i = 0; i < d->unknown_count; i++) {
		struct writer before = w;

		if (!put_carried(d, &unknown->items[i], &w))
			w = before;
	}
	assert(!w.failed);
	d->values.attrs.unknown = w.start;
	d->values.attrs.unknown_bytes = (uint16_t)writer_length(&w);
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
		if (bgp_attrs_has(&d->values.attrs, mandatory[i].code) ||
		    (mandatory[i].code == BGP_ATTR_NEXT_HOP && d->values.has_mp_reach))
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

	d->values.attrs.mp_family = BGP_FAMILY_NONE;
	d->values.attrs.local_pref = BGP_LOCAL_PREF_DEFAULT;
	decode_all(d, &r, &unknown);
	finish_next_hop(d);
	finish_as_path(d);
	finish_mandatory(d);
	finish_carried(d, &unknown);
	return d->verdict;
}

enum bgp_verdict bgp_attrs_decode(const uint8_t *bytes, size_t length,
				  const struct bgp_context *context, bool has_nlri,
				  struct arena *arena, struct bgp_attrs *ret_attrs,
				  struct bgp_notification *ret_error, struct error *why)
{
	struct attrs_decoder d = {
		.values = { .context = context, .arena = arena },
		.has_nlri = has_nlri,
		.error = ret_error,
		.why = why,
	};

	assert(length <= UINT16_MAX);
	if (decode_block(&d, bytes, length) <= BGP_ATTRIBUTE_DISCARD)
		*ret_attrs = d.values.attrs;
	return d.verdict;
}
