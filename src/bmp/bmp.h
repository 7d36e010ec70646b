/*
 * bmp: the BGP Monitoring Protocol, version 3, encoded and decoded.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854, 8671 (Adj-RIB-Out), 9069 (Loc-RIB). BGP messages inside are octets here: this folder
 * knows nothing of BGP but where a message ends. Encoders write one whole message each; the
 * writer's `failed` tells when it did not fit. The decoder takes a stream in pieces of any size and
 * calls back for every message; its memory is bounded by BMP_MESSAGE_BYTES_MAX.
 */
#ifndef BMP_BMP_H
#define BMP_BMP_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"

#define BMP_HEADER_BYTES 6u
#define BMP_PEER_HEADER_BYTES 42u
/* Longer ones are refused: a Peer Up with two extended OPENs and its TLVs fits. */
#define BMP_MESSAGE_BYTES_MAX (256u * 1024u)

enum bmp_type {
	BMP_ROUTE_MONITORING = 0,
	BMP_STATISTICS = 1,
	BMP_PEER_DOWN = 2,
	BMP_PEER_UP = 3,
	BMP_INITIATION = 4,
	BMP_TERMINATION = 5,
	BMP_ROUTE_MIRRORING = 6,
};

enum bmp_peer_type {
	BMP_PEER_GLOBAL = 0,
	BMP_PEER_RD = 1,
	BMP_PEER_LOCAL = 2,
	BMP_PEER_LOC_RIB = 3, /* RFC 9069 */
};

/* Flags of the per-peer header. V is set by the encoder, from the address. */
#define BMP_PEER_FLAG_V 0x80u	     /* the address is IPv6 */
#define BMP_PEER_FLAG_L 0x40u	     /* after policy */
#define BMP_PEER_FLAG_A 0x20u	     /* AS_PATH with 2-octet numbers */
#define BMP_PEER_FLAG_O 0x10u	     /* RFC 8671: Adj-RIB-Out */
#define BMP_PEER_FLAG_FILTERED 0x80u /* F of RFC 9069, for BMP_PEER_LOC_RIB */

struct bmp_peer {
	uint8_t type; /* enum bmp_peer_type */
	uint8_t flags;
	uint64_t distinguisher;
	struct ip_addr address; /* IP_NONE for a Loc-RIB */
	uint32_t as;
	uint32_t bgp_id; /* host order */
	uint32_t time_s; /* since 1970; 0: unknown */
	uint32_t time_us;
};

/* Reasons of Peer Down. */
enum bmp_down_reason {
	BMP_DOWN_LOCAL_NOTIFICATION = 1, /* data: the NOTIFICATION that we sent, whole */
	BMP_DOWN_LOCAL_FSM = 2,		 /* data: 2 octets, the FSM event */
	BMP_DOWN_REMOTE_NOTIFICATION = 3,
	BMP_DOWN_REMOTE = 4,
	BMP_DOWN_DECONFIGURED = 5,
	BMP_DOWN_LOCAL_TLV = 6, /* RFC 9069 5.3: a Loc-RIB; data: TLVs */
};

/* Information TLVs (RFC 7854 4.4, 9069 5.2.1). */
enum bmp_tlv_type {
	BMP_TLV_STRING = 0,
	BMP_TLV_SYS_DESCR = 1,
	BMP_TLV_SYS_NAME = 2,
	BMP_TLV_TABLE_NAME = 3, /* VRF/Table Name */
	BMP_TLV_ADMIN_LABEL = 4,
};

/* Statistics (RFC 7854 4.8, 8671 6.2): counters of 4 octets, gauges of 8, some with AFI and SAFI
 * (11 octets). bmp_stat_encode picks the form by the type. */
enum bmp_stat_type {
	BMP_STAT_REJECTED = 0,
	BMP_STAT_DUPLICATE_PREFIX = 1,
	BMP_STAT_DUPLICATE_WITHDRAW = 2,
	BMP_STAT_CLUSTER_LIST_LOOP = 3,
	BMP_STAT_AS_PATH_LOOP = 4,
	BMP_STAT_ORIGINATOR_LOOP = 5,
	BMP_STAT_CONFEDERATION_LOOP = 6,
	BMP_STAT_ADJ_RIB_IN = 7,
	BMP_STAT_LOC_RIB = 8,
	BMP_STAT_ADJ_RIB_IN_FAMILY = 9,
	BMP_STAT_LOC_RIB_FAMILY = 10,
	BMP_STAT_UPDATE_AS_WITHDRAW = 11,
	BMP_STAT_PREFIX_AS_WITHDRAW = 12,
	BMP_STAT_DUPLICATE_UPDATE = 13,
	BMP_STAT_ADJ_RIB_OUT_PRE = 14,
	BMP_STAT_ADJ_RIB_OUT_POST = 15,
	BMP_STAT_ADJ_RIB_OUT_PRE_FAMILY = 16,
	BMP_STAT_ADJ_RIB_OUT_POST_FAMILY = 17,
};

struct bmp_stat {
	uint16_t type;
	uint16_t afi; /* of those per family */
	uint8_t safi;
	uint64_t value;
};

struct bmp_peer_up {
	struct ip_addr local_address; /* IP_NONE: zeroes */
	uint16_t local_port;
	uint16_t remote_port;
	const uint8_t *sent_open; /* whole messages */
	size_t sent_open_length;
	const uint8_t *received_open;
	size_t received_open_length;
};

