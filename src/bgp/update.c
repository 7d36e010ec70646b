/*
 * update: cutting an UPDATE into withdrawn routes, attributes and NLRI.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.3 and 6.3, 4724 2 (End-of-RIB), 4760 3 and 7, 7606 3 to 5. One walk over the attribute
 * headers finds the MP attributes and nothing else; in the common case (no MP attribute) the key is
 * the attribute field as it stands.
 */
#include "bgp/update.h"

#include "bgp/attrs_table.h"

#define MP_REACH_KEY_BYTES_MAX 56u /* header 3, AFI, SAFI, length, next hop of 48, reserved */

/* Attribute bytes that stay: what lies between, before and after the MP attributes. */
struct cut_piece {
	const uint8_t *start;
	const uint8_t *end;
};

struct cut_state {
	const struct bgp_context *context;
	struct bgp_update *update;
	enum bgp_verdict verdict;
	struct bgp_notification *error;
	struct error *why;
	struct cut_piece pieces[3];
	size_t piece_count;
	struct cut_piece next_hop; /* the NEXT_HOP attribute */
	struct cut_piece mp_reach; /* as it goes into the key, in mp_reach_bytes */
	uint8_t mp_reach_bytes[MP_REACH_KEY_BYTES_MAX];
	size_t mp_reach_piece; /* it goes before this piece */
	bool has_mp_reach;
	bool has_mp_unreach;
	bool malformed; /* treat-as-withdraw, whatever the verdict is */
	uint8_t code;	/* of the attribute in hand */
	size_t offset;	/* and where it begins in the path attributes */
};

/* What the attribute in hand leads to. */
static enum bgp_verdict reset(struct cut_state *c, uint8_t subcode, struct cut_piece data,
			      const char *text)
{
	bgp_notification_set(c->error, BGP_ERROR_UPDATE, subcode, data.start,
			     (size_t)(data.end - data.start));
	attrs_error(c->why, c->code, c->offset, text);
	return BGP_SESSION_RESET;
}

static void worse(struct cut_state *c, enum bgp_verdict verdict, const char *text)
{
	c->malformed |= verdict == BGP_TREAT_AS_WITHDRAW;
	if (verdict <= c->verdict)
		return;
	c->verdict = verdict;
	error_set(c->why, "%s", text);
}

static void attribute_worse(struct cut_state *c, enum bgp_verdict verdict, const char *text)
{
	bool is_new = verdict > c->verdict;

	worse(c, verdict, text);
	if (is_new)
		attrs_error(c->why, c->code, c->offset, text);
}

/* The rest of an MP attribute, with offsets that begin at its NLRI. */
static struct reader nlri_of(struct reader value)
{
	return reader_of(value.next, reader_left(&value));
}

/* Is NLRI of this family to be used? */
static bool family_wanted(const struct cut_state *c, enum bgp_family family)
{
	return family != BGP_FAMILY_NONE && !c->context->not_negotiated[family];
}

/* RFC 7606 5.3 and 7.11: where the NLRI is cannot be known; nothing of it is used. A family that is
 * not in use anyway does no harm. */
static enum bgp_verdict disable(struct cut_state *c, enum bgp_family family, struct cut_piece whole,
				const char *wrong)
{
	struct error text;

	if (family == BGP_FAMILY_NONE || c->context->not_negotiated[family]) {
		attribute_worse(c, BGP_ATTRIBUTE_DISCARD, "the family was not negotiated");
		return BGP_OK;
	}
	bgp_notification_set(c->error, BGP_ERROR_UPDATE, BGP_UPDATE_OPTIONAL_ERROR, whole.start,
			     (size_t)(whole.end - whole.start));
	c->update->disabled = family;
	error_set(&text, "%s: %s", bgp_family_info(family)->name, wrong);
	if (c->verdict < BGP_DISABLE_FAMILY)
		attrs_error(c->why, c->code, c->offset, text.text);
	c->verdict = BGP_DISABLE_FAMILY;
	return BGP_OK;
}

/* Does the header have the flags of RFC 4760 3 and 4? */
static bool mp_flags_right(uint8_t flags)
{
	return (flags & (ATTR_OPTIONAL | ATTR_TRANSITIVE)) == ATTR_OPTIONAL;
}

static enum bgp_verdict cut_mp_reach(struct cut_state *c, uint8_t flags, struct cut_piece whole,
				     struct reader value)
{
	struct writer w = writer_of(c->mp_reach_bytes, sizeof(c->mp_reach_bytes));
	bool has_family = reader_left(&value) >= 3;
	struct bgp_mp_reach reach;
	const char *wrong;

