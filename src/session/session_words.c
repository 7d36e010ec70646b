/*
 * session_words: what the operator is told of a session that did not come about, or ended.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The last error is a sentence: what happened, and behind a colon what is known of the cause or is
 * to be done. The NOTIFICATIONs of RFC 4271 6, 4486, 5492 and 9234 that a peer sends because of
 * what was configured are explained; most others say it by their names.
 */
#include "session/session_internal.h"

void session_note(struct session *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->last_error, sizeof(s->last_error), format, args);
	va_end(args);
	s->error_count++;
}

void session_note_why(struct session *s, const char *what, const char *why)
{
	session_note(s, "%s%s%s", what, why == NULL ? "" : ": ", why == NULL ? "" : why);
}

void session_note_notification(struct session *s, const char *what,
			       const struct bgp_notification *n, const char *why)
{
	char name[BGP_NOTIFICATION_TEXT_MAX], text[BGP_NOTIFICATION_TEXT_MAX + 16];

	snprintf(text, sizeof(text), "%s %s", what, bgp_notification_format(n, name));
	session_note_why(s, text, why);
}

void session_remember(struct session_notification *to, const struct bgp_notification *n,
		      instant_t now)
{
	to->code = n->code;
	to->subcode = n->subcode;
	to->data_length = n->data_length;
	memcpy(to->data, n->data, MIN(n->data_length, sizeof(to->data)));
	to->at = now;
}

const char *session_advice(const struct bgp_notification *n)
{
	static const struct {
		uint8_t code, subcode;
		const char *text;
	} rows[] = {
		{ BGP_ERROR_OPEN, BGP_OPEN_BAD_PEER_AS,
		  "the peer is configured with another AS number than our local-as" },
		{ BGP_ERROR_OPEN, BGP_OPEN_BAD_IDENTIFIER,
		  "our router-id is the peer's, or another router's" },
		{ BGP_ERROR_OPEN, BGP_OPEN_UNACCEPTABLE_HOLD_TIME,
		  "the peer does not take our hold-time" },
		{ BGP_ERROR_OPEN, BGP_OPEN_UNSUPPORTED_CAPABILITY,
		  "the peer wants a capability or family that we do not offer" },
		{ BGP_ERROR_OPEN, BGP_OPEN_ROLE_MISMATCH,
		  "the peer's role does not go with ours, or it wants one" },
		{ BGP_CEASE, BGP_CEASE_MAXIMUM_PREFIXES, "we announce more than the peer's limit" },
		{ BGP_CEASE, BGP_CEASE_DECONFIGURED, "the peer has us no longer for a neighbor" },
		{ BGP_CEASE, BGP_CEASE_REJECTED,
		  "the peer has no neighbor with our address, has it disabled, or holds it back" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == n->code && rows[i].subcode == n->subcode)
			return rows[i].text;
	return NULL;
}
