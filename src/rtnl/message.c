/*
 * message: the frame of rtnetlink.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3549; linux/netlink.h. The kernel speaks in host order, so values are copied, not shifted.
 */
#include "rtnl/message.h"

#define RTNL_ALIGN(length) (((length) + 3u) & ~(size_t)3u)

int rtnl_message_next(struct reader *r, struct rtnl_message *ret_message)
{
	struct nlmsghdr header;
	size_t length, padding;

	if (r->failed)
		return -1;
	if (reader_left(r) == 0)
		return 0;
	reader_copy(r, &header, sizeof(header));
	if (r->failed || header.nlmsg_len < sizeof(header))
		return -1;
	length = header.nlmsg_len - sizeof(header);
	ret_message->type = header.nlmsg_type;
	ret_message->flags = header.nlmsg_flags;
	ret_message->sequence = header.nlmsg_seq;
	ret_message->body = reader_sub(r, length);
	if (r->failed)
		return -1;
	padding = RTNL_ALIGN(length) - length;
	reader_bytes(r, MIN(padding, reader_left(r)));
	return 1;
}

int rtnl_ack_parse(const struct rtnl_message *message, struct rtnl_ack *ret_ack)
{
	struct reader r = message->body;
	struct rtnl_ack ack = { .sequence = message->sequence };
	struct rtnl_attrs attrs;
	int32_t code;

	reader_copy(&r, &code, sizeof(code));
	if (r.failed || code > 0 || code < -4095)
		return -1;
	ack.code = -code;
	if (message->type == NLMSG_ERROR) {
		struct nlmsghdr request;
		size_t rest = 0;

		/* The request's header follows; its body too, unless the socket caps it. */
		reader_copy(&r, &request, sizeof(request));
		if ((message->flags & NLM_F_CAPPED) == 0 && request.nlmsg_len > sizeof(request))
			rest = RTNL_ALIGN(request.nlmsg_len) - sizeof(request);
		reader_bytes(&r, MIN(rest, reader_left(&r)));
	}
	if ((message->flags & NLM_F_ACK_TLVS) != 0 && rtnl_attrs_parse(&r, &attrs) == 0)
		rtnl_attrs_text(&attrs, NLMSGERR_ATTR_MSG, ack.text, sizeof(ack.text));
	*ret_ack = ack;
	return 0;
}

