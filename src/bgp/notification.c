/*
 * notification: what a NOTIFICATION says, and the names of its codes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.5 and 6, 4486 (Cease), 5492, 6608 (FSM errors), 7313, 8538 (Hard Reset), 9003, 9234
 * (Role Mismatch), 9384 (BFD Down), 9687 (Send Hold Timer).
 */
#include "base/utf8.h"
#include "bgp/message.h"

struct notification_code {
	const char *name;
	const char *const *subcodes; /* by number; NULL for one without a name */
	size_t subcode_count;
};

static const char *const header_subcodes[] = {
	NULL,
	"Connection Not Synchronized",
	"Bad Message Length",
	"Bad Message Type",
};

static const char *const open_subcodes[] = {
	NULL,
	"Unsupported Version Number",
	"Bad Peer AS",
	"Bad BGP Identifier",
	"Unsupported Optional Parameter",
	NULL,
	"Unacceptable Hold Time",
	"Unsupported Capability",
	NULL,
	NULL,
	NULL,
	"Role Mismatch",
};

static const char *const update_subcodes[] = {
	NULL,
	"Malformed Attribute List",
	"Unrecognized Well-known Attribute",
	"Missing Well-known Attribute",
	"Attribute Flags Error",
	"Attribute Length Error",
	"Invalid ORIGIN Attribute",
	NULL,
	"Invalid NEXT_HOP Attribute",
	"Optional Attribute Error",
	"Invalid Network Field",
	"Malformed AS_PATH",
};

static const char *const fsm_subcodes[] = {
	NULL,
	"Unexpected Message in OpenSent State",
	"Unexpected Message in OpenConfirm State",
	"Unexpected Message in Established State",
};

static const char *const cease_subcodes[] = {
	NULL,
	"Maximum Number of Prefixes Reached",
	"Administrative Shutdown",
	"Peer De-configured",
	"Administrative Reset",
	"Connection Rejected",
	"Other Configuration Change",
	"Connection Collision Resolution",
	"Out of Resources",
	"Hard Reset",
	"BFD Down",
};

static const char *const refresh_subcodes[] = {
	NULL,
	"Invalid Message Length",
};

static const struct notification_code codes[] = {
	{ NULL, NULL, 0 },
	{ "Message Header Error", header_subcodes, ARRAY_SIZE(header_subcodes) },
	{ "OPEN Message Error", open_subcodes, ARRAY_SIZE(open_subcodes) },
	{ "UPDATE Message Error", update_subcodes, ARRAY_SIZE(update_subcodes) },
	{ "Hold Timer Expired", NULL, 0 },
	{ "Finite State Machine Error", fsm_subcodes, ARRAY_SIZE(fsm_subcodes) },
	{ "Cease", cease_subcodes, ARRAY_SIZE(cease_subcodes) },
	{ "ROUTE-REFRESH Message Error", refresh_subcodes, ARRAY_SIZE(refresh_subcodes) },
	{ "Send Hold Timer Expired", NULL, 0 },
};

/* The text under construction; what does not fit is left out. */
struct text {
	char *start;
	size_t used;
};

PRINTF(2, 3) static void add(struct text *t, const char *format, ...)
{
	size_t room = BGP_NOTIFICATION_TEXT_MAX - t->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->start + t->used, room, format, args);
	va_end(args);
	t->used += MIN((size_t)n, room - 1);
}

static void add_pair(struct text *t, uint8_t code, uint8_t subcode)
{
	const struct notification_code *row = code < ARRAY_SIZE(codes) ? &codes[code] : NULL;

	if (row == NULL || row->name == NULL)
		add(t, "code %u subcode %u", code, subcode);
	else if (subcode < row->subcode_count && row->subcodes[subcode] != NULL)
		add(t, "%s/%s", row->name, row->subcodes[subcode]);
	else if (subcode == 0)
		add(t, "%s", row->name);
	else
		add(t, "%s/subcode %u", row->name, subcode);
}

/* RFC 9003 2: an octet of length, and what an administrator says, in UTF-8. */
static void add_communication(struct text *t, struct reader r)
{
	size_t length = reader_u8(&r);
	const uint8_t *bytes = reader_bytes(&r, length);
	char words[UINT8_MAX + 1];

	if (r.failed || length == 0)
		return;
	(void)utf8_clean(bytes, length, words, sizeof(words));
	add(t, " \"%s\"", words);
}

/* RFC 4486 4: AFI, SAFI and the limit. */
static void add_limit(struct text *t, struct reader r)
{
	uint16_t afi = reader_u16(&r);
	enum bgp_family family = bgp_family_of(afi, reader_u8(&r));
	uint32_t limit = reader_u32(&r);

	if (!r.failed && reader_left(&r) == 0 && family != BGP_FAMILY_NONE)
		add(t, " (%s, %" PRIu32 ")", bgp_family_info(family)->name, limit);
}

const char *bgp_notification_format(const struct bgp_notification *n,
				    char text[static BGP_NOTIFICATION_TEXT_MAX])
{
	struct reader r = reader_of(n->data, n->data_length);
	struct text t = { .start = text };
	uint8_t code = n->code, subcode = n->subcode;

	add_pair(&t, code, subcode);
	if (code == BGP_CEASE && subcode == BGP_CEASE_HARD_RESET && reader_left(&r) >= 2) {
		code = reader_u8(&r); /* RFC 8538 3.1 */
		subcode = reader_u8(&r);
		add(&t, ": ");
		add_pair(&t, code, subcode);
	}
	if (code != BGP_CEASE)
		return text;
	if (subcode == BGP_CEASE_SHUTDOWN || subcode == BGP_CEASE_ADMIN_RESET)
		add_communication(&t, r);
	else if (subcode == BGP_CEASE_MAXIMUM_PREFIXES)
		add_limit(&t, r);
	return text;
}

void bgp_notification_set(struct bgp_notification *n, uint8_t code, uint8_t subcode,
			  const void *data, size_t length)
{
	n->code = code;
	n->subcode = subcode;
	n->data_length = (uint16_t)MIN(length, sizeof(n->data));
	if (n->data_length != 0)
		memcpy(n->data, data, n->data_length);
}
