/*
 * print: BGP messages for people and for programs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4, 2918, 4486, 7313, 7606, 8538, 9003.
 */
#include "bgp/print_parts.h"

#include "bgp/attrs_table.h"

#define ROUTE_REFRESH_CISCO 128u

void bgp_printer_init(struct bgp_printer *p, struct outline *out)
{
	p->out = out;
	arena_init(&p->arena, 0);
	buf_init(&p->text, 0);
}

void bgp_printer_done(struct bgp_printer *p)
{
	arena_done(&p->arena);
	buf_done(&p->text);
}

const char *bgp_print_type_name(uint8_t type)
{
	static const char *const names[] = {
		[BGP_OPEN] = "OPEN",
		[BGP_UPDATE] = "UPDATE",
		[BGP_NOTIFICATION] = "NOTIFICATION",
		[BGP_KEEPALIVE] = "KEEPALIVE",
		[BGP_ROUTE_REFRESH] = "ROUTE-REFRESH",
	};

	return type < ARRAY_SIZE(names) ? names[type] : NULL;
}

const char *bgp_print_verdict_name(enum bgp_verdict verdict)
{
	static const char *const names[] = {
		[BGP_OK] = "ok",
		[BGP_ATTRIBUTE_DISCARD] = "attribute-discard",
		[BGP_TREAT_AS_WITHDRAW] = "treat-as-withdraw",
		[BGP_DISABLE_FAMILY] = "disable-family",
		[BGP_SESSION_RESET] = "session-reset",
	};

	return names[verdict];
}

/* What a receiver makes of a message; `error` may be NULL. */
static void print_verdict(struct outline *o, enum bgp_verdict verdict, const char *why,
			  const struct bgp_notification *error)
{
	char text[BGP_NOTIFICATION_TEXT_MAX];

	if (verdict == BGP_OK)
		return;
	outline_object(o, "verdict", OUTLINE_LINES);
	outline_text(o, "action", bgp_print_verdict_name(verdict));
	if (why[0] != '\0')
		outline_text(o, "reason", why);
	if (verdict == BGP_SESSION_RESET && error != NULL && error->code != 0) {
		outline_text(o, "notification", bgp_notification_format(error, text));
		if (error->data_length != 0)
			outline_hex(o, "data", error->data, error->data_length);
	}
	outline_end(o);
}

/* --- NOTIFICATION, ROUTE-REFRESH --- */

static void print_code(struct outline *o, uint8_t code, uint8_t subcode)
{
	struct bgp_notification n = { .code = code, .subcode = subcode };
	char text[BGP_NOTIFICATION_TEXT_MAX];

	outline_bare(o, "name", bgp_notification_format(&n, text));
	outline_uint(o, "code", code);
	outline_uint(o, "subcode", subcode);
}

/* RFC 9003: the text that an administrator sent along. Not with other codes. */
static bool print_communication(struct outline *o, uint8_t code, uint8_t subcode, struct reader r)
{
	uint8_t length = reader_u8(&r);
	const uint8_t *text = reader_bytes(&r, length);

	if (code != BGP_CEASE ||
	    (subcode != BGP_CEASE_SHUTDOWN && subcode != BGP_CEASE_ADMIN_RESET) || r.failed ||
	    length == 0)
		return false;
	outline_string(o, "communication", text, length);
	return true;
}

/* What the data says of codes whose data has a meaning; false when it has none, or another length.
 * RFC 4271 6.1 and 6.2, 4486 4, 5492 5. */
