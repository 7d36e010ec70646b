/*
 * helio-bench-tenants: loads a reflector with many tenants at once, each with a few gateways.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every gateway is a session from an address of its own; all tenants announce the same prefixes, as
 * tenants do, and each UPDATE names its tenant in a community: a route that reaches another tenant
 * ends the run. It takes the time until every gateway holds exactly what the others of its tenant
 * announced, prints one JSON object, and then keeps the sessions up until its input ends, to say
 * which of them were lost meanwhile. One thread; it shares nothing with src/bgp.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/mem.h"
#include "session.h"
#include "usage.h"
#include "wire.h"

#define GATEWAYS_MAX 16u
#define PREFIXES_MAX 250u
#define PREFIXES_PER_SET 25u /* of one UPDATE */
#define CONNECTING_MAX 256u
#define SESSIONS_MAX 60000u
#define EVENTS_MAX 256
#define FEED_BYTES_MAX ((size_t)(PREFIXES_MAX / PREFIXES_PER_SET + 1) * 256)
#define READ_BYTES ((size_t)256 << 10)
#define TICK_MS 500

struct gateway {
	int fd;
	uint32_t number;
	enum session_state state;
	instant_t next_keepalive;
	uint32_t held; /* prefixes */
	uint8_t *tail; /* the beginning of a message */
	size_t tail_length;
	uint64_t prefixes[GATEWAYS_MAX * PREFIXES_MAX / 64 + 1];
};

struct load {
	uint32_t tenants, per_tenant, prefixes, timeout_seconds;
	struct sockaddr_in target;
	struct usage_watch daemon;
	struct gateway *gateways;
	size_t count, started, connecting, established, complete, lost;
	int epoll;
	bool feeding;
	uint8_t buffer[READ_BYTES];
};

struct outcome {
	double establish_seconds, seconds;
	struct usage start, up, full;
};

static uint32_t tenant_of(const struct load *load, const struct gateway *gateway)
{
	return gateway->number / load->per_tenant;
}

static uint32_t wanted(const struct load *load)
{
	return (load->per_tenant - 1) * load->prefixes;
}

static int set_lost(struct load *load, struct gateway *gateway, const char *why, struct error *e)
{
	char text[IP_TEXT_MAX];
	struct ip_addr address = ip_addr_v4(session_address(gateway->number));

	close(gateway->fd);
	gateway->fd = -1;
	gateway->state = SESSION_CLOSED;
	load->lost++;
	return error_set(e, "the session of %s: %s", ip_addr_format(&address, text), why);
}

static int start_one(struct load *load, struct error *e)
{
	struct gateway *gateway = &load->gateways[load->started];
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(session_address(gateway->number)) };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = gateway };
	int one = 1;

	gateway->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (gateway->fd < 0)
		return error_set(e, "socket: %s", strerror(errno));
	setsockopt(gateway->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(gateway->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(gateway->fd, (const struct sockaddr *)&own, sizeof(own)) < 0)
		return error_set(e, "bind to a session's address: %s", strerror(errno));
	if (connect(gateway->fd, (const struct sockaddr *)&load->target, sizeof(load->target)) <
		    0 &&
	    errno != EINPROGRESS)
		return error_set(e, "connect: %s", strerror(errno));
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, gateway->fd, &event) < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	gateway->state = SESSION_CONNECTING;
	load->started++;
	load->connecting++;
	return 0;
}

static int send_all(struct load *load, struct gateway *gateway, const struct writer *w,
		    struct error *e)
{
	assert(!w->failed);
	if (send(gateway->fd, w->start, writer_length(w), MSG_NOSIGNAL) ==
	    (ssize_t)writer_length(w))
		return 0;
	return set_lost(load, gateway, "it takes no more", e);
}

static int on_connected(struct load *load, struct gateway *gateway, struct error *e)
{
	struct wire_open open = { 65000, session_address(gateway->number), 240, false };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = gateway };
	uint8_t bytes[128];
	struct writer w = writer_of(bytes, sizeof(bytes));
	int failure = 0;
	socklen_t length = sizeof(failure);

	getsockopt(gateway->fd, SOL_SOCKET, SO_ERROR, &failure, &length);
	if (failure != 0)
		return set_lost(load, gateway, strerror(failure), e);
	wire_write_open(&w, &open);
	epoll_ctl(load->epoll, EPOLL_CTL_MOD, gateway->fd, &event);
	gateway->state = SESSION_OPEN_SENT;
	return send_all(load, gateway, &w, e);
}

