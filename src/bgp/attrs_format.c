/*
 * attrs_format: path attributes as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"
#include "bgp/as_path.h"
#include "bgp/attrs.h"

static const struct {
	uint32_t value;
	const char *name;
} well_known[] = {
	{ 0xffff0000u, "graceful-shutdown" }, /* RFC 8326 */
	{ 0xffff0001u, "accept-own" },	      /* RFC 7611 */
	{ 0xffff0006u, "llgr-stale" },	      /* RFC 9494 */
	{ 0xffff0007u, "no-llgr" },
	{ 0xffff029au, "blackhole" }, /* RFC 7999 */
	{ BGP_COMMUNITY_NO_EXPORT, "no-export" },
	{ BGP_COMMUNITY_NO_ADVERTISE, "no-advertise" },
	{ BGP_COMMUNITY_NO_EXPORT_SUBCONFED, "no-export-subconfed" },
	{ 0xffffff04u, "no-peer" }, /* RFC 3765 */
};

static const char *const brackets[][2] = {
	[AS_SET] = { "{", "}" },
	[AS_SEQUENCE] = { "", "" },
	[AS_CONFED_SEQUENCE] = { "(", ")" },
	[AS_CONFED_SET] = { "[", "]" },
};

void bgp_as_path_format(const struct bgp_attrs *attrs, struct buf *to)
{
	struct reader r = reader_of(attrs->as_path, attrs->as_path_bytes);
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);
		struct reader numbers = reader_sub(&r, (size_t)count * 4);

		if (type < AS_SET || type > AS_CONFED_SET)
			return;
		buf_printf(to, "%s%s", gap, brackets[type][0]);
		for (unsigned i = 0; i < count; i++)
			buf_printf(to, "%s%" PRIu32, i == 0 ? "" : " ", reader_u32(&numbers));
		buf_add_text(to, brackets[type][1]);
		gap = " ";
	}
}

static const char *community_name(uint32_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(well_known); i++)
		if (well_known[i].value == value)
			return well_known[i].name;
	return NULL;
}

void bgp_communities_format(const struct bgp_attrs *attrs, struct buf *to)
{
	struct reader r = reader_of(attrs->communities, attrs->communities_bytes);
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint32_t value = reader_u32(&r);
		const char *name = community_name(value);

		if (name != NULL)
			buf_printf(to, "%s%s", gap, name);
		else
			buf_printf(to, "%s%" PRIu32 ":%" PRIu32, gap, value >> 16, value & 0xffff);
		gap = " ";
	}
}

void bgp_large_communities_format(const struct bgp_attrs *attrs, struct buf *to)
{
	struct reader r = reader_of(attrs->large_communities, attrs->large_communities_bytes);
	const char *gap = "";

	while (reader_left(&r) != 0) {
		uint32_t global = reader_u32(&r), first = reader_u32(&r), second = reader_u32(&r);

		buf_printf(to, "%s%" PRIu32 ":%" PRIu32 ":%" PRIu32, gap, global, first, second);
		gap = " ";
	}
}

const char *bgp_origin_name(uint8_t origin)
{
	static const char *const names[] = { "igp", "egp", "incomplete" };

	return origin < ARRAY_SIZE(names) ? names[origin] : "?";
}
