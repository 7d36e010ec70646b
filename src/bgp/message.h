/*
 * message: the BGP message header, and the messages that are not UPDATE.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.1 (header), 4.2 (OPEN), 4.4 (KEEPALIVE), 4.5 (NOTIFICATION), RFC 2918 (ROUTE-REFRESH),
 * RFC 5492 (capabilities), 9072 (extended optional parameters). Decoders have no effect but their
 * outputs.
 */
#ifndef BGP_MESSAGE_H
#define BGP_MESSAGE_H

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"
#include "bgp/family.h"

#define BGP_HEADER_BYTES 19u
#define BGP_MESSAGE_BYTES_MAX 4096u
#define BGP_MESSAGE_BYTES_MAX_EXTENDED 65535u /* RFC 8654 */

enum bgp_type {
	BGP_OPEN = 1,
	BGP_UPDATE = 2,
	BGP_NOTIFICATION = 3,
	BGP_KEEPALIVE = 4,
	BGP_ROUTE_REFRESH = 5,
	BGP_TYPE_MAX = 6,
};

/* A NOTIFICATION to send, or one received. code 0 means none. */
struct bgp_notification {
	uint8_t code;
	uint8_t subcode;
	uint16_t data_length;
	uint8_t data[255]; /* cut there */
};

/* "Cease/Administrative Shutdown"; "code 9 subcode 3" for unknown ones. Static or into text. */
#define BGP_NOTIFICATION_TEXT_MAX 128
const char *bgp_notification_format(const struct bgp_notification *n,
				    char text[static BGP_NOTIFICATION_TEXT_MAX]);

struct bgp_header {
	uint16_t length; /* whole message, header included */
	uint8_t type;
};

/* Reads one header. 0, or -1 with the NOTIFICATION of RFC 4271 6.1 in *ret_error. `bytes` has
 * BGP_HEADER_BYTES octets. */
int bgp_header_decode(const uint8_t *bytes, uint32_t message_bytes_max,
		      struct bgp_header *ret_header, struct bgp_notification *ret_error) MUST_CHECK;

/* What one side says of itself in OPEN. */
struct bgp_capabilities {
	bool as4;			 /* RFC 6793 */
	bool multiprotocol;		 /* at least one capability of code 1 was there */
	bool families[BGP_FAMILY_COUNT]; /* RFC 4760; ipv4-unicast also when no such capability was
					    sent */
	bool route_refresh;
	bool enhanced_refresh;	   /* RFC 7313 */
	bool extended_message;	   /* RFC 8654 */
	bool graceful_restart;	   /* RFC 4724: the capability is present */
	bool restarting;	   /* R bit */
	bool notification_restart; /* N bit, RFC 8538 */
	uint16_t restart_time_s;
	bool restart_families[BGP_FAMILY_COUNT];
	bool restart_forwarding[BGP_FAMILY_COUNT]; /* F bit */
	bool addpath_receive[BGP_FAMILY_COUNT]; /* RFC 7911: this side can receive several paths */
	bool addpath_send[BGP_FAMILY_COUNT];
};

struct bgp_open {
	uint8_t version;
	asn_t as; /* from the 4-octet AS capability when there */
	uint16_t hold_time_s;
	uint32_t router_id; /* host order */
	struct bgp_capabilities capabilities;
};

/* Decodes the body of an OPEN. 0, or -1 with the NOTIFICATION of RFC 4271 6.2 in *ret_error. */
int bgp_open_decode(const uint8_t *body, size_t length, struct bgp_open *ret_open,
		    struct bgp_notification *ret_error) MUST_CHECK;

/* Each writes one whole message, header included. The writer's `failed` tells when it did not fit.
 */
void bgp_open_encode(struct writer *w, const struct bgp_open *open);
void bgp_keepalive_encode(struct writer *w);
void bgp_notification_encode(struct writer *w, const struct bgp_notification *n);
void bgp_refresh_encode(struct writer *w, enum bgp_family family, uint8_t subtype);

int bgp_notification_decode(const uint8_t *body, size_t length,
			    struct bgp_notification *ret_notification) MUST_CHECK;
/* RFC 2918, 7313. *ret_family is BGP_FAMILY_NONE for one we do not know (to be ignored). */
int bgp_refresh_decode(const uint8_t *body, size_t length, enum bgp_family *ret_family,
		       uint8_t *ret_subtype, struct bgp_notification *ret_error) MUST_CHECK;

#endif
