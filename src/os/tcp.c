/*
 * tcp: TCP sockets for BGP: listen, connect, accept, and their options.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/reader.h"

#define OPTION_MD5 19 /* RFC 2385 */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

static socklen_t address_of(const struct ip_addr *ip, uint16_t port, union address *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (ip->family == IP_V6) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(port);
		memcpy(&ret->v6.sin6_addr, ip->bytes, 16);
		return sizeof(ret->v6);
	}
	ret->v4.sin_family = AF_INET;
	ret->v4.sin_port = htons(port);
	memcpy(&ret->v4.sin_addr, ip->bytes, 4);
	return sizeof(ret->v4);
}

/* IPv4 seen through an IPv6 socket is IPv4. */
static struct ip_addr ip_of(const union address *address)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	const uint8_t *bytes;

	if (address->any.sa_family == AF_INET)
		return ip_addr_of(IP_V4, (const uint8_t *)&address->v4.sin_addr);
	if (address->any.sa_family != AF_INET6)
		return (struct ip_addr){ 0 };
	bytes = (const uint8_t *)&address->v6.sin6_addr;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return ip_addr_of(IP_V4, bytes + 12);
	return ip_addr_of(IP_V6, bytes);
}

static int set_flag(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int fail_close(int fd, struct error *e, const char *what)
{
	int saved = errno;

	close(fd);
	return error_set(e, "%s: %s", what, strerror(saved));
}

/* What an operator can do about it. */
static const char *listen_hint(int error)
{
	switch (error) {
	case EADDRNOTAVAIL:
		return " (no interface has this address)";
	case EADDRINUSE:
		return " (does another BGP daemon run?)";
	case EACCES:
		return " (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
	default:
		return "";
	}
}

int tcp_listen(const struct ip_addr *address, uint16_t port, int backlog, struct error *e)
{
	char text[IP_TEXT_MAX], what[IP_TEXT_MAX + 32];
	union address bound;
	socklen_t length = address_of(address, port, &bound);
	int fd = socket(bound.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(what, sizeof(what), "listen on %s port %u", ip_addr_format(address, text), port);
	if (fd < 0)
		return error_set(e, "%s: %s", what, strerror(errno));
	if (address->family == IP_V6 && set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) < 0)
		return fail_close(fd, e, what);
	/* What is set here, accepted sockets inherit. */
	if (set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0 ||
	    set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0 || bind(fd, &bound.any, length) < 0 ||
	    listen(fd, backlog) < 0) {
		const char *hint = listen_hint(errno);

		error_set(e, "%s: %s%s", what, strerror(errno), hint);
		close(fd);
		return -1;
	}
	return fd;
}

int tcp_set_ttl(int fd, uint8_t family, uint8_t ttl)
{
	if (ttl == 0)
		return 0;
	return family == IP_V6 ? set_flag(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)
			       : set_flag(fd, IPPROTO_IP, IP_TTL, ttl);
}

int tcp_set_ttl_max(int listen_fd)
{
	int domain = 0;
	socklen_t length = sizeof(domain);

	if (getsockopt(listen_fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
		return -1;
	if (domain == AF_INET6 && tcp_set_ttl(listen_fd, IP_V6, UINT8_MAX) < 0)
		return -1;
	return tcp_set_ttl(listen_fd, IP_V4, UINT8_MAX);
}

int tcp_set_ttl_min(int fd, uint8_t ttl_min)
{
	int domain = 0;
	socklen_t length = sizeof(domain);

	if (ttl_min == 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
		return -1;
	if (domain == AF_INET6 && set_flag(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, ttl_min) < 0)
		return -1;
	/* An IPv6 socket may carry IPv4, which the kernel measures by the other one. */
	return set_flag(fd, IPPROTO_IP, IP_MINTTL, ttl_min);
}

int tcp_save_syn(int listen_fd)
{
	return set_flag(listen_fd, IPPROTO_TCP, TCP_SAVE_SYN, 1);
}

static bool has_md5(struct reader options)
{
	while (reader_left(&options) != 0) {
		uint8_t kind = reader_u8(&options);

		if (kind == OPTION_MD5)
			return true;
		if (kind == TCPOPT_EOL)
			return false;
		if (kind != TCPOPT_NOP)
			reader_bytes(&options, (size_t)reader_u8(&options) - 2);
	}
	return false;
}

struct tcp_syn tcp_syn(int fd)
{
	uint8_t headers[256]; /* of IP and TCP, with options */
	socklen_t length = sizeof(headers);
	struct tcp_syn syn = { 0 };
	struct reader r, ip, tcp;
	bool v6;

	if (getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, headers, &length) < 0 || length < 20)
		return syn;
	v6 = headers[0] >> 4 == 6;
	r = reader_of(headers, length);
	ip = reader_sub(&r, v6 ? 40 : (size_t)(headers[0] & 15) * 4);
	if (v6)
		reader_bytes(&ip, 6); /* version to length */
	else
		reader_bytes(&ip, 8); /* version to fragment */
	if (v6 && reader_u8(&ip) != IPPROTO_TCP)
		return syn; /* extension headers, which nobody needs here */
	syn.ttl = reader_u8(&ip);
	reader_bytes(&r, 12); /* ports and numbers */
	length = (socklen_t)(reader_u8(&r) >> 4) * 4;
	reader_bytes(&r, 7); /* flags to urgent pointer */
	tcp = reader_sub(&r, length < 20 ? 0 : length - 20);
	syn.md5 = !tcp.failed && has_md5(tcp);
	return syn;
}

int tcp_connect(const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		uint8_t ttl, uint8_t ttl_min, const char *password, struct error *e)
{
	const struct ip_prefix peer = ip_prefix_host(remote);
	union address address;
	socklen_t length;
	int fd = socket(remote->family == IP_V6 ? AF_INET6 : AF_INET,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_set(e, "socket: %s", strerror(errno));
	if (set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0 ||
	    tcp_set_ttl(fd, remote->family, ttl) < 0 || tcp_set_ttl_min(fd, ttl_min) < 0)
		return fail_close(fd, e, "setsockopt");
	if (password != NULL && tcp_set_md5(fd, &peer, password, e) < 0) {
		close(fd);
		return -1;
	}
	if (local->family != IP_NONE) {
		length = address_of(local, 0, &address);
		if (set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0 ||
		    bind(fd, &address.any, length) < 0)
			return fail_close(fd, e, "bind to the local address");
	}
	length = address_of(remote, port, &address);
	if (connect(fd, &address.any, length) < 0 && errno != EINPROGRESS)
		return fail_close(fd, e, "connect");
	return fd;
}

int tcp_accept(int listen_fd, struct ip_addr *ret_local, struct ip_addr *ret_remote)
{
	union address remote;
	socklen_t length = sizeof(remote);
	int fd = accept4(listen_fd, &remote.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	*ret_remote = ip_of(&remote);
	*ret_local = tcp_local_address(fd);
	return fd;
}

int tcp_connect_result(int fd, struct error *e)
{
	int result = 0;
	socklen_t length = sizeof(result);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &length) < 0)
		result = errno;
	return result == 0 ? 0 : error_set(e, "connect: %s", strerror(result));
}

struct ip_addr tcp_local_address(int fd)
{
	union address local;
	socklen_t length = sizeof(local);

	if (getsockname(fd, &local.any, &length) < 0)
		return (struct ip_addr){ 0 };
	return ip_of(&local);
}

int tcp_set_md5(int fd, const struct ip_prefix *peers, const char *password, struct error *e)
{
	struct tcp_md5sig key = { .tcpm_flags = TCP_MD5SIG_FLAG_PREFIX,
				  .tcpm_prefixlen = peers->length };
	char text[IP_PREFIX_TEXT_MAX];
	union address address;
	size_t length = password == NULL ? 0 : strlen(password);
	socklen_t address_length = address_of(&peers->addr, 0, &address);
	int result;

	if (length > TCP_MD5SIG_MAXKEYLEN)
		return error_set(e, "TCP-MD5: the password is longer than %d octets",
				 TCP_MD5SIG_MAXKEYLEN);
	memcpy(&key.tcpm_addr, &address, address_length);
	key.tcpm_keylen = (uint16_t)length;
	if (length != 0)
		memcpy(key.tcpm_key, password, length);
	result = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &key, sizeof(key));
	explicit_bzero(&key, sizeof(key));
	if (result < 0 && !(password == NULL && errno == ENOENT))
		return error_set(e, "TCP-MD5 for %s: %s%s", ip_prefix_format(peers, text),
				 strerror(errno),
				 errno == ENOMEM ? " (net.core.optmem_max is too small)" : "");
	return 0;
}

int tcp_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

size_t tcp_raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			return 0;
	}
	return limit.rlim_cur;
}
