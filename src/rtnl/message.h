/*
 * message: the frame of rtnetlink: headers, attributes, acknowledgements, dump requests.
 * SPDX-License-Identifier: Apache-2.0
 *
 * rtnetlink (RFC 3549, linux/rtnetlink.h) is written here as bytes into a buf and read from bytes,
 * without a socket: `netlink/` sends it to the kernel, `fpm/` to another program. Numbers are in
 * host order, addresses in network order. One file per kind of object: link, addr, route, nexthop,
 * neigh, rule; each has a plain struct, a `_put` that appends one message and a `_parse`.
 *
 * Must not know: where bytes go, what the objects are for.
 */
#ifndef RTNL_MESSAGE_H
#define RTNL_MESSAGE_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/reader.h"

/* What a message asks for. Each also asks for an acknowledgement. */
enum rtnl_verb {
	RTNL_CREATE,  /* fails when it exists */
	RTNL_REPLACE, /* made, or replaced in place */
	RTNL_CHANGE,  /* must exist */
	RTNL_DELETE,
};

struct rtnl_message {
	uint16_t type; /* RTM_*, NLMSG_* */
	uint16_t flags;
	uint32_t sequence;
	struct reader body; /* points into the bytes that were read */
};

/* Reads the next message. Returns 1, 0 at the end, -1 when the bytes are no messages. */
int rtnl_message_next(struct reader *r, struct rtnl_message *ret_message) MUST_CHECK;

#define RTNL_ACK_TEXT_MAX 160

struct rtnl_ack {
	int code; /* 0, or a positive errno */
	uint32_t sequence;
	char text[RTNL_ACK_TEXT_MAX]; /* the kernel's words (extended ACK); "" when it has none */
};

/* Reads an NLMSG_ERROR message (also the acknowledgement of success, and a failed NLMSG_DONE). */
int rtnl_ack_parse(const struct rtnl_message *message, struct rtnl_ack *ret_ack) MUST_CHECK;

/* Building: a message is begun, filled and ended. The sequence number is 0 until
 * rtnl_message_set_sequence. `start` is the message's offset in the buffer. */
size_t rtnl_message_begin(struct buf *buf, uint16_t type, uint16_t flags);
void rtnl_message_end(struct buf *buf, size_t start);
void rtnl_message_set_sequence(struct buf *buf, size_t start, uint32_t sequence);
/* NLM_F_REQUEST, NLM_F_ACK and what the verb needs. */
uint16_t rtnl_verb_flags(enum rtnl_verb verb);

/* Appends the request that dumps all objects of an RTM_GET type (`RTM_GETLINK`, …), of one address
 * family or of all (AF_UNSPEC; PF_BRIDGE with RTM_GETNEIGH dumps forwarding databases). */
void rtnl_dump_put(struct buf *buf, uint16_t type, uint8_t family);

/* Attributes. */
void rtnl_attr_put(struct buf *buf, uint16_t type, const void *bytes, size_t length);
void rtnl_attr_put_u8(struct buf *buf, uint16_t type, uint8_t value);
void rtnl_attr_put_u16(struct buf *buf, uint16_t type, uint16_t value);
void rtnl_attr_put_u16_net(struct buf *buf, uint16_t type, uint16_t value);
void rtnl_attr_put_u32(struct buf *buf, uint16_t type, uint32_t value);
void rtnl_attr_put_text(struct buf *buf, uint16_t type, const char *text);
void rtnl_attr_put_addr(struct buf *buf, uint16_t type, const struct ip_addr *addr);
size_t rtnl_attr_begin(struct buf *buf, uint16_t type);
void rtnl_attr_end(struct buf *buf, size_t start);

#define RTNL_ATTRS_MAX 64

/* The attributes of one level, by type; a type that is not there has an empty reader with a NULL
 * `next`. Types from RTNL_ATTRS_MAX on are skipped. */
struct rtnl_attrs {
	struct reader of[RTNL_ATTRS_MAX];
};

/* Reads all that is left in r. Returns 0, or -1 when a length does not add up. */
int rtnl_attrs_parse(struct reader *r, struct rtnl_attrs *ret_attrs) MUST_CHECK;
bool rtnl_attrs_has(const struct rtnl_attrs *attrs, unsigned type);
/* The value, or 0 when it is absent or shorter. */
uint32_t rtnl_attrs_u32(const struct rtnl_attrs *attrs, unsigned type);
uint16_t rtnl_attrs_u16(const struct rtnl_attrs *attrs, unsigned type);
uint16_t rtnl_attrs_u16_net(const struct rtnl_attrs *attrs, unsigned type);
uint8_t rtnl_attrs_u8(const struct rtnl_attrs *attrs, unsigned type);
/* Copies a text, cut at `capacity` - 1; "" when absent. */
void rtnl_attrs_text(const struct rtnl_attrs *attrs, unsigned type, char *ret_text,
		     size_t capacity);
/* An address of 4 or 16 octets; family IP_NONE when absent or of another length. */
struct ip_addr rtnl_attrs_addr(const struct rtnl_attrs *attrs, unsigned type);

#endif