uint16_t rtnl_verb_flags(enum rtnl_verb verb)
{
	static const uint16_t flags[] = {
		[RTNL_CREATE] = NLM_F_CREATE | NLM_F_EXCL,
		[RTNL_REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
		[RTNL_CHANGE] = 0,
		[RTNL_DELETE] = 0,
	};

	return (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags[verb]);
}

size_t rtnl_message_begin(struct buf *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr header = { .nlmsg_type = type, .nlmsg_flags = flags };
	size_t start = buf->length;

	buf_add(buf, &header, sizeof(header));
	return start;
}

void rtnl_message_end(struct buf *buf, size_t start)
{
	uint32_t length = (uint32_t)(buf->length - start);

	if (buf->overflowed)
		return;
	memcpy(buf->data + start + offsetof(struct nlmsghdr, nlmsg_len), &length, sizeof(length));
}

void rtnl_message_set_sequence(struct buf *buf, size_t start, uint32_t sequence)
{
	memcpy(buf->data + start + offsetof(struct nlmsghdr, nlmsg_seq), &sequence,
	       sizeof(sequence));
}

void rtnl_dump_put(struct buf *buf, uint16_t type, uint8_t family)
{
	/* Strict checking wants the full header of each kind, zero but for the family. */
	static const uint8_t zero[32];
	size_t body = type == RTM_GETLINK      ? sizeof(struct ifinfomsg)
		      : type == RTM_GETADDR    ? sizeof(struct ifaddrmsg)
		      : type == RTM_GETNEXTHOP ? 8 /* struct nhmsg */
		      : type == RTM_GETNEIGH   ? sizeof(struct ndmsg)
					       : sizeof(struct rtmsg); /* routes and rules */
	size_t start = rtnl_message_begin(buf, type, NLM_F_REQUEST | NLM_F_DUMP);

	buf_add(buf, &family, 1);
	buf_add(buf, zero, body - 1);
	rtnl_message_end(buf, start);
}

void rtnl_attr_put(struct buf *buf, uint16_t type, const void *bytes, size_t length)
{
	static const uint8_t zero[4];
	struct rtattr header = { .rta_len = (uint16_t)(sizeof(header) + length), .rta_type = type };

	assert(length <= UINT16_MAX - sizeof(header));
	buf_add(buf, &header, sizeof(header));
	if (length != 0)
		buf_add(buf, bytes, length);
	if (RTNL_ALIGN(length) != length)
		buf_add(buf, zero, RTNL_ALIGN(length) - length);
}

void rtnl_attr_put_u8(struct buf *buf, uint16_t type, uint8_t value)
{
	rtnl_attr_put(buf, type, &value, sizeof(value));
}

void rtnl_attr_put_u16(struct buf *buf, uint16_t type, uint16_t value)
{
	rtnl_attr_put(buf, type, &value, sizeof(value));
}

void rtnl_attr_put_u16_net(struct buf *buf, uint16_t type, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	rtnl_attr_put(buf, type, bytes, sizeof(bytes));
}

void rtnl_attr_put_u32(struct buf *buf, uint16_t type, uint32_t value)
{
	rtnl_attr_put(buf, type, &value, sizeof(value));
}

void rtnl_attr_put_text(struct buf *buf, uint16_t type, const char *text)
{
	rtnl_attr_put(buf, type, text, strlen(text) + 1);
}

void rtnl_attr_put_addr(struct buf *buf, uint16_t type, const struct ip_addr *addr)
{
	rtnl_attr_put(buf, type, addr->bytes, ip_family_bytes(addr->family));
}

size_t rtnl_attr_begin(struct buf *buf, uint16_t type)
{
	size_t start = buf->length;

	rtnl_attr_put(buf, type, NULL, 0);
	return start;
}

void rtnl_attr_end(struct buf *buf, size_t start)
{
	uint16_t length = (uint16_t)(buf->length - start);

	if (buf->overflowed)
		return;
	memcpy(buf->data + start + offsetof(struct rtattr, rta_len), &length, sizeof(length));
}

int rtnl_attrs_parse(struct reader *r, struct rtnl_attrs *ret_attrs)
{
	memset(ret_attrs, 0, sizeof(*ret_attrs));
	while (!r->failed && reader_left(r) != 0) {
		struct rtattr header;
		struct reader value;
		size_t length, padding;
		unsigned type;

		reader_copy(r, &header, sizeof(header));
		if (r->failed || header.rta_len < sizeof(header))
			return -1;
		length = header.rta_len - sizeof(header);
		value = reader_sub(r, length);
		if (r->failed)
			return -1;
		padding = RTNL_ALIGN(length) - length;
		reader_bytes(r, MIN(padding, reader_left(r)));
		type = header.rta_type & (unsigned)NLA_TYPE_MASK;
		if (type < RTNL_ATTRS_MAX)
			ret_attrs->of[type] = value;
	}
	return r->failed ? -1 : 0;
}

bool rtnl_attrs_has(const struct rtnl_attrs *attrs, unsigned type)
{
	return attrs->of[type].start != NULL;
}

static void rtnl_attrs_copy(const struct rtnl_attrs *attrs, unsigned type, void *to, size_t length)
{
	struct reader r = attrs->of[type];

	reader_copy(&r, to, length);
}

uint32_t rtnl_attrs_u32(const struct rtnl_attrs *attrs, unsigned type)
{
	uint32_t value;

	rtnl_attrs_copy(attrs, type, &value, sizeof(value));
	return value;
}

uint16_t rtnl_attrs_u16(const struct rtnl_attrs *attrs, unsigned type)
{
	uint16_t value;

	rtnl_attrs_copy(attrs, type, &value, sizeof(value));
	return value;
}

uint16_t rtnl_attrs_u16_net(const struct rtnl_attrs *attrs, unsigned type)
{
	struct reader r = attrs->of[type];

	return reader_u16(&r);
}

uint8_t rtnl_attrs_u8(const struct rtnl_attrs *attrs, unsigned type)
{
	struct reader r = attrs->of[type];

	return reader_u8(&r);
}

void rtnl_attrs_text(const struct rtnl_attrs *attrs, unsigned type, char *ret_text, size_t capacity)
{
	struct reader r = attrs->of[type];
	size_t length = strnlen(r.start == NULL ? "" : (const char *)r.start, reader_left(&r));

	length = MIN(length, capacity - 1);
	reader_copy(&r, ret_text, length);
	ret_text[length] = '\0';
}

struct ip_addr rtnl_attrs_addr(const struct rtnl_attrs *attrs, unsigned type)
{
	struct reader r = attrs->of[type];
	struct ip_addr addr = { 0 };

	if (reader_left(&r) != 4 && reader_left(&r) != 16)
		return addr;
	addr.family = reader_left(&r) == 4 ? IP_V4 : IP_V6;
	reader_copy(&r, addr.bytes, reader_left(&r));
	return addr;
}