static bool print_error_data(struct outline *o, uint8_t code, uint8_t subcode, struct reader r)
{
	size_t length = reader_left(&r);
	char text[PRINT_FAMILY_TEXT_MAX];

	if (code == BGP_ERROR_HEADER && subcode == BGP_HEADER_BAD_LENGTH && length == 2) {
		outline_uint(o, "bad-length", reader_u16(&r));
	} else if (code == BGP_ERROR_HEADER && subcode == BGP_HEADER_BAD_TYPE && length == 1) {
		outline_uint(o, "bad-type", reader_u8(&r));
	} else if (code == BGP_ERROR_OPEN && subcode == BGP_OPEN_UNSUPPORTED_VERSION &&
		   length == 2) {
		outline_uint(o, "supported-version", reader_u16(&r));
	} else if (code == BGP_ERROR_OPEN && subcode == BGP_OPEN_UNSUPPORTED_CAPABILITY &&
		   length != 0) {
		outline_array(o, "capabilities", OUTLINE_LINES);
		print_capabilities(o, r);
		outline_end(o);
	} else if (code == BGP_CEASE && subcode == BGP_CEASE_MAXIMUM_PREFIXES && length == 7) {
		uint16_t afi = reader_u16(&r);

		outline_text(o, "family", print_family_text(afi, reader_u8(&r), text));
		outline_uint(o, "limit", reader_u32(&r));
	} else {
		return false;
	}
	return true;
}

static enum bgp_verdict print_notification(struct bgp_printer *p, const uint8_t *body,
					   size_t length)
{
	struct reader r = reader_of(body, length);
	uint8_t code = reader_u8(&r), subcode = reader_u8(&r);
	bool hard = code == BGP_CEASE && subcode == BGP_CEASE_HARD_RESET && reader_left(&r) >= 2;

	if (r.failed) {
		print_verdict(p->out, BGP_SESSION_RESET,
			      "NOTIFICATION without a code and a subcode", NULL);
		return BGP_SESSION_RESET;
	}
	print_code(p->out, code, subcode);
	if (hard) { /* RFC 8538 3 */
		code = reader_u8(&r);
		subcode = reader_u8(&r);
		outline_object(p->out, "hard-reset", OUTLINE_INLINE);
		print_code(p->out, code, subcode);
	}
	if (!print_communication(p->out, code, subcode, r) &&
	    !print_error_data(p->out, code, subcode, r) && reader_left(&r) != 0)
		outline_hex(p->out, "data", r.next, reader_left(&r));
	if (hard)
		outline_end(p->out);
	return BGP_OK;
}

static enum bgp_verdict print_refresh(struct bgp_printer *p, const uint8_t *body, size_t length)
{
	static const char *const subtypes[] = { "request", "begin", "end" };
	struct bgp_notification error;
	struct reader r = reader_of(body, length);
	char text[PRINT_FAMILY_TEXT_MAX];
	enum bgp_family family;
	uint16_t afi = reader_u16(&r);
	uint8_t subtype = reader_u8(&r), safi = reader_u8(&r);

	if (r.failed) {
		outline_hex(p->out, "malformed", body, length);
	} else {
		outline_bare(p->out, "family", print_family_text(afi, safi, text));
		if (subtype < ARRAY_SIZE(subtypes))
			outline_bare(p->out, "subtype", subtypes[subtype]);
		else
			outline_uint(p->out, "subtype", subtype);
		if (reader_left(&r) != 0) /* RFC 5291: outbound route filters */
			outline_hex(p->out, "data", r.next, reader_left(&r));
	}
	if (bgp_refresh_decode(body, length, true, &family, &subtype, &error) == 0)
		return BGP_OK;
	print_verdict(p->out, BGP_SESSION_RESET,
		      "a ROUTE-REFRESH of this subtype has another length", &error);
	return BGP_SESSION_RESET;
}

static enum bgp_verdict print_open_message(struct bgp_printer *p, const uint8_t *body,
					   size_t length)
{
	struct bgp_notification error;
	struct bgp_open open;

	print_open(p, body, length);
	if (bgp_open_decode(body, length, &open, &error) == 0)
		return BGP_OK;
	print_verdict(p->out, BGP_SESSION_RESET, "", &error);
	return BGP_SESSION_RESET;
}

/* --- UPDATE --- */

