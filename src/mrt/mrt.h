/*
 * mrt: the MRT routing information export format, encoded and decoded.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 6396 (TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET), 6397 (where peers are) and 8050
 * (ADD-PATH). BGP messages and
 * path attributes inside are octets here. A file is a row of records without a header of its own:
 * mrt_record_decode cuts the next one from whatever octets the caller has, and one decoder for each
 * kind of record reads its body. What they return points into the record.
 *
 * In a RIB entry MP_REACH_NLRI is abbreviated to its next hop (RFC 6396 4.3.4): length and address
 * are the whole attribute value.
 */
#ifndef MRT_MRT_H
#define MRT_MRT_H

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/reader.h"
#include "base/writer.h"

#define MRT_HEADER_BYTES 12u
/* Longer records are refused. A RIB entry for each of 65,535 peers with 200 octets of attributes
 * fits. */
#define MRT_RECORD_BYTES_MAX (16u * 1024 * 1024)

enum mrt_type {
	MRT_TABLE_DUMP = 12, /* the subtype is the address family */
	MRT_TABLE_DUMP_V2 = 13,
	MRT_BGP4MP = 16,
	MRT_BGP4MP_ET = 17, /* with microseconds */
};

enum mrt_table_subtype {
	MRT_PEER_INDEX_TABLE = 1,
	MRT_RIB_IPV4_UNICAST = 2,
	MRT_RIB_IPV4_MULTICAST = 3,
	MRT_RIB_IPV6_UNICAST = 4,
	MRT_RIB_IPV6_MULTICAST = 5,
	MRT_RIB_GENERIC = 6,
	MRT_GEO_PEER_TABLE = 7, /* RFC 6397 */
	MRT_RIB_IPV4_UNICAST_ADDPATH = 8,
	MRT_RIB_IPV4_MULTICAST_ADDPATH = 9,
	MRT_RIB_IPV6_UNICAST_ADDPATH = 10,
	MRT_RIB_IPV6_MULTICAST_ADDPATH = 11,
	MRT_RIB_GENERIC_ADDPATH = 12,
};

enum mrt_bgp4mp_subtype {
	MRT_STATE_CHANGE = 0,
	MRT_MESSAGE = 1,
	MRT_MESSAGE_AS4 = 4,
	MRT_STATE_CHANGE_AS4 = 5,
	MRT_MESSAGE_LOCAL = 6,
	MRT_MESSAGE_AS4_LOCAL = 7,
	MRT_MESSAGE_ADDPATH = 8,
	MRT_MESSAGE_AS4_ADDPATH = 9,
	MRT_MESSAGE_LOCAL_ADDPATH = 10,
	MRT_MESSAGE_AS4_LOCAL_ADDPATH = 11,
};

struct mrt_record {
	uint32_t time_s;
	uint32_t time_us; /* 0 unless MRT_BGP4MP_ET */
	uint16_t type;
	uint16_t subtype;
	const uint8_t *body; /* behind the microseconds, where there are any */
	size_t length;
};

/* Cuts the first record off `bytes`. 1 with its octets in *ret_used; 0 when there is no whole
 * record yet; -1 with *e when its length cannot be right. */
int mrt_record_decode(const uint8_t *bytes, size_t length, struct mrt_record *ret_record,
		      size_t *ret_used, struct error *e) MUST_CHECK;

struct mrt_peer {
	struct ip_addr address;
	uint32_t as;
	uint32_t bgp_id; /* host order */
};

struct mrt_peer_index {
	uint32_t collector_id; /* host order */
	const char *view_name; /* not terminated */
	size_t view_name_length;
	uint16_t peer_count;
	struct reader peers; /* for mrt_peer_next */
};

/* Of a record of MRT_TABLE_DUMP_V2/MRT_PEER_INDEX_TABLE. All peers are checked to be there. */
int mrt_peer_index_decode(const struct mrt_record *record, struct mrt_peer_index *ret_index,
			  struct error *e) MUST_CHECK;
bool mrt_peer_next(struct reader *peers, struct mrt_peer *ret_peer);

/* RFC 6397 4.1: degrees of WGS84; NaN: private. */
struct mrt_place {
	float latitude, longitude;
};

/* A peer of the table, which is in the order of the PEER_INDEX_TABLE. */
struct mrt_geo_peer {
	uint8_t type; /* as in the PEER_INDEX_TABLE */
	uint32_t bgp_id;
	struct mrt_place place;
};

struct mrt_geo_table {
	uint32_t collector_id; /* host order */
	struct mrt_place collector;
	uint16_t peer_count;
	struct reader peers; /* for mrt_geo_peer_next */
};

