/*
 * print_nlri: NLRI as text, or taken apart.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/rd.h"
#include "bgp/print_parts.h"

/* Is there a route distinguisher at a fixed place of the key, and where? */
static bool has_rd(enum bgp_family family, const struct bgp_nlri *nlri, size_t *ret_at)
{
	const struct bgp_family_info *info = bgp_family_info(family);
	uint8_t type = nlri->key[0];

	*ret_at = 1;
	switch ((enum bgp_nlri_kind)info->kind) {
	case BGP_NLRI_VPN:
		return true;
	case BGP_NLRI_EVPN: /* 11 is a leaf, which begins with another route (RFC 9572) */
		return type >= 1 && type <= 10;
	case BGP_NLRI_TYPE_LENGTH: /* so does 4 (RFC 6514 4.4) */
		return type >= 1 && type <= 7 && type != 4;
	case BGP_NLRI_VPN_FLOWSPEC:
		*ret_at = 0;
		return true;
	case BGP_NLRI_TYPE_LENGTH_WIDE:
		*ret_at = 4;
		return (info->next_hop & BGP_NEXT_HOP_RD) != 0;
	case BGP_NLRI_LENGTH_WIDE: /* a label block, an endpoint */
		*ret_at = 2;
		return type == 0 && (nlri->key[1] == 17 || nlri->key[1] == 12);
	default:
		return false;
	}
}

static void print_rd_of(struct outline *o, enum bgp_family family, const struct bgp_nlri *nlri)
{
	char text[RD_TEXT_MAX];
	size_t at;

	if (has_rd(family, nlri, &at) && nlri->key_length >= at + RD_BYTES) {
		struct rd rd = rd_of(nlri->key + at);

		outline_text(o, "rd", rd_format(&rd, text));
	}
}

static void print_labels(struct outline *o, const struct bgp_nlri *nlri)
{
	struct reader r = reader_of(nlri->data, nlri->data_length);

	if (nlri->data_length < BGP_LABEL_BYTES)
		return;
	outline_array(o, "labels", OUTLINE_INLINE);
	while (reader_left(&r) >= BGP_LABEL_BYTES) {
		uint32_t high = reader_u16(&r);

		outline_uint(o, NULL, high << 4 | reader_u8(&r) >> 4);
	}
	outline_end(o);
}

void bgp_print_nlri_members(struct bgp_printer *p, enum bgp_family family,
			    const struct bgp_nlri *nlri)
{
	const struct bgp_family_info *info = bgp_family_info(family);
	struct ip_prefix prefix;
	char text[IP_PREFIX_TEXT_MAX];

	if (!p->out->is_json) { /* all in one text */
		buf_clear(&p->text);
		bgp_nlri_format(family, nlri, true, &p->text);
		outline_bare(p->out, "nlri", buf_text(&p->text));
		return;
	}
	if (bgp_nlri_to_prefix(family, nlri, &prefix)) {
		outline_text(p->out, "prefix", ip_prefix_format(&prefix, text));
	} else {
		buf_clear(&p->text);
		bgp_nlri_format(family, nlri, true, &p->text);
		outline_text(p->out, "nlri", buf_text(&p->text));
	}
	if (info->kind == BGP_NLRI_EVPN || info->kind == BGP_NLRI_TYPE_LENGTH)
		outline_uint(p->out, "route-type", nlri->key[0]);
	else if (info->kind == BGP_NLRI_TYPE_LENGTH_WIDE)
		outline_uint(p->out, "route-type", (uint64_t)nlri->key[0] << 8 | nlri->key[1]);
	print_rd_of(p->out, family, nlri);
	if (bgp_family_is_labeled(family))
		print_labels(p->out, nlri);
}

void bgp_print_nlri(struct bgp_printer *p, enum bgp_family family, const struct bgp_nlri *nlri,
		    bool addpath)
{
	struct outline *o = p->out;

	if (o->is_json) {
		outline_object(o, NULL, OUTLINE_INLINE);
		bgp_print_nlri_members(p, family, nlri);
		if (addpath)
			outline_uint(o, "path-id", nlri->path_id);
		outline_end(o);
		return;
	}
	buf_clear(&p->text);
	bgp_nlri_format(family, nlri, true, &p->text);
	if (addpath)
		buf_printf(&p->text, " path-id %" PRIu32, nlri->path_id);
	outline_text(o, NULL, buf_text(&p->text));
}
