/*
 * show_query: which NLRI are asked for.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A route is named by the text of its NLRI. One that is an IP prefix, or one behind a route
 * distinguisher, is found by its key; for another the table has to be looked through.
 */
#include "speaker/show_parts.h"

#include "base/rd.h"
#include "bgp/print.h"

static int parse_family(const json_t *params, struct show_query *q, struct error *e)
{
	const char *name = show_text_param(params, "family");

	q->family = name == NULL ? BGP_FAMILY_NONE : bgp_family_by_name(name);
	if (name != NULL && q->family == BGP_FAMILY_NONE)
		return error_set(e, "family: \"%s\" is none that we know; one is like ipv4-unicast",
				 name);
	return 0;
}

/* An address, a prefix, one of both behind a route distinguisher ("65000:1:10.0.0.0/8"), or the
 * text of another family's NLRI, which is in brackets or at least not of these. */
static int parse_prefix(const char *text, struct show_query *q, struct error *e)
{
	struct error why;
	struct ip_addr host;
	char rd[RD_TEXT_MAX];

	q->text = text;
	if (strchr(text, '/') == NULL && ip_addr_parse(text, &host, NULL) == 0) {
		q->prefix = ip_prefix_host(&host);
		return 0;
	}
	if (ip_prefix_parse(text, &q->prefix, &why) == 0)
		return 0;
	for (const char *p = strchr(text, ':'); p != NULL; p = strchr(p + 1, ':')) {
		if ((size_t)(p - text) >= sizeof(rd))
			break;
		snprintf(rd, sizeof(rd), "%.*s", (int)(p - text), text);
		if (rd_parse(rd, &q->rd, NULL) == 0 &&
		    ip_prefix_parse(p + 1, &q->prefix, NULL) == 0) {
			q->has_rd = true;
			return 0;
		}
	}
	/* What looks like a prefix and is none; the text of another NLRI has brackets or blanks. */
	if (strpbrk(text, "[ ") == NULL &&
	    (strspn(text, "0123456789./") == strlen(text) || strstr(text, "::") != NULL))
		return error_set(e, "prefix: %s", why.text);
	return 0;
}

int show_query_parse(const struct speaker *s, const json_t *params, struct show_query *ret_query,
		     struct error *e)
{
	const char *prefix = show_text_param(params, "prefix");

	*ret_query = (struct show_query){ 0 };
	buf_init(&ret_query->buf, 0);
	if (show_check_instance(s, params, e) < 0 ||
	    show_neighbor_param(params, "neighbor", &ret_query->neighbor, e) < 0 ||
	    parse_family(params, ret_query, e) < 0)
		return -1;
	return prefix == NULL ? 0 : parse_prefix(prefix, ret_query, e);
}

void show_query_done(struct show_query *q)
{
	buf_done(&q->buf);
}

bool show_query_key(const struct show_query *q, enum bgp_family family, struct bgp_nlri *ret_nlri)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	if (q->prefix.addr.family == IP_NONE || info->ip_family != q->prefix.addr.family)
		return false;
	if ((info->kind == BGP_NLRI_PREFIX || info->kind == BGP_NLRI_LABELED) && !q->has_rd) {
		bgp_nlri_from_prefix(&q->prefix, ret_nlri);
		return true;
	}
	if (info->kind != BGP_NLRI_VPN || !q->has_rd)
		return false;
	bgp_nlri_from_prefix(&q->prefix, ret_nlri);
	memmove(ret_nlri->key + 1 + RD_BYTES, ret_nlri->key + 1, ret_nlri->key_length - 1u);
	memcpy(ret_nlri->key + 1, q->rd.bytes, RD_BYTES);
	ret_nlri->key_length = (uint16_t)(ret_nlri->key_length + RD_BYTES);
	return true;
}

bool show_query_may_match(const struct show_query *q, enum bgp_family family)
{
	const struct bgp_family_info *info = bgp_family_info(family);

	if (q->family != BGP_FAMILY_NONE && q->family != family)
		return false;
	if (q->text == NULL || q->prefix.addr.family == IP_NONE)
		return true;
	if (info->ip_family != q->prefix.addr.family)
		return false;
	return info->kind == BGP_NLRI_VPN ||
	       (!q->has_rd && (info->kind == BGP_NLRI_PREFIX || info->kind == BGP_NLRI_LABELED));
}

bool show_query_matches(struct show_query *q, enum bgp_family family, const struct prefix_table *t,
			uint32_t prefix)
{
	struct bgp_nlri nlri;
	struct ip_prefix ip;

	if (q->text == NULL)
		return true;
	prefix_table_nlri(t, prefix, &nlri);
	if (q->prefix.addr.family != IP_NONE)
		return bgp_nlri_to_prefix(family, &nlri, &ip) && ip_prefix_equal(&ip, &q->prefix);
	buf_clear(&q->buf);
	bgp_nlri_format(family, &nlri, false, &q->buf);
	return strcmp(buf_text(&q->buf), q->text) == 0;
}