static uint32_t prefix_address(uint32_t gateway, uint32_t number)
{
	return 20u << 24 | gateway << 16 | number << 8;
}

static void write_update(struct writer *w, const struct load *load, uint32_t gateway,
			 uint32_t tenant, uint32_t first)
{
	size_t offset = wire_begin(w, WIRE_UPDATE), attributes;

	writer_u16(w, 0);
	attributes = writer_length(w);
	writer_u16(w, 0);
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_ORIGIN, 1, 0 }, 4);
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_AS_PATH, 6, 2, 1 }, 5);
	writer_u32(w, 64512 + first);
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_NEXT_HOP, 4 }, 3);
	writer_u32(w, 10u << 24 | 1u << 16 | gateway);
	writer_bytes(w, (const uint8_t[]){ 0x40, WIRE_LOCAL_PREF, 4, 0, 0, 0, 100 }, 7);
	writer_bytes(w, (const uint8_t[]){ 0xc0, WIRE_COMMUNITIES, 4 }, 3);
	writer_u32(w, tenant);
	writer_patch_u16(w, attributes, (uint16_t)(writer_length(w) - attributes - 2));
	for (uint32_t i = first; i < load->prefixes && i < first + PREFIXES_PER_SET; i++) {
		writer_u8(w, 24);
		writer_u8(w, (uint8_t)(prefix_address(gateway, i) >> 24));
		writer_u16(w, (uint16_t)(prefix_address(gateway, i) >> 8));
	}
	wire_end(w, offset);
}

static int feed(struct load *load, struct gateway *gateway, struct error *e)
{
	uint8_t bytes[FEED_BYTES_MAX];
	struct writer w = writer_of(bytes, sizeof(bytes));

	for (uint32_t i = 0; i < load->prefixes; i += PREFIXES_PER_SET)
		write_update(&w, load, gateway->number % load->per_tenant, tenant_of(load, gateway),
			     i);
	wire_write_end_of_rib(&w);
	return send_all(load, gateway, &w, e);
}

static bool is_of_tenant(struct reader attributes, uint32_t tenant)
{
	struct wire_attribute_view view;

	while (wire_next_attribute(&attributes, &view)) {
		struct reader value = reader_of(view.value, view.length);

		if (view.type == WIRE_COMMUNITIES)
			return view.length == 4 && reader_u32(&value) == tenant;
	}
	return false;
}

static uint32_t index_of(const struct load *load, uint32_t address)
{
	return (address >> 16 & 0xff) * load->prefixes + (address >> 8 & 0xff);
}

static bool is_held(const struct load *load, const struct gateway *gateway, uint32_t address)
{
	uint32_t index = index_of(load, address);

	return index / 64 >= ARRAY_SIZE(gateway->prefixes) ||
	       (gateway->prefixes[index / 64] >> index % 64 & 1) != 0;
}

static int take_update(struct load *load, struct gateway *gateway, struct reader body,
		       struct error *e)
{
	struct wire_update update;
	uint64_t key;

	if (wire_split_update(body, &update, e) < 0)
		return -1;
	while (wire_next_prefix(&update.withdrawn, &key)) {
		if (is_held(load, gateway, (uint32_t)(key >> 6)))
			return set_lost(load, gateway, "a withdrawal, and nobody withdrew", e);
	}
	if (update.nlri.next == update.nlri.end)
		return 0; /* End-of-RIB */
	if (!is_of_tenant(update.attributes, tenant_of(load, gateway)))
		return set_lost(load, gateway, "a route of another tenant", e);
	while (wire_next_prefix(&update.nlri, &key)) {
		uint32_t address = (uint32_t)(key >> 6), from = address >> 16 & 0xff;
		uint32_t index = index_of(load, address);
		uint64_t bit = 1ull << index % 64;

		if ((key & 63) != 24 || from >= load->per_tenant ||
		    from == gateway->number % load->per_tenant || (address >> 24) != 20)
			return set_lost(load, gateway, "a prefix that is not for it", e);
		gateway->held += (gateway->prefixes[index / 64] & bit) == 0;
		gateway->prefixes[index / 64] |= bit;
	}
	load->complete += gateway->held == wanted(load);
	return 0;
}