	if (c->has_mp_reach)
		return reset(c, BGP_UPDATE_MALFORMED_LIST, (struct cut_piece){ 0 },
			     "it is there twice");
	c->has_mp_reach = true;
	wrong = bgp_mp_reach_decode(&value, c->context, &reach);
	if (!has_family)
		return reset(c, BGP_UPDATE_OPTIONAL_ERROR, whole, "it ends before its NLRI");
	if (wrong == NULL && !mp_flags_right(flags))
		wrong = "its flags are wrong";
	if (wrong != NULL)
		return disable(c, reach.family, whole, wrong);
	if (!family_wanted(c, reach.family)) {
		attribute_worse(c, BGP_ATTRIBUTE_DISCARD, "the family was not negotiated");
		return BGP_OK;
	}
	bgp_mp_reach_encode(&w, reach.family, &reach.next_hop, &reach.link_local);
	assert(!w.failed);
	c->mp_reach = (struct cut_piece){ w.start, w.next };
	c->mp_reach_piece = c->piece_count;
	if (reader_left(&value) != 0)
		c->update->announced[0] =
			(struct bgp_nlri_run){ reach.family, false, nlri_of(value), true,
					       c->context->labels_max[reach.family] };
	return BGP_OK;
}

static enum bgp_verdict cut_mp_unreach(struct cut_state *c, uint8_t flags, struct cut_piece whole,
				       struct reader value)
{
	uint16_t afi = reader_u16(&value);
	enum bgp_family family = bgp_family_of(afi, reader_u8(&value));

	if (c->has_mp_unreach)
		return reset(c, BGP_UPDATE_MALFORMED_LIST, (struct cut_piece){ 0 },
			     "it is there twice");
	c->has_mp_unreach = true;
	if (value.failed)
		return reset(c, BGP_UPDATE_OPTIONAL_ERROR, whole, "it ends before its NLRI");
	if (!mp_flags_right(flags))
		return disable(c, family, whole, "its flags are wrong");
	if (!family_wanted(c, family)) {
		attribute_worse(c, BGP_ATTRIBUTE_DISCARD, "the family was not negotiated");
		return BGP_OK;
	}
	c->update->withdrawn[1] = (struct bgp_nlri_run){ family, true, nlri_of(value), true, 0 };
	return BGP_OK;
}

/* Adds an attribute to what stays. */
static void keep(struct cut_state *c, struct cut_piece whole)
{
	struct cut_piece *last = c->piece_count == 0 ? NULL : &c->pieces[c->piece_count - 1];

	if (last != NULL && last->end == whole.start)
		last->end = whole.end;
	else
		c->pieces[c->piece_count++] = whole;
}

static enum bgp_verdict cut_attributes(struct cut_state *c, struct reader attrs)
{
	enum bgp_verdict verdict;

	while (reader_left(&attrs) != 0) {
		struct cut_piece whole = { .start = attrs.next };
		uint8_t flags = reader_u8(&attrs), code = reader_u8(&attrs);
		size_t length = (flags & ATTR_EXTENDED_LENGTH) != 0 ? reader_u16(&attrs)
								    : reader_u8(&attrs);
		struct reader value = reader_sub(&attrs, length);

		c->code = code;
		c->offset = (size_t)(whole.start - attrs.start);
		if (attrs.failed) {
			attribute_worse(c, BGP_TREAT_AS_WITHDRAW,
					"it is longer than the path attributes");
			return BGP_OK;
		}
		whole.end = attrs.next;
		if (LIKELY(code != BGP_ATTR_MP_REACH_NLRI && code != BGP_ATTR_MP_UNREACH_NLRI)) {
			if (code == BGP_ATTR_NEXT_HOP && c->next_hop.start == NULL)
				c->next_hop = whole;
			keep(c, whole);
			continue;
		}
		verdict = code == BGP_ATTR_MP_REACH_NLRI ? cut_mp_reach(c, flags, whole, value)
							 : cut_mp_unreach(c, flags, whole, value);
		if (verdict == BGP_SESSION_RESET)
			return verdict;
	}
	return BGP_OK;
}

