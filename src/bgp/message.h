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

#define BGP_AS_TRANS 23456u /* RFC 6793 9 */

/* Error codes and the subcodes that we send (notification.c has the names of all). */
enum bgp_error_code {
	BGP_ERROR_HEADER = 1,
	BGP_ERROR_OPEN = 2,
	BGP_ERROR_UPDATE = 3,
	BGP_ERROR_HOLD_TIMER = 4,
	BGP_ERROR_FSM = 5,
	BGP_CEASE = 6,
	BGP_ERROR_REFRESH = 7,	 /* RFC 7313 */
	BGP_ERROR_SEND_HOLD = 8, /* RFC 9687 */
};

enum bgp_header_subcode {
	BGP_HEADER_NOT_SYNCHRONIZED = 1,
	BGP_HEADER_BAD_LENGTH = 2,
	BGP_HEADER_BAD_TYPE = 3,
};

enum bgp_open_subcode {
	BGP_OPEN_UNSUPPORTED_VERSION = 1,
	BGP_OPEN_BAD_PEER_AS = 2,
	BGP_OPEN_BAD_IDENTIFIER = 3,
	BGP_OPEN_UNSUPPORTED_PARAMETER = 4,
	BGP_OPEN_UNACCEPTABLE_HOLD_TIME = 6,
	BGP_OPEN_UNSUPPORTED_CAPABILITY = 7, /* RFC 5492 5 */
	BGP_OPEN_ROLE_MISMATCH = 11,	     /* RFC 9234 4.2 */
};

enum bgp_update_subcode {
	BGP_UPDATE_MALFORMED_LIST = 1,
	BGP_UPDATE_UNRECOGNIZED_WELL_KNOWN = 2,
	BGP_UPDATE_MISSING_WELL_KNOWN = 3,
	BGP_UPDATE_FLAGS_ERROR = 4,
	BGP_UPDATE_LENGTH_ERROR = 5,
	BGP_UPDATE_INVALID_ORIGIN = 6,
	BGP_UPDATE_INVALID_NEXT_HOP = 8,
	BGP_UPDATE_OPTIONAL_ERROR = 9,
	BGP_UPDATE_INVALID_NETWORK = 10,
	BGP_UPDATE_MALFORMED_AS_PATH = 11,
};

/* RFC 4486, 8538 */
enum bgp_cease_subcode {
	BGP_CEASE_MAXIMUM_PREFIXES = 1,
	BGP_CEASE_SHUTDOWN = 2,
	BGP_CEASE_DECONFIGURED = 3,
	BGP_CEASE_ADMIN_RESET = 4,
	BGP_CEASE_REJECTED = 5,
	BGP_CEASE_CONFIGURATION_CHANGE = 6,
	BGP_CEASE_COLLISION = 7,
	BGP_CEASE_OUT_OF_RESOURCES = 8,
	BGP_CEASE_HARD_RESET = 9,
};

#define BGP_REFRESH_BAD_LENGTH 1u

/* Subtypes of ROUTE-REFRESH (RFC 7313 3.2). */
enum bgp_refresh_subtype {
	BGP_REFRESH_REQUEST = 0,
	BGP_REFRESH_BEGIN = 1, /* BoRR */
	BGP_REFRESH_END = 2,   /* EoRR */
};

/* A NOTIFICATION to send, or one received; code 0 means none. Its data is what a message of 4,096
 * octets holds, which every peer takes: an attribute that is at fault is sent back whole. */
#define BGP_NOTIFICATION_DATA_MAX (BGP_MESSAGE_BYTES_MAX - BGP_HEADER_BYTES - 2)
struct bgp_notification {
	uint8_t code;
	uint8_t subcode;
	uint16_t data_length;
	uint8_t data[BGP_NOTIFICATION_DATA_MAX]; /* cut there */
};

/* Fills *n; data past what it holds is cut. */
void bgp_notification_set(struct bgp_notification *n, uint8_t code, uint8_t subcode,
			  const void *data, size_t length);