/* Of a record of MRT_TABLE_DUMP_V2/MRT_GEO_PEER_TABLE. All peers are checked to be there. */
int mrt_geo_table_decode(const struct mrt_record *record, struct mrt_geo_table *ret_table,
			 struct error *e) MUST_CHECK;
bool mrt_geo_peer_next(struct reader *peers, struct mrt_geo_peer *ret_peer);

struct mrt_rib {
	uint32_t sequence;
	uint16_t afi;
	uint8_t safi;
	bool addpath; /* there are path identifiers: each entry has its own, or */
	/* one before the NLRI is that of all: RIB_GENERIC_ADDPATH as RFC 8050 4.2 has it. GoBGP and
	 * OpenBGPD write it in the entries of that type too; both are read. */
	bool id_in_nlri;
	uint32_t path_id;    /* with id_in_nlri */
	const uint8_t *nlri; /* as on the wire: length octet first */
	size_t nlri_length;
	uint16_t entry_count;
	struct reader entries; /* for mrt_rib_entry_next */
};

struct mrt_rib_entry {
	uint16_t peer_index;
	uint32_t originated_s;
	uint32_t path_id; /* its own, or that before the NLRI */
	const uint8_t *attrs;
	size_t attrs_length;
};

/* Of a RIB record. 1, or 0 for a subtype that is not known, or -1 with *e. All entries are checked
 * to be there. */
int mrt_rib_decode(const struct mrt_record *record, struct mrt_rib *ret_rib,
		   struct error *e) MUST_CHECK;
/* `rib` as returned by mrt_rib_decode. */
bool mrt_rib_entry_next(struct mrt_rib *rib, struct mrt_rib_entry *ret_entry);

/* TABLE_DUMP: one route of one peer, with 2-octet AS numbers in its attributes. */
struct mrt_table_dump {
	uint16_t view;
	uint16_t sequence;
	struct ip_prefix prefix;
	uint8_t status; /* always 1 */
	uint32_t originated_s;
	struct ip_addr peer_address; /* of the prefix's family */
	uint16_t peer_as;
	const uint8_t *attrs;
	size_t attrs_length;
};

/* 1, or 0 for an address family that is not known, or -1 with *e. */
int mrt_table_dump_decode(const struct mrt_record *record, struct mrt_table_dump *ret_dump,
			  struct error *e) MUST_CHECK;

/* BGP4MP: what is common to messages and changes of state. */
struct mrt_bgp4mp {
	uint32_t peer_as;
	uint32_t local_as;
	uint16_t interface_index;
	struct ip_addr peer_address;
	struct ip_addr local_address; /* of the same family */
	bool as4;     /* the message has 4-octet AS numbers (and so have the two fields above) */
	bool local;   /* a message that the local side made */
	bool addpath; /* NLRI in it have path identifiers */
	bool is_state_change;
	uint16_t old_state; /* 1 Idle to 6 Established */
	uint16_t new_state;
	const uint8_t *message; /* whole, with marker */
	size_t message_length;
};

/* Of a record of MRT_BGP4MP or MRT_BGP4MP_ET. 1, or 0 for a subtype that is not known, or -1. */
int mrt_bgp4mp_decode(const struct mrt_record *record, struct mrt_bgp4mp *ret_bgp4mp,
		      struct error *e) MUST_CHECK;

/* "RIB_IPV4_UNICAST", "BGP4MP_MESSAGE_AS4"; NULL for what RFC 6396 and 8050 do not name. */
const char *mrt_record_name(uint16_t type, uint16_t subtype);

/* Each writes one whole record. With microseconds: MRT_BGP4MP_ET. */
void mrt_bgp4mp_encode(struct writer *w, const struct mrt_bgp4mp *bgp4mp, uint32_t time_s,
		       uint32_t time_us, bool with_microseconds);
void mrt_peer_index_encode(struct writer *w, uint32_t time_s, uint32_t collector_id,
			   const char *view_name, const struct mrt_peer *peers, uint16_t count);
void mrt_geo_table_encode(struct writer *w, uint32_t time_s, uint32_t collector_id,
			  const struct mrt_place *collector, const struct mrt_geo_peer *peers,
			  uint16_t count);
/* The subtype follows from afi, safi and addpath; `entries` in an array. With id_in_nlri, which is
 * for generic records only, their path identifiers are not written. */
void mrt_rib_encode(struct writer *w, uint32_t time_s, const struct mrt_rib *rib,
		    const struct mrt_rib_entry *entries, uint16_t count);

void mrt_table_dump_encode(struct writer *w, uint32_t time_s, const struct mrt_table_dump *dump);

#endif