/* Puts the pieces together in `w`, with MP_REACH_NLRI in its place or without it. */
static void assemble(const struct cut_state *c, struct writer *w, bool with_mp_reach)
{
	size_t mp_length = with_mp_reach ? (size_t)(c->mp_reach.end - c->mp_reach.start) : 0;

	for (size_t i = 0; i <= c->piece_count; i++) {
		if (i == c->mp_reach_piece)
			writer_bytes(w, c->mp_reach.start, mp_length);
		if (i < c->piece_count)
			writer_bytes(w, c->pieces[i].start,
				     (size_t)(c->pieces[i].end - c->pieces[i].start));
	}
	assert(!w->failed);
}

static void make_keys(struct cut_state *c)
{
	struct bgp_update *u = c->update;
	bool mp = c->mp_reach.start != NULL;
	bool both = mp && u->announced[1].family != BGP_FAMILY_NONE;
	struct writer w = writer_of(u->scratch, sizeof(u->scratch));

	if (LIKELY(!mp && c->piece_count == 1)) {
		u->key = c->pieces[0].start;
		u->key_length = (size_t)(c->pieces[0].end - c->pieces[0].start);
	} else {
		assemble(c, &w, mp && !both);
		u->key = u->scratch;
		u->key_length = writer_length(&w);
	}
	u->mp_key = u->key;
	u->mp_key_length = u->key_length;
	if (both) {
		assemble(c, &w, true);
		u->mp_key = u->scratch + u->key_length;
		u->mp_key_length = writer_length(&w) - u->key_length;
	}
}

/* RFC 4724 2: nothing at all, or an MP_UNREACH_NLRI without NLRI and nothing else. */
static void find_end_of_rib(const struct cut_state *c, size_t body_length)
{
	struct bgp_update *u = c->update;
	const struct bgp_nlri_run *unreach = &u->withdrawn[1];

	if (body_length == 4)
		u->end_of_rib =
			family_wanted(c, BGP_IPV4_UNICAST) ? BGP_IPV4_UNICAST : BGP_FAMILY_NONE;
	else if (unreach->family != BGP_FAMILY_NONE && reader_left(&unreach->reader) == 0 &&
		 u->withdrawn[0].family == BGP_FAMILY_NONE && c->piece_count == 0 &&
		 !c->has_mp_reach && u->announced[1].family == BGP_FAMILY_NONE)
		u->end_of_rib = unreach->family;
	if (unreach->family != BGP_FAMILY_NONE && reader_left(&unreach->reader) == 0)
		u->withdrawn[1].family = BGP_FAMILY_NONE;
}

/* A classic field as a run; left out when empty, or when ipv4-unicast was not negotiated. */
static void cut_field(struct cut_state *c, struct reader field, struct bgp_nlri_run *run)
{
	if (reader_left(&field) == 0)
		return;
	if (!family_wanted(c, BGP_IPV4_UNICAST)) {
		worse(c, BGP_ATTRIBUTE_DISCARD, "ipv4-unicast was not negotiated");
		return;
	}
	*run = (struct bgp_nlri_run){ BGP_IPV4_UNICAST, run == c->update->withdrawn, field, false,
				      0 };
}

/* The common case: whole attributes, none of them MP. */
static bool attributes_are_plain(struct reader attrs, bool *ret_has_next_hop)
{
	bool has_next_hop = false;

	while (reader_left(&attrs) >= 3) {
		unsigned head = reader_u16(&attrs), code = head & 0xff;
		size_t length = (head & ATTR_EXTENDED_LENGTH << 8) == 0 ? reader_u8(&attrs)
									: reader_u16(&attrs);

		if (reader_bytes(&attrs, length) == NULL || code == BGP_ATTR_MP_REACH_NLRI ||
		    code == BGP_ATTR_MP_UNREACH_NLRI)
			return false;
		has_next_hop |= code == BGP_ATTR_NEXT_HOP;
	}
	*ret_has_next_hop = has_next_hop;
	return reader_left(&attrs) == 0;
}

/* An UPDATE of ipv4-unicast alone with nothing wrong in its attributes' headers. False: look
 * closer. */
static bool cut_plain(struct reader withdrawn, struct reader attrs, struct reader nlri,
		      const struct bgp_context *context, struct bgp_update *u)
{
	bool has_next_hop;

	if (context->not_negotiated[BGP_IPV4_UNICAST] || reader_left(&attrs) == 0 ||
	    !attributes_are_plain(attrs, &has_next_hop) ||
	    (!has_next_hop && reader_left(&nlri) != 0))
		return false;
	u->key = u->mp_key = attrs.start;
	u->key_length = u->mp_key_length = reader_left(&attrs);
	u->announces = reader_left(&nlri) != 0;
	u->bare = !u->announces;
	u->announced[1].family = u->announces ? BGP_IPV4_UNICAST : BGP_FAMILY_NONE;
	u->announced[1].mp = u->withdrawn[0].mp = u->announced[1].withdrawn = false;
	u->announced[1].reader = nlri;
	u->withdrawn[0].family = reader_left(&withdrawn) != 0 ? BGP_IPV4_UNICAST : BGP_FAMILY_NONE;
	u->withdrawn[0].withdrawn = true;
	u->withdrawn[0].reader = withdrawn;
	return true;
}

