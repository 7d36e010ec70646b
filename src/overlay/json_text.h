/*
 * json_text: JSON written straight into a buf, for documents that are made by the thousand.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The same calls give the same bytes, so that two documents are equal when their texts are. The
 * writer keeps the commas; the caller keeps the brackets in balance.
 */
#ifndef OVERLAY_JSON_TEXT_H
#define OVERLAY_JSON_TEXT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/ip.h"

struct json_text {
	struct buf *to;
	bool comma; /* the next value needs one in front */
};

struct json_text json_text_of(struct buf *to);

/* `key` NULL inside an array or at the top. */
void json_text_object(struct json_text *j, const char *key);
void json_text_array(struct json_text *j, const char *key);
void json_text_end_object(struct json_text *j);
void json_text_end_array(struct json_text *j);
void json_text_string(struct json_text *j, const char *key, const char *value);
void json_text_number(struct json_text *j, const char *key, uint64_t value);
void json_text_bool(struct json_text *j, const char *key, bool value);
void json_text_addr(struct json_text *j, const char *key, const struct ip_addr *value);
void json_text_prefix(struct json_text *j, const char *key, const struct ip_prefix *value);
void json_text_mac(struct json_text *j, const char *key, const struct mac_addr *value);
/* Only the quoted and escaped string. */
void json_text_quote(struct buf *to, const char *value);

#endif
