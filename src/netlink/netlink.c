/*
 * netlink: rtnetlink sockets of a namespace, over libmnl.
 * SPDX-License-Identifier: Apache-2.0
 *
 * rtnetlink does a request while it is sent, so the acknowledgements of a batch wait in the receive
 * buffer when the send returns; the batch is bounded so that they fit there.
 */
#include "netlink/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/netns.h"

#define NETLINK_BATCH_MESSAGES_MAX 512
#define NETLINK_BATCH_BYTES_MAX 65536
#define NETLINK_RECEIVE_BYTES 65536
#define NETLINK_SOCKET_BUFFER_BYTES (4 * 1024 * 1024)
#define NETLINK_TIMEOUT_SECONDS 5

struct netlink {
	struct mnl_socket *socket;
	struct buf out;
	size_t begun;	   /* offset of the message that is being put */
	uint32_t sequence; /* of the last message */
	uint64_t cookies[NETLINK_BATCH_MESSAGES_MAX];
	bool answered[NETLINK_BATCH_MESSAGES_MAX];
	size_t count;
	uint8_t in[NETLINK_RECEIVE_BYTES];
};

static struct mnl_socket *netlink_socket(int netns_fd, uint32_t groups, int flags, struct error *e)
{
	int home_fd = netns_fd >= 0 ? netns_visit(netns_fd, e) : -1;
	int on = 1, bytes = NETLINK_SOCKET_BUFFER_BYTES;
	struct mnl_socket *sock;

	if (netns_fd >= 0 && home_fd < 0)
		return NULL;
	sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);
	if (home_fd >= 0)
		netns_leave(home_fd);
	if (sock == NULL) {
		error_set(e, "netlink socket: %s", strerror(errno));
		return NULL;
	}
	setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	mnl_socket_setsockopt(sock, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (mnl_socket_bind(sock, groups, MNL_SOCKET_AUTOPID) < 0) {
		error_set(e, "netlink bind: %s", strerror(errno));
		mnl_socket_close(sock);
		return NULL;
	}
	return sock;
}

struct netlink *netlink_open(int netns_fd, struct error *e)
{
	struct mnl_socket *sock = netlink_socket(netns_fd, 0, 0, e);
	struct timeval timeout = { .tv_sec = NETLINK_TIMEOUT_SECONDS };
	struct netlink *nl;

	if (sock == NULL)
		return NULL;
	setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	nl = mem_zalloc(sizeof(*nl));
	nl->socket = sock;
	buf_init(&nl->out, 4 * NETLINK_BATCH_BYTES_MAX);
	return nl;
}

void netlink_close(struct netlink *nl)
{
	if (nl == NULL)
		return;
	mnl_socket_close(nl->socket);
	buf_done(&nl->out);
	mem_free(nl);
}

struct buf *netlink_begin(struct netlink *nl)
{
	assert(!netlink_is_full(nl));
	nl->begun = nl->out.length;
	return &nl->out;
}

void netlink_queue(struct netlink *nl, uint64_t cookie)
{
	assert(nl->out.length > nl->begun);
	rtnl_message_set_sequence(&nl->out, nl->begun, ++nl->sequence);
	nl->cookies[nl->count] = cookie;
	nl->answered[nl->count] = false;
	nl->count++;
}

bool netlink_is_full(const struct netlink *nl)
{
	return nl->count >= NETLINK_BATCH_MESSAGES_MAX || nl->out.length >= NETLINK_BATCH_BYTES_MAX;
}

/* Takes the acknowledgements of one datagram. Returns how many there were, or -1. */
static int netlink_take_acks(struct netlink *nl, size_t length, netlink_result_fn *call, void *arg)
{
	uint32_t first = nl->sequence - (uint32_t)nl->count + 1;
	struct reader r = reader_of(nl->in, length);
	struct rtnl_message message;
	struct rtnl_ack ack;
	int taken = 0, more;

	while ((more = rtnl_message_next(&r, &message)) == 1) {
		uint32_t index = message.sequence - first;

		if (message.type != NLMSG_ERROR || index >= nl->count || nl->answered[index])
			continue;
		if (rtnl_ack_parse(&message, &ack) < 0)
			return -1;
		nl->answered[index] = true;
		taken++;
		call(nl->cookies[index], ack.code, ack.text, arg);
	}
	return more < 0 ? -1 : taken;
}