static void clear_update(struct bgp_update *u)
{
	u->key = u->mp_key = NULL;
	u->key_length = u->mp_key_length = 0;
	u->announces = u->bare = u->malformed = false;
	u->withdrawn[0].family = u->withdrawn[1].family = BGP_FAMILY_NONE;
	u->announced[0].family = u->announced[1].family = BGP_FAMILY_NONE;
	u->end_of_rib = BGP_FAMILY_NONE;
	u->disabled = BGP_FAMILY_NONE;
}

/* One MP attribute was malformed: nothing is used of the other one either. */
static void drop_disabled(struct bgp_update *u)
{
	if (u->withdrawn[1].family == u->disabled)
		u->withdrawn[1].family = BGP_FAMILY_NONE;
	if (u->announced[0].family == u->disabled)
		u->announced[0].family = BGP_FAMILY_NONE;
	u->announces = u->announced[0].family != BGP_FAMILY_NONE ||
		       u->announced[1].family != BGP_FAMILY_NONE;
}

/* An UPDATE with MP attributes, without attributes, or with something wrong. */
static enum bgp_verdict cut_closely(struct cut_state *c, struct reader withdrawn,
				    struct reader attrs, struct reader nlri, size_t body_length)
{
	struct bgp_update *u = c->update;

	cut_field(c, withdrawn, &u->withdrawn[0]);
	if (cut_attributes(c, attrs) == BGP_SESSION_RESET)
		return BGP_SESSION_RESET;
	cut_field(c, nlri, &u->announced[1]);
	u->announces = u->announced[0].family != BGP_FAMILY_NONE ||
		       u->announced[1].family != BGP_FAMILY_NONE;
	if (u->announced[1].family != BGP_FAMILY_NONE && c->next_hop.start == NULL)
		worse(c, BGP_TREAT_AS_WITHDRAW, "NEXT_HOP is missing");
	/* RFC 7606 5.2; NLRI of a family that we do not use is NLRI nevertheless */
	if (c->malformed && reader_left(&nlri) == 0 && !c->has_mp_reach) {
		bgp_notification_set(c->error, BGP_ERROR_UPDATE, BGP_UPDATE_MALFORMED_LIST, NULL,
				     0);
		return BGP_SESSION_RESET;
	}
	if (c->verdict == BGP_DISABLE_FAMILY)
		drop_disabled(u);
	u->malformed = c->malformed;
	find_end_of_rib(c, body_length);
	make_keys(c);
	u->bare = u->key_length != 0 && reader_left(&nlri) == 0 && !c->has_mp_reach;
	return c->verdict;
}

bool bgp_update_fields(const uint8_t *body, size_t length, struct bgp_update_fields *ret_fields)
{
	struct reader r = reader_of(body, length);

	ret_fields->withdrawn = reader_sub(&r, reader_u16(&r));
	ret_fields->attrs = reader_sub(&r, reader_u16(&r));
	ret_fields->nlri = reader_sub(&r, reader_left(&r));
	return !r.failed;
}

enum bgp_verdict bgp_update_cut(const uint8_t *body, size_t length,
				const struct bgp_context *context, struct bgp_update *ret_update,
				struct bgp_notification *ret_error, struct error *why)
{
	struct bgp_update_fields f;

	clear_update(ret_update);
	if (!bgp_update_fields(body, length, &f)) {
		error_set(why, "the lengths of withdrawn routes and path attributes exceed the "
			       "message");
		bgp_notification_set(ret_error, BGP_ERROR_UPDATE, BGP_UPDATE_MALFORMED_LIST, NULL,
				     0);
		return BGP_SESSION_RESET;
	}
	if (LIKELY(cut_plain(f.withdrawn, f.attrs, f.nlri, context, ret_update)))
		return BGP_OK;
	return cut_closely(
		&(struct cut_state){
			.context = context, .update = ret_update, .error = ret_error, .why = why },
		f.withdrawn, f.attrs, f.nlri, length);
}