static int take_message(struct load *load, struct gateway *gateway,
			const struct wire_message *message, struct error *e)
{
	uint8_t bytes[WIRE_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));

	switch (message->type) {
	case WIRE_OPEN:
		wire_write_keepalive(&w);
		gateway->state = SESSION_OPEN_CONFIRM;
		return send_all(load, gateway, &w, e);
	case WIRE_KEEPALIVE:
		if (gateway->state != SESSION_OPEN_CONFIRM)
			return 0;
		gateway->state = SESSION_ESTABLISHED;
		gateway->next_keepalive = instant_add(session_clock(), duration_seconds(60));
		load->connecting--;
		load->established++;
		return 0;
	case WIRE_UPDATE:
		return take_update(load, gateway, message->body, e);
	default:
		return set_lost(load, gateway, "a NOTIFICATION", e);
	}
}

static void keep_tail(struct gateway *gateway, const struct reader *r)
{
	uint8_t *rest = reader_left(r) == 0 ? NULL : mem_dup(r->next, reader_left(r));

	mem_free(gateway->tail);
	gateway->tail = rest;
	gateway->tail_length = reader_left(r);
}

static int read_some(struct load *load, struct gateway *gateway, struct error *e)
{
	struct wire_message message;
	struct reader r;
	ssize_t got;
	int next;

	if (gateway->tail_length != 0)
		memcpy(load->buffer, gateway->tail, gateway->tail_length);
	got = recv(gateway->fd, load->buffer + gateway->tail_length,
		   READ_BYTES - gateway->tail_length, 0);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got <= 0)
		return set_lost(load, gateway, got == 0 ? "closed" : strerror(errno), e);
	r = reader_of(load->buffer, gateway->tail_length + (size_t)got);
	while ((next = wire_next(&r, &message, e)) == 1) {
		if (take_message(load, gateway, &message, e) < 0)
			return -1;
	}
	keep_tail(gateway, &r);
	return next;
}

static int keep_alive(struct load *load, struct error *e)
{
	uint8_t bytes[WIRE_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));
	instant_t now = session_clock();

	wire_write_keepalive(&w);
	for (size_t i = 0; i < load->started; i++) {
		struct gateway *gateway = &load->gateways[i];

		if (gateway->state != SESSION_ESTABLISHED ||
		    !instant_due(gateway->next_keepalive, now))
			continue;
		gateway->next_keepalive = instant_add(now, duration_seconds(60));
		if (send_all(load, gateway, &w, e) < 0)
			return -1;
	}
	return 0;
}

/* One turn of the loop. *ret_stop: the program's input ended. */
static int turn(struct load *load, bool *ret_stop, struct error *e)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(load->epoll, events, EVENTS_MAX, TICK_MS);

	for (int i = 0; i < count; i++) {
		struct gateway *gateway = events[i].data.ptr;
		int result;

		if (gateway == NULL) {
			*ret_stop = true;
			continue;
		}
		result = gateway->state == SESSION_CONNECTING ? on_connected(load, gateway, e)
							      : read_some(load, gateway, e);
		if (result < 0)
			return -1;
	}
	return keep_alive(load, e);
}

static int wait_for(struct load *load, const size_t *count, const char *what, struct error *e)
{
	instant_t end = instant_add(session_clock(), duration_seconds(load->timeout_seconds));
	bool stop = false;

	while (*count < load->count) {
		while (!load->feeding && load->started < load->count &&
		       load->connecting < CONNECTING_MAX) {
			if (start_one(load, e) < 0)
				return -1;
		}
		if (turn(load, &stop, e) < 0)
			return -1;
		if (instant_due(end, session_clock()))
			return error_set(e, "%zu of %zu gateways are %s after %u s", *count,
					 load->count, what, load->timeout_seconds);
	}
	return 0;
}

static double seconds_since(instant_t start)
{
	return (double)instant_diff(session_clock(), start).ns * 1e-9;
}

static int measure(struct load *load, struct outcome *out, struct error *e)
{
	instant_t start = session_clock();

	out->start = usage_read(&load->daemon);
	if (wait_for(load, &load->established, "Established", e) < 0)
		return -1;
	out->establish_seconds = seconds_since(start);
	out->up = usage_read(&load->daemon);
	start = session_clock();
	load->feeding = true;
	for (size_t i = 0; i < load->count; i++) {
		if (feed(load, &load->gateways[i], e) < 0)
			return -1;
	}
	if (wait_for(load, &load->complete, "complete", e) < 0)
		return -1;
	out->seconds = seconds_since(start);
	out->full = usage_read(&load->daemon);
	return 0;
}