int netlink_flush(struct netlink *nl, netlink_result_fn *call, void *arg, struct error *e)
{
	size_t waiting = nl->count;
	int result = 0;

	if (nl->count == 0)
		return 0;
	if (mnl_socket_sendto(nl->socket, nl->out.data, nl->out.length) < 0)
		result = error_set(e, "netlink send: %s", strerror(errno));
	while (result == 0 && waiting != 0) {
		ssize_t length = mnl_socket_recvfrom(nl->socket, nl->in, sizeof(nl->in));
		int taken = length < 0 ? -1 : netlink_take_acks(nl, (size_t)length, call, arg);

		if (taken < 0 && errno != EINTR)
			result = error_set(e, "netlink receive: %s", strerror(errno));
		else if (taken > 0)
			waiting -= (size_t)taken;
	}
	for (size_t i = 0; i < nl->count; i++) {
		if (!nl->answered[i])
			call(nl->cookies[i], EIO, "the netlink socket failed", arg);
	}
	nl->count = 0;
	buf_clear(&nl->out);
	return result;
}

/* One datagram of a dump. Returns 1 at its end, 0 when more comes, -1 with words. */
static int netlink_take_dump(struct netlink *nl, size_t length, netlink_message_fn *call, void *arg,
			     struct error *e)
{
	struct reader r = reader_of(nl->in, length);
	struct rtnl_message message;
	struct rtnl_ack ack = { 0 };
	int more;

	while ((more = rtnl_message_next(&r, &message)) == 1) {
		if (message.sequence != nl->sequence)
			continue;
		if (message.type == NLMSG_DONE || message.type == NLMSG_ERROR) {
			if (rtnl_ack_parse(&message, &ack) == 0 && ack.code != 0)
				return error_set(e, "netlink dump: %s %s", strerror(ack.code),
						 ack.text);
			return 1;
		}
		call(&message, arg);
	}
	return more < 0 ? error_set(e, "netlink dump: malformed message") : 0;
}

int netlink_dump(struct netlink *nl, uint16_t type, uint8_t family, netlink_message_fn *call,
		 void *arg, struct error *e)
{
	int done = 0;

	assert(nl->count == 0);
	rtnl_dump_put(&nl->out, type, family);
	rtnl_message_set_sequence(&nl->out, 0, ++nl->sequence);
	if (mnl_socket_sendto(nl->socket, nl->out.data, nl->out.length) < 0)
		done = error_set(e, "netlink send: %s", strerror(errno));
	buf_clear(&nl->out);
	while (done == 0) {
		ssize_t length = mnl_socket_recvfrom(nl->socket, nl->in, sizeof(nl->in));

		if (length < 0 && errno == EINTR)
			continue;
		done = length < 0 ? error_set(e, "netlink receive: %s", strerror(errno))
				  : netlink_take_dump(nl, (size_t)length, call, arg, e);
	}
	return done < 0 ? -1 : 0;
}

int netlink_monitor_open(int netns_fd, uint32_t groups, struct error *e)
{
	struct mnl_socket *sock = netlink_socket(netns_fd, groups, SOCK_NONBLOCK, e);
	int fd;

	if (sock == NULL)
		return -1;
	fd = fcntl(mnl_socket_get_fd(sock), F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		error_set(e, "netlink monitor: %s", strerror(errno));
	mnl_socket_close(sock);
	return fd;
}

int netlink_monitor_read(int fd, netlink_message_fn *call, void *arg)
{
	uint8_t bytes[32768];

	for (;;) {
		ssize_t length = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		struct reader r;
		struct rtnl_message message;

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return length < 0 && errno == EAGAIN ? 0 : -1;
		r = reader_of(bytes, (size_t)length);
		while (rtnl_message_next(&r, &message) == 1)
			call(&message, arg);
	}
}