/* Texts may be NULL: the TLV is left out. sysDescr and sysName are mandatory (RFC 7854 4.3). */
void bmp_initiation_encode(struct writer *w, const char *sys_name, const char *sys_descr,
			   const char *text);
/* `reason`: 0 administratively closed, 1 unspecified, 2 out of resources, 3 redundant, 4
 * permanently closed. */
void bmp_termination_encode(struct writer *w, uint16_t reason, const char *text);
void bmp_peer_up_encode(struct writer *w, const struct bmp_peer *peer, const struct bmp_peer_up *up,
			const char *table_name);
/* `data` as the reason asks for (may be NULL/0). `table_name` (may be NULL) follows as a TLV for
 * BMP_DOWN_LOCAL_TLV only. */
void bmp_peer_down_encode(struct writer *w, const struct bmp_peer *peer, uint8_t reason,
			  const uint8_t *data, size_t data_length, const char *table_name);
/* `update`: a whole BGP message. */
void bmp_route_monitoring_encode(struct writer *w, const struct bmp_peer *peer,
				 const uint8_t *update, size_t length);
/* Its first 48 octets only, for a caller that sends the BGP message from where it is. */
void bmp_route_monitoring_header_encode(struct writer *w, const struct bmp_peer *peer,
					size_t update_length);
void bmp_statistics_encode(struct writer *w, const struct bmp_peer *peer,
			   const struct bmp_stat *stats, size_t count);
/* `message` (may be NULL): a BGP message as it came. `information`: 0 errored PDU, 1 messages lost;
 * negative: none. */
void bmp_route_mirroring_encode(struct writer *w, const struct bmp_peer *peer,
				const uint8_t *message, size_t length, int information);

/* A piece of text in a message; not terminated. bytes NULL: absent. */
struct bmp_text {
	const char *bytes;
	size_t length;
};

/* A decoded message. What it points at is valid during the callback. */
struct bmp_message {
	enum bmp_type type;
	struct bmp_peer peer; /* of all but Initiation and Termination */
	/* Route Monitoring: the BGP UPDATE, whole. */
	const uint8_t *update;
	size_t update_length;
	struct bmp_peer_up up; /* Peer Up */
	uint8_t down_reason;   /* Peer Down */
	const uint8_t *down_data;
	size_t down_data_length;
	uint16_t termination_reason; /* Termination; 1 when it names none */
	/* of Initiation, Termination, Peer Up, Peer Down reason 6, Route Mirroring */
	struct reader tlvs;
	struct reader stats; /* Statistics: for bmp_stat_next */
};

/* The first TLV of that type; bytes NULL when there is none. */
struct bmp_text bmp_message_tlv(const struct bmp_message *message, uint16_t type);
struct bmp_tlv {
	uint16_t type;
	const uint8_t *value;
	size_t length;
};

/* The next TLV; false at the end. */
bool bmp_tlv_next(struct reader *tlvs, struct bmp_tlv *ret_tlv);

/* TLVs of Route Mirroring (RFC 7854 4.7). */
enum bmp_mirror_tlv_type {
	BMP_MIRROR_MESSAGE = 0,	    /* a BGP message as it came */
	BMP_MIRROR_INFORMATION = 1, /* 2 octets: 0 errored PDU, 1 messages lost */
};

/* "ROUTE_MONITORING", "rejected-prefixes"; NULL for what is not known. */
const char *bmp_type_name(uint8_t type);
const char *bmp_peer_type_name(uint8_t type);
const char *bmp_stat_name(uint16_t type);
const char *bmp_down_reason_name(uint8_t reason);
const char *bmp_termination_reason_name(uint16_t reason);
const char *bmp_tlv_name(uint16_t type);

/* The next statistic that has one of the three known lengths; false at the end. */
bool bmp_stat_next(struct reader *stats, struct bmp_stat *ret_stat);

/* Decodes one whole message. Returns 1, or 0 for a type that is to be ignored, or -1 with *e. */
int bmp_message_decode(const uint8_t *bytes, size_t length, struct bmp_message *ret_message,
		       struct error *e) MUST_CHECK;

/* Reads the length of the message at the front from its header, which is in BMP_HEADER_BYTES
 * octets. 0, or -1 with *e when no message of ours begins so. */
int bmp_message_length(const uint8_t *bytes, size_t *ret_length, struct error *e) MUST_CHECK;

struct bmp_decoder {
	struct buf pending; /* the beginning of a message */
	uint64_t offset;    /* octets of the stream before the message that is awaited */
	bool broken;
};

/* Returns false to stop the decoding (as an error of the feed). */
typedef bool (*bmp_message_fn)(void *context, const struct bmp_message *message);

void bmp_decoder_init(struct bmp_decoder *decoder);
void bmp_decoder_done(struct bmp_decoder *decoder);
/* Begins anew, for a new stream. */
void bmp_decoder_clear(struct bmp_decoder *decoder);
/*
 * Takes the next octets of the stream and calls `each` for every message that is now complete. 0,
 * or -1 with *e (which names the offset in the stream): the stream cannot be followed any further,
 * and every later call fails until bmp_decoder_clear.
 */
int bmp_decoder_feed(struct bmp_decoder *decoder, const uint8_t *bytes, size_t length,
		     bmp_message_fn each, void *context, struct error *e) MUST_CHECK;

#endif