/* `error` is set at a session reset only. */
static void judge(struct bgp_print_judgement *j, enum bgp_verdict verdict,
		  const struct bgp_notification *error, const struct error *why)
{
	if (verdict <= j->verdict)
		return;
	j->verdict = verdict;
	if (verdict == BGP_SESSION_RESET)
		j->error = *error;
	j->why = *why;
}

static void judge_runs(struct bgp_printer *p, const struct bgp_context *context,
		       struct bgp_print_judgement *j)
{
	for (size_t i = 0; i < 4; i++) {
		const struct bgp_nlri_run *run =
			i < 2 ? &p->update.withdrawn[i] : &p->update.announced[i - 2];
		struct bgp_notification error;
		struct error why = { "" };
		enum bgp_verdict verdict = bgp_nlri_check(run, context, &error, &why);

		j->run_is_wrong[i] = verdict >= BGP_DISABLE_FAMILY;
		judge(j, verdict, &error, &why);
	}
}

static void judge_attrs(struct bgp_printer *p, const uint8_t *key, size_t length, bool announces,
			const struct bgp_context *context, struct bgp_print_judgement *j)
{
	struct bgp_notification error;
	struct error why = { "" };
	struct bgp_attrs attrs;

	arena_clear(&p->arena);
	judge(j, bgp_attrs_decode(key, length, context, announces, &p->arena, &attrs, &error, &why),
	      &error, &why);
}

void bgp_print_judge(struct bgp_printer *p, const uint8_t *body, size_t length,
		     const struct bgp_context *context, struct bgp_print_judgement *ret_judgement)
{
	struct bgp_update *u = &p->update;
	struct bgp_print_judgement *j = ret_judgement;
	struct bgp_notification error;
	struct error why = { "" };
	enum bgp_verdict verdict = bgp_update_cut(body, length, context, u, &error, &why);

	j->verdict = BGP_OK;
	j->error.code = 0;
	j->why.text[0] = '\0';
	j->is_cut = verdict != BGP_SESSION_RESET;
	memset(j->run_is_wrong, false, sizeof(j->run_is_wrong));
	/* To leave out a family that we do not know is no error: its attribute shows it. */
	if (verdict != BGP_ATTRIBUTE_DISCARD)
		judge(j, verdict, &error, &why);
	if (!j->is_cut)
		return;
	judge_runs(p, context, j);
	if (verdict == BGP_TREAT_AS_WITHDRAW || (!u->announces && !u->bare))
		return;
	judge_attrs(p, u->key, u->key_length, u->announces, context, j);
	if (u->mp_key != u->key)
		judge_attrs(p, u->mp_key, u->mp_key_length, u->announces, context, j);
}

static void print_run(struct bgp_printer *p, const struct bgp_nlri_run *run, bool is_wrong,
		      const struct bgp_context *context)
{
	struct bgp_nlri_run walk = *run;

	if (is_wrong) {
		outline_object(p->out, NULL, OUTLINE_INLINE);
		outline_hex(p->out, "malformed", run->reader.next, reader_left(&run->reader));
		outline_end(p->out);
		return;
	}
	while (bgp_nlri_next(&walk, context->addpath[run->family], &p->nlri))
		bgp_print_nlri(p, run->family, &p->nlri, context->addpath[run->family]);
}

/* Both runs of a direction, by family; seldom is there more than one, and of the same family. */
static void print_runs(struct bgp_printer *p, const char *key, const struct bgp_nlri_run runs[2],
		       const bool is_wrong[2], const struct bgp_context *context)
{
	bool same = runs[0].family == runs[1].family;

	if (runs[0].family == BGP_FAMILY_NONE && runs[1].family == BGP_FAMILY_NONE)
		return;
	outline_object(p->out, key, OUTLINE_LINES);
	for (size_t i = 0; i < 2; i++) {
		if (runs[i].family == BGP_FAMILY_NONE || (i == 1 && same))
			continue;
		outline_array(p->out, bgp_family_info(runs[i].family)->name, OUTLINE_LINES);
		print_run(p, &runs[i], is_wrong[i], context);
		if (same)
			print_run(p, &runs[1], is_wrong[1], context);
		outline_end(p->out);
	}
	outline_end(p->out);
}