static void print_outcome(const struct load *load, const struct outcome *out)
{
	printf("{\"tenants\": %u, \"sessions\": %zu, \"paths\": %zu, \"establish-seconds\": %.3f, "
	       "\"establish-cpu-seconds\": %.3f, \"seconds\": %.3f, \"cpu-seconds\": %.3f, "
	       "\"rss-bytes\": %" PRIu64 ", \"rss-peak-bytes\": %" PRIu64 "}\n",
	       load->tenants, load->count, load->count * load->prefixes, out->establish_seconds,
	       out->up.cpu_seconds - out->start.cpu_seconds, out->seconds,
	       out->full.cpu_seconds - out->up.cpu_seconds, out->full.rss_bytes,
	       out->full.rss_peak_bytes);
	fflush(stdout);
}

/* Until the input ends: a session that is lost is counted, and what comes is taken. */
static int stay(struct load *load, struct error *e)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	bool stop = false;
	struct error first = { "" };

	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
		return error_set(e, "standard input: %s", strerror(errno));
	while (!stop) {
		if (turn(load, &stop, e) < 0 && first.text[0] == '\0')
			first = *e;
	}
	printf("{\"lost\": %zu, \"first\": \"%s\"}\n", load->lost, first.text);
	return 0;
}

static int parse_number(const char *text, uint32_t low, uint32_t high, uint32_t *ret,
			struct error *e)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < low || value > high)
		return error_set(e, "%s: give a number from %u to %u", text, low, high);
	*ret = (uint32_t)value;
	return 0;
}

static const char usage_text[] =
	"usage: helio-bench-tenants [--tenants N] [--gateways N] [--prefixes N] [--pid PID]\n"
	"                           [--timeout S]\n"
	"N tenants (4000) of N gateways (4) with N prefixes each (125), to 10.255.0.1:179";

static int parse_options(int argc, char **argv, struct load *load, struct error *e)
{
	static const struct option table[] = { { "tenants", required_argument, NULL, 't' },
					       { "gateways", required_argument, NULL, 'g' },
					       { "prefixes", required_argument, NULL, 'p' },
					       { "pid", required_argument, NULL, 'i' },
					       { "timeout", required_argument, NULL, 's' },
					       { 0 } };
	uint32_t pid;
	int letter, result = 0;

	while (result == 0 && (letter = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (letter == 't')
			result = parse_number(optarg, 1, SESSIONS_MAX, &load->tenants, e);
		else if (letter == 'g')
			result = parse_number(optarg, 2, GATEWAYS_MAX, &load->per_tenant, e);
		else if (letter == 'p')
			result = parse_number(optarg, 1, PREFIXES_MAX, &load->prefixes, e);
		else if (letter == 's')
			result = parse_number(optarg, 1, 86400, &load->timeout_seconds, e);
		else if (letter != 'i')
			return error_set(e, "%s", usage_text);
		else if ((result = parse_number(optarg, 1, INT32_MAX, &pid, e)) == 0)
			load->daemon.pids[load->daemon.count++ % USAGE_PROCESSES_MAX] = (pid_t)pid;
	}
	load->count = (size_t)load->tenants * load->per_tenant;
	if (result == 0 && load->count > SESSIONS_MAX)
		return error_set(e, "at most %u sessions", SESSIONS_MAX);
	return result;
}

static int run(struct load *load, struct error *e)
{
	struct outcome outcome;

	load->target = (struct sockaddr_in){ .sin_family = AF_INET,
					     .sin_port = htons(179),
					     .sin_addr.s_addr = htonl(0x0aff0001) };
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load->epoll < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	load->gateways = mem_zalloc(load->count * sizeof(*load->gateways));
	for (size_t i = 0; i < load->count; i++)
		load->gateways[i].number = (uint32_t)i;
	if (measure(load, &outcome, e) < 0)
		return -1;
	print_outcome(load, &outcome);
	return stay(load, e);
}

int main(int argc, char **argv)
{
	static struct load load = {
		.tenants = 4000, .per_tenant = 4, .prefixes = 125, .timeout_seconds = 300
	};
	struct rlimit files;
	struct error e;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (parse_options(argc, argv, &load, &e) < 0 || run(&load, &e) < 0) {
		fprintf(stderr, "helio-bench-tenants: %s\n", e.text);
		return 1;
	}
	return 0;
}
