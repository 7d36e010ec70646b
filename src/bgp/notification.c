/*
 * notification: NOTIFICATION messages, and the names of their codes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.5 and 6, 4486 (Cease), 5492, 6608 (FSM errors), 7313, 8538 (Hard Reset), 9234 (Role
 * Mismatch), 9384 (BFD Down), 9687 (Send Hold Timer).
 */
#include "base/buf.h"
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

/* Writes "Code/Subcode" at text + used; returns the new length. */
static size_t format_pair(uint8_t code, uint8_t subcode, char *text, size_t used)
{
	const struct notification_code *row = code < ARRAY_SIZE(codes) ? &codes[code] : NULL;
	size_t room = BGP_NOTIFICATION_TEXT_MAX - used;
	int n;

	if (row == NULL || row->name == NULL)
		n = snprintf(text + used, room, "code %u subcode %u", code, subcode);
	else if (subcode < row->subcode_count && row->subcodes[subcode] != NULL)
		n = snprintf(text + used, room, "%s/%s", row->name, row->subcodes[subcode]);
	else if (subcode == 0)
		n = snprintf(text + used, room, "%s", row->name);
	else
		n = snprintf(text + used, room, "%s/subcode %u", row->name, subcode);
	return MIN(used + (size_t)n, (size_t)BGP_NOTIFICATION_TEXT_MAX - 1);
}

/* Appends bytes that a peer chose as quoted text, cut at the end of the room; what is not printable
 * ASCII becomes '?'. */
static void format_quoted(const uint8_t *bytes, size_t length, char *text, size_t used)
{
	size_t end = BGP_NOTIFICATION_TEXT_MAX - 2;

	if (length == 0 || used + 4 > end)
		return;
	text[used++] = ' ';
	text[used++] = '"';
	for (size_t i = 0; i < length && used < end; i++)
		text[used++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
	text[used++] = '"';
	text[used] = '\0';
}

const char *bgp_notification_format(const struct bgp_notification *n,
				    char text[static BGP_NOTIFICATION_TEXT_MAX])
{
	const uint8_t *data = n->data;
	size_t left = n->data_length;
	uint8_t code = n->code, subcode = n->subcode;
	size_t used = format_pair(code, subcode, text, 0);

	if (code == BGP_CEASE && subcode == BGP_CEASE_HARD_RESET && left >= 2) {
		code = data[0];
		subcode = data[1];
		data += 2;
		left -= 2;
		used += (size_t)snprintf(text + used, BGP_NOTIFICATION_TEXT_MAX - used, ": ");
		used = format_pair(code, subcode, text, used);
	}
	/* RFC 9003: the shutdown communication */
	if (code == BGP_CEASE &&
	    (subcode == BGP_CEASE_SHUTDOWN || subcode == BGP_CEASE_ADMIN_RESET) && left >= 1 &&
	    data[0] <= left - 1)
		format_quoted(data + 1, data[0], text, used);
	return text;
}

static void describe_hex(const uint8_t *data, size_t length, struct buf *to)
{
	if (length == 0)
		return;
	buf_add_text(to, ": data ");
	buf_add_hex(to, data, length);
}

/* RFC 9003 2. False when the data is none. */
static bool describe_shutdown(struct reader r, struct buf *to)
{
	size_t length = reader_u8(&r);
	char text[256];

	if (r.failed || length > reader_left(&r))
		return false;
	if (length == 0)
		return true;
	(void)utf8_clean(reader_bytes(&r, length), length, text, sizeof(text));
	buf_printf(to, ": \"%s\"", text);
	return true;
}

/* RFC 4486 4: AFI, SAFI and the limit. */
static bool describe_max_prefixes(struct reader r, struct buf *to)
{
	uint16_t afi = reader_u16(&r);
	uint8_t safi = reader_u8(&r);
	uint32_t limit = reader_u32(&r);
	enum bgp_family family = bgp_family_of(afi, safi);

	if (r.failed || reader_left(&r) != 0)
		return false;
	if (family != BGP_FAMILY_NONE)
		buf_printf(to, ": %s %" PRIu32, bgp_family_info(family)->name, limit);
	else
		buf_printf(to, ": AFI %u SAFI %u %" PRIu32, afi, safi, limit);
	return true;
}

static void describe_data(uint8_t code, uint8_t subcode, struct reader r, struct buf *to)
{
	size_t length = reader_left(&r);
	bool done = false;

	if (code == BGP_CEASE &&
	    (subcode == BGP_CEASE_SHUTDOWN || subcode == BGP_CEASE_ADMIN_RESET)) {
		done = describe_shutdown(r, to);
	} else if (code == BGP_CEASE && subcode == BGP_CEASE_MAXIMUM_PREFIXES) {
		done = describe_max_prefixes(r, to);
	} else if ((code == BGP_ERROR_OPEN && subcode == BGP_OPEN_UNSUPPORTED_VERSION &&
		    length == 2) ||
		   (code == BGP_ERROR_HEADER && subcode == BGP_HEADER_BAD_LENGTH && length == 2)) {
		buf_printf(to, ": %u", reader_u16(&r));
		done = true;
	} else if (code == BGP_ERROR_HEADER && subcode == BGP_HEADER_BAD_TYPE && length == 1) {
		buf_printf(to, ": %u", reader_u8(&r));
		done = true;
	}
	if (!done)
		describe_hex(r.next, reader_left(&r), to);
}

void bgp_notification_describe(const struct bgp_notification *n, struct buf *to)
{
	struct reader r = reader_of(n->data, n->data_length);
	char text[BGP_NOTIFICATION_TEXT_MAX];

	(void)format_pair(n->code, n->subcode, text, 0);
	buf_add_text(to, text);
	if (n->code == BGP_CEASE && n->subcode == BGP_CEASE_HARD_RESET && n->data_length >= 2) {
		uint8_t code = reader_u8(&r), subcode = reader_u8(&r); /* RFC 8538 3.1 */

		(void)format_pair(code, subcode, text, 0);
		buf_printf(to, " (%s", text);
		describe_data(code, subcode, r, to);
		buf_add_text(to, ")");
		return;
	}
	describe_data(n->code, n->subcode, r, to);
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

void bgp_notification_encode(struct writer *w, const struct bgp_notification *n)
{
	bgp_header_encode(w, (uint16_t)(BGP_HEADER_BYTES + 2 + n->data_length), BGP_NOTIFICATION);
	writer_u8(w, n->code);
	writer_u8(w, n->subcode);
	writer_bytes(w, n->data, n->data_length);
}

int bgp_notification_decode(const uint8_t *body, size_t length,
			    struct bgp_notification *ret_notification)
{
	struct reader r = reader_of(body, length);
	uint8_t code = reader_u8(&r);
	uint8_t subcode = reader_u8(&r);
	size_t left = reader_left(&r);

	if (r.failed)
		return -1;
	bgp_notification_set(ret_notification, code, subcode, reader_bytes(&r, left), left);
	return 0;
}