/* `Cease/Administrative Shutdown "maintenance"`, `Cease/Hard Reset: Cease/Peer De-configured`,
 * `Cease/Maximum Number of Prefixes Reached (ipv4-unicast, 1000)`; "code 9 subcode 3" for unknown
 * ones. The peer's words (RFC 9003) are made UTF-8 without control characters. Returns `text`. */
#define BGP_NOTIFICATION_TEXT_MAX 400 /* two codes, and 255 octets of words */
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

/* RFC 9234 4.1: what the speaker is to its neighbour. */
enum bgp_role {
	BGP_ROLE_PROVIDER = 0,
	BGP_ROLE_RS = 1, /* route server */
	BGP_ROLE_RS_CLIENT = 2,
	BGP_ROLE_CUSTOMER = 3,
	BGP_ROLE_PEER = 4,
	BGP_ROLE_NONE = 255,
};

#define BGP_CAPABILITY_TEXT_MAX 65u /* host name, domain name, software version, with the NUL */
#define BGP_CAPABILITIES_OTHER_MAX 255u

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
	bool long_lived; /* RFC 9494: the capability is present */
	bool long_lived_families[BGP_FAMILY_COUNT];
	bool long_lived_forwarding[BGP_FAMILY_COUNT]; /* F bit */
	uint32_t long_lived_time_s[BGP_FAMILY_COUNT]; /* 24 bits */
	/* RFC 8950: IPv6 next hops for this IPv4 family */
	bool extended_next_hop[BGP_FAMILY_COUNT];
	/* RFC 8277 2.1: labels that this side takes with a prefix, 2 and more, 255 without a limit;
	 * 0: one */
	uint8_t labels_max[BGP_FAMILY_COUNT];
	bool has_role;
	bool roles_differ; /* several role capabilities, not all the same (RFC 9234 4.2) */
	uint8_t role;	   /* enum bgp_role, or a number that nobody knows */
	/* draft-walton-bgp-hostname-capability, draft-abraitis-bgp-version-capability; "" when
	 * absent; UTF-8, cut, control characters replaced */
	char hostname[BGP_CAPABILITY_TEXT_MAX];
	char domain_name[BGP_CAPABILITY_TEXT_MAX];
	char software_version[BGP_CAPABILITY_TEXT_MAX];
	/* capabilities that we do not know, as they came: code, length, value; cut at a whole one
	 */
	uint8_t other[BGP_CAPABILITIES_OTHER_MAX];
	uint8_t other_bytes;
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

struct buf;
/* Text as operators read it, appended: "version 4, AS 65000, hold time 90, identifier 10.0.0.1,
 * capabilities: ..."; capabilities with ", " between them: "multiprotocol ipv4-unicast,
 * graceful-restart 120s ipv4-unicast/forwarding, as4 65000, add-path ipv4-unicast/both". */
void bgp_open_format(const struct bgp_open *open, struct buf *to);
void bgp_capabilities_format(const struct bgp_capabilities *c, asn_t as, struct buf *to);
const char *bgp_role_name(uint8_t role); /* "provider"; NULL for one that nobody knows */

/* Each writes one whole message, header included. The writer's `failed` tells when it did not fit.
 */
void bgp_header_encode(struct writer *w, uint16_t length, enum bgp_type type);
void bgp_open_encode(struct writer *w, const struct bgp_open *open);
void bgp_keepalive_encode(struct writer *w);
void bgp_notification_encode(struct writer *w, const struct bgp_notification *n);
void bgp_refresh_encode(struct writer *w, enum bgp_family family, uint8_t subtype);

int bgp_notification_decode(const uint8_t *body, size_t length,
			    struct bgp_notification *ret_notification) MUST_CHECK;
/* RFC 2918, 7313. `enhanced`: the peer has the capability of RFC 7313, and its BoRR and EoRR must
 * be of the right length. *ret_family is BGP_FAMILY_NONE for one we do not know; it is to be
 * ignored, as is a subtype above 2, of whatever length. */
int bgp_refresh_decode(const uint8_t *body, size_t length, bool enhanced,
		       enum bgp_family *ret_family, uint8_t *ret_subtype,
		       struct bgp_notification *ret_error) MUST_CHECK;

#endif
