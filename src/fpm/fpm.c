/*
 * fpm: the Forwarding Plane Manager protocol.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The framing is FRR's fpm/fpm.h (public, and what other stations read); the content is ours.
 */
#include "fpm/fpm.h"

#define FPM_VERSION 1
#define FPM_TYPE_NETLINK 1
#define FPM_HEADER_BYTES 4

static size_t fpm_begin(struct buf *buf)
{
	static const uint8_t header[FPM_HEADER_BYTES] = { FPM_VERSION, FPM_TYPE_NETLINK, 0, 0 };
	size_t start = buf->length;

	buf_add(buf, header, sizeof(header));
	return start;
}

static void fpm_end(struct buf *buf, size_t start)
{
	size_t length = buf->length - start;

	if (buf->overflowed)
		return;
	assert(length <= UINT16_MAX);
	buf->data[start + 2] = (char)(length >> 8);
	buf->data[start + 3] = (char)length;
}

void fpm_put_nexthop(struct buf *buf, enum rtnl_verb verb, const struct rtnl_nexthop *nexthop)
{
	size_t start = fpm_begin(buf);

	rtnl_nexthop_put(buf, verb, nexthop);
	fpm_end(buf, start);
}

void fpm_put_route(struct buf *buf, enum rtnl_verb verb, const struct rtnl_route *route)
{
	size_t start = fpm_begin(buf);

	rtnl_route_put(buf, verb, route);
	fpm_end(buf, start);
}

void fpm_put_end_of_rib(struct buf *buf, uint32_t table)
{
	size_t start = fpm_begin(buf);

	rtnl_route_put_done(buf, table);
	fpm_end(buf, start);
}

static int fpm_decode_message(const struct rtnl_message *message, struct fpm_event *event)
{
	event->kind = FPM_OTHER;
	switch (message->type) {
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		event->kind = message->type == RTM_NEWNEXTHOP ? FPM_NEXTHOP : FPM_NEXTHOP_DELETE;
		if (rtnl_nexthop_parse(message, &event->nexthop) < 0)
			return -1;
		event->table = event->nexthop.table;
		return 0;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		event->kind = message->type == RTM_NEWROUTE ? FPM_ROUTE : FPM_ROUTE_DELETE;
		if (rtnl_route_parse(message, &event->route) < 0)
			return -1;
		event->table = event->route.table;
		return 0;
	case NLMSG_DONE:
		event->kind = FPM_END_OF_RIB;
		return rtnl_route_parse_done(message, &event->table);
	default:
		return 0;
	}
}

int fpm_decode(const void *bytes, size_t length, size_t *ret_used, struct fpm_event *ret_event,
	       struct error *e)
{
	struct reader r = reader_of(bytes, length);
	struct fpm_event event = { 0 };
	struct rtnl_message message;
	struct reader body;
	unsigned version, type;
	size_t frame;

	if (length < FPM_HEADER_BYTES)
		return 0;
	version = reader_u8(&r);
	type = reader_u8(&r);
	frame = reader_u16(&r);
	if (version != FPM_VERSION || type != FPM_TYPE_NETLINK)
		return error_set(e, "FPM frame of version %u and type %u, expected 1 and 1",
				 version, type);
	if (frame < FPM_HEADER_BYTES + sizeof(struct nlmsghdr))
		return error_set(e, "FPM frame of %zu octets holds no netlink message", frame);
	if (length < frame)
		return 0;
	body = reader_sub(&r, frame - FPM_HEADER_BYTES);
	if (rtnl_message_next(&body, &message) != 1)
		return error_set(e, "FPM frame whose netlink length is not its own");
	if (fpm_decode_message(&message, &event) < 0)
		return error_set(e, "FPM netlink message of type %u has a wrong attribute",
				 (unsigned)message.type);
	*ret_used = frame;
	*ret_event = event;
	return 1;
}
