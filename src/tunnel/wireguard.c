/*
 * wireguard: WireGuard tunnels: the kernel's own, or wireguard-go in user space.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's is told by wg(8), with the configuration on its standard input. wireguard-go is told
 * over its own socket, /var/run/wireguard/DEVICE.sock, which stays in place when the device moves
 * to another namespace. wireguard-go puts itself in the background and outlives the agent.
 */
#include "tunnel/tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "os/unixsock.h"
#include "rtnl/link.h"
#include "tunnel/spawn.h"
#include "tunnel/uapi.h"

#define WIREGUARD_FOLDER "/var/run/wireguard"
#define WIREGUARD_ANSWER_MAX 65536
#define WIREGUARD_TIMEOUT_MS 1000
#define WIREGUARD_PROBE "hwgprobe"

/* --- the kernel's --- */

/* Sends one rtnetlink request about a device of kind "wireguard" in the present namespace. Returns
 * 0 or a positive errno. */
static int kernel_link(enum rtnl_verb verb, const char *device)
{
	struct rtnl_link link = { .kind = "wireguard" };
	struct rtnl_message message;
	struct rtnl_ack ack;
	struct buf buf;
	uint8_t bytes[4096];
	struct reader r;
	ssize_t length;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), code = EIO;

	if (fd < 0)
		return errno;
	snprintf(link.name, sizeof(link.name), "%s", device);
	buf_init(&buf, 0);
	rtnl_link_put(&buf, verb, &link);
	if (send(fd, buf.data, buf.length, 0) >= 0) {
		length = recv(fd, bytes, sizeof(bytes), 0);
		r = reader_of(bytes, length > 0 ? (size_t)length : 0);
		if (rtnl_message_next(&r, &message) == 1 && rtnl_ack_parse(&message, &ack) == 0)
			code = ack.code;
	}
	buf_done(&buf);
	close(fd);
	return code;
}

static bool kernel_is_available(void)
{
	int code = kernel_link(RTNL_CREATE, WIREGUARD_PROBE);

	if (code == 0)
		kernel_link(RTNL_DELETE, WIREGUARD_PROBE);
	return (code == 0 || code == EEXIST) && spawn_has("wg");
}

static pid_t kernel_create(const char *device, struct error *e)
{
	int code = kernel_link(RTNL_CREATE, device);

	if (code != 0 && code != EEXIST)
		return error_set(e, "making the WireGuard device %s: %s", device, strerror(code));
	return 0;
}

static int kernel_configure(const char *device, int netns_fd, const struct tunnel_config *config,
			    struct error *e)
{
	const char *const argv[] = { "wg", "setconf", device, "/dev/stdin", NULL };
	struct buf input;
	int result;

	buf_init(&input, WIREGUARD_ANSWER_MAX);
	uapi_put_wg_conf(&input, config);
	result = spawn_run(argv, netns_fd, &input, NULL, e);
	explicit_bzero(input.data, input.length);
	buf_done(&input);
	return result;
}

static int kernel_read(const char *device, int netns_fd, struct tunnel_state *ret_state,
		       struct error *e)
{
	const char *const argv[] = { "wg", "show", device, "dump", NULL };
	struct buf output;
	int result;

	buf_init(&output, WIREGUARD_ANSWER_MAX);
	result = spawn_run(argv, netns_fd, NULL, &output, e);
	if (result == 0)
		result = uapi_parse_wg_dump(buf_text(&output), ret_state, e);
	if (output.data != NULL)
		explicit_bzero(output.data, output.length);
	buf_done(&output);
	return result;
}

const struct tunnel_driver tunnel_wireguard_kernel = {
	.name = "wireguard",
	.is_available = kernel_is_available,
	.create = kernel_create,
	.configure = kernel_configure,
	.read = kernel_read,
};

/* --- wireguard-go --- */

static bool go_is_available(void)
{
	return spawn_has("wireguard-go") && access("/dev/net/tun", F_OK) == 0;
}

static int go_connect(const char *device, struct error *e)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s.sock", WIREGUARD_FOLDER, device);
	return unixsock_connect(path, SOCK_STREAM, e);
}

static pid_t go_create(const char *device, struct error *e)
{
	const char *const argv[] = { "wireguard-go", device, NULL };
	int fd = go_connect(device, NULL);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	return spawn_start(argv, e);
}

/* Waiting for the answer is bounded by the socket's own timeouts. */
static int go_set_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/* One request and its answer; the answers of wireguard-go come at once. */
static int go_ask(const char *device, const struct buf *request, struct buf *answer,
		  struct error *e)
{
	struct timeval timeout = { .tv_usec = WIREGUARD_TIMEOUT_MS * 1000 % 1000000,
				   .tv_sec = WIREGUARD_TIMEOUT_MS / 1000 };
	int fd = go_connect(device, e), result = -1;
	ssize_t count = 0;
	char bytes[4096];

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (go_set_blocking(fd) < 0 ||
	    unixsock_send(fd, request->data, request->length, -1) != (ssize_t)request->length) {
		error_set(e, "WireGuard of %s: %s", device, strerror(errno));
		goto out;
	}
	while (strstr(buf_text(answer), "\n\n") == NULL) {
		count = recv(fd, bytes, sizeof(bytes), 0);
		if (count <= 0)
			break;
		buf_add(answer, bytes, (size_t)count);
	}
	result = count > 0 ? 0
			   : error_set(e, "WireGuard of %s: %s", device,
				       count == 0 ? "no answer" : strerror(errno));
	explicit_bzero(bytes, sizeof(bytes));
out:
	close(fd);
	return result;
}

static int go_configure(const char *device, int netns_fd UNUSED, const struct tunnel_config *config,
			struct error *e)
{
	struct buf request, answer;
	int result;

	buf_init(&request, WIREGUARD_ANSWER_MAX);
	buf_init(&answer, WIREGUARD_ANSWER_MAX);
	uapi_put_set(&request, config);
	result = go_ask(device, &request, &answer, e);
	if (result == 0)
		result = uapi_parse_set(buf_text(&answer), e);
	explicit_bzero(request.data, request.length);
	buf_done(&request);
	buf_done(&answer);
	return result;
}

static int go_read(const char *device, int netns_fd UNUSED, struct tunnel_state *ret_state,
		   struct error *e)
{
	struct buf request, answer;
	int result;

	buf_init(&request, WIREGUARD_ANSWER_MAX);
	buf_init(&answer, WIREGUARD_ANSWER_MAX);
	buf_add_text(&request, "get=1\n\n");
	result = go_ask(device, &request, &answer, e);
	if (result == 0)
		result = uapi_parse_get(buf_text(&answer), ret_state, e);
	if (answer.data != NULL)
		explicit_bzero(answer.data, answer.length);
	buf_done(&request);
	buf_done(&answer);
	return result;
}

const struct tunnel_driver tunnel_wireguard_go = {
	.name = "wireguard-go",
	.is_available = go_is_available,
	.create = go_create,
	.configure = go_configure,
	.read = go_read,
};

const struct tunnel_driver *tunnel_wireguard(struct error *e)
{
	static const struct tunnel_driver *found;

	if (found == NULL && tunnel_wireguard_kernel.is_available())
		found = &tunnel_wireguard_kernel;
	if (found == NULL && tunnel_wireguard_go.is_available())
		found = &tunnel_wireguard_go;
	if (found == NULL)
		error_set(e, "this machine has neither WireGuard in the kernel (with wg) nor "
			     "wireguard-go (with /dev/net/tun)");
	return found;
}
