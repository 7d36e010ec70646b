/*
 * print_parts: what the files of the printer share.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/print_parts.h"

const char *print_family_text(uint16_t afi, uint8_t safi, char text[static PRINT_FAMILY_TEXT_MAX])
{
	enum bgp_family family = bgp_family_of(afi, safi);

	if (family == BGP_FAMILY_NONE)
		snprintf(text, PRINT_FAMILY_TEXT_MAX, "afi-%u-safi-%u", afi, safi);
	else
		snprintf(text, PRINT_FAMILY_TEXT_MAX, "%s", bgp_family_info(family)->name);
	return text;
}

void print_family(struct outline *o, const char *key, struct reader *r, bool reserved)
{
	char text[PRINT_FAMILY_TEXT_MAX];
	uint16_t afi = reader_u16(r);

	if (reserved)
		(void)reader_u8(r);
	outline_bare(o, key, print_family_text(afi, reader_u8(r), text));
}