static enum bgp_verdict print_update(struct bgp_printer *p, const uint8_t *body, size_t length,
				     const struct bgp_context *context)
{
	struct bgp_print_judgement j;
	struct reader r = reader_of(body, length), attrs;

	bgp_print_judge(p, body, length, context, &j);
	if (j.is_cut)
		print_runs(p, "withdrawn", p->update.withdrawn, j.run_is_wrong, context);
	(void)reader_sub(&r, reader_u16(&r));
	attrs = reader_sub(&r, reader_u16(&r));
	p->disabled = j.is_cut ? p->update.disabled : BGP_FAMILY_NONE;
	p->rib_entry = false;
	if (!attrs.failed && reader_left(&attrs) != 0)
		(void)print_attrs(p, attrs, context);
	if (!j.is_cut)
		outline_hex(p->out, "malformed", body, length);
	if (j.is_cut)
		print_runs(p, "announced", p->update.announced, j.run_is_wrong + 2, context);
	if (j.is_cut && p->update.end_of_rib != BGP_FAMILY_NONE)
		outline_text(p->out, "end-of-rib", bgp_family_info(p->update.end_of_rib)->name);
	print_verdict(p->out, j.verdict, j.why.text, &j.error);
	return j.verdict;
}

enum bgp_verdict bgp_print_rib_attrs(struct bgp_printer *p, const uint8_t *attrs, size_t length,
				     const struct bgp_context *context)
{
	p->disabled = BGP_FAMILY_NONE;
	p->rib_entry = true;
	return print_attrs(p, reader_of(attrs, length), context) ? BGP_OK : BGP_TREAT_AS_WITHDRAW;
}

/* --- any message --- */

static enum bgp_verdict print_body(struct bgp_printer *p, uint8_t type, const uint8_t *body,
				   size_t length, const struct bgp_context *context)
{
	switch (type) {
	case BGP_OPEN:
		return print_open_message(p, body, length);
	case BGP_UPDATE:
		return print_update(p, body, length, context);
	case BGP_NOTIFICATION:
		return print_notification(p, body, length);
	case BGP_ROUTE_REFRESH:
	case ROUTE_REFRESH_CISCO:
		return print_refresh(p, body, length);
	default:
		if (length != 0)
			outline_hex(p->out, "body", body, length);
		return BGP_OK;
	}
}

enum bgp_verdict bgp_print_message(struct bgp_printer *p, const uint8_t *message, size_t length,
				   const struct bgp_context *context)
{
	struct bgp_notification error;
	struct bgp_header header;
	struct reader r = reader_of(message, length);
	uint16_t said;
	uint8_t type;

	(void)reader_bytes(&r, 16);
	said = reader_u16(&r);
	type = reader_u8(&r);
	if (r.failed) {
		outline_hex(p->out, "malformed", message, length);
		print_verdict(p->out, BGP_SESSION_RESET, "shorter than a BGP header", NULL);
		return BGP_SESSION_RESET;
	}
	if (bgp_print_type_name(type) != NULL)
		outline_bare(p->out, "type", bgp_print_type_name(type));
	else
		outline_uint(p->out, "type", type);
	outline_uint(p->out, "length", said);
	if (bgp_header_decode(message, context->message_bytes_max, &header, &error) < 0) {
		if (reader_left(&r) != 0)
			outline_hex(p->out, "body", r.next, reader_left(&r));
		print_verdict(p->out, BGP_SESSION_RESET, "", &error);
		return BGP_SESSION_RESET;
	}
	if (said != length) {
		print_verdict(p->out, BGP_SESSION_RESET, "the length is not that of the message",
			      NULL);
		return BGP_SESSION_RESET;
	}
	return print_body(p, type, r.next, reader_left(&r), context);
}
