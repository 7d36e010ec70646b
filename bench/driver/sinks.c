/*
 * sinks: the sessions that receive, and know which prefixes each holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See sinks.h.
 */
#include "sinks.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/mem.h"

#define READ_BYTES 65536
#define BUFFER_BYTES (WIRE_MESSAGE_BYTES_MAX + READ_BYTES)
#define LEAD_BYTES_MAX ((size_t)2 << 30)
#define EVENTS_MAX 64
/* After a round that brought little: a daemon that writes message by message would otherwise wake
 * this thread for each, which slows it down and burns the driver's core. */
#define PAUSE_NS 200000

static void fail(struct sinks *sinks, const struct error *e)
{
	if (!sinks->failed)
		sinks->failure = *e;
	sinks->failed = true;
	pthread_cond_broadcast(&sinks->changed);
}

static bool wants_table(const struct sinks *sinks)
{
	return sinks->goal == SINKS_WANT_TABLE;
}

static void judge_lead(struct sinks *sinks)
{
	struct sinks_lead *lead = &sinks->lead;
	bool exact = holdings_are_exact(&lead->holdings, sinks->table, wants_table(sinks));

	if (exact && !lead->exact)
		lead->exact_from = lead->applied;
	lead->exact = exact;
}

static void judge(struct sinks *sinks, struct sink *sink)
{
	const struct sinks_lead *lead = &sinks->lead;
	bool exact = sink->own_way
			     ? holdings_are_exact(&sink->holdings, sinks->table, wants_table(sinks))
			     : lead->exact && sink->followed >= lead->exact_from;

	if (exact == sink->exact)
		return;
	sink->exact = exact;
	if (!exact) {
		sinks->exact_count--;
		return;
	}
	sink->exact_at = session_clock();
	if (++sinks->exact_count == sinks->count)
		pthread_cond_broadcast(&sinks->changed);
}

/* The sink has all of the lead's stream and more: it is the lead now. */
static int extend_lead(struct sinks *sinks, struct sink *sink, const uint8_t *bytes, size_t length,
		       struct error *e)
{
	struct sinks_lead *lead = &sinks->lead;
	size_t used;

	if (lead->length + length > LEAD_BYTES_MAX)
		return error_set(e, "a sink got more than %zu bytes", LEAD_BYTES_MAX);
	MEM_RESERVE(lead->bytes, lead->capacity, lead->length + length);
	memcpy(lead->bytes + lead->length, bytes, length);
	lead->length += length;
	sink->followed = lead->length;
	if (holdings_apply(&lead->holdings, &sinks->reader, lead->bytes + lead->applied,
			   lead->length - lead->applied, &used, e) < 0)
		return -1;
	lead->applied += used;
	judge_lead(sinks);
	return 0;
}

/* Gives the sink a set of its own, made from what it shared with the lead. */
static int go_own_way(struct sinks *sinks, struct sink *sink, struct error *e)
{
	size_t used;

	sink->own_way = true;
	holdings_init(&sink->holdings, sinks->table);
	if (holdings_apply(&sink->holdings, &sinks->reader, sinks->lead.bytes, sink->followed,
			   &used, e) < 0)
		return -1;
	sink->session->tail_length = sink->followed - used;
	memcpy(sink->session->tail, sinks->lead.bytes + used, sink->session->tail_length);
	return 0;
}

static int follow(struct sinks *sinks, struct sink *sink, const uint8_t *bytes, size_t length,
		  struct error *e)
{
	size_t shared = MIN(length, sinks->lead.length - sink->followed);

	if (shared != 0 && memcmp(bytes, sinks->lead.bytes + sink->followed, shared) != 0)
		return go_own_way(sinks, sink, e);
	sink->followed += shared;
	return shared == length ? 0 : extend_lead(sinks, sink, bytes + shared, length - shared, e);
}

/* `bytes` has room for the session's tail in front. */
static int apply_own(struct sinks *sinks, struct sink *sink, uint8_t *bytes, size_t length,
		     struct error *e)
{
	struct session *session = sink->session;
	size_t used;

	bytes -= session->tail_length;
	length += session->tail_length;
	memcpy(bytes, session->tail, session->tail_length);
	if (holdings_apply(&sink->holdings, &sinks->reader, bytes, length, &used, e) < 0)
		return -1;
	session->tail_length = length - used;
	memcpy(session->tail, bytes + used, session->tail_length);
	return 0;
}

static int take(struct sinks *sinks, struct sink *sink, uint8_t *bytes, size_t length,
		struct error *e)
{
	sink->bytes += length;
	sinks->bytes += length;
	if (!sink->own_way && follow(sinks, sink, bytes, length, e) < 0)
		return -1;
	if (sink->own_way && apply_own(sinks, sink, bytes, length, e) < 0)
		return -1;
	judge(sinks, sink);
	return 0;
}

static int read_sink(struct sinks *sinks, struct sink *sink, struct error *e)
{
	uint8_t *bytes = sinks->buffer + WIRE_MESSAGE_BYTES_MAX;
	ssize_t got = recv(sink->session->fd, bytes, READ_BYTES, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return error_set(e, "a sink's session was closed: %s",
				 got == 0 ? "end of stream" : strerror(errno));
	return take(sinks, sink, bytes, (size_t)got, e);
}

/* What came with the end of the handshake. */
static int take_tail(struct sinks *sinks, struct sink *sink, struct error *e)
{
	size_t length = sink->session->tail_length;
	uint8_t *bytes = sinks->buffer + WIRE_MESSAGE_BYTES_MAX;

	memcpy(bytes, sink->session->tail, length);
	sink->session->tail_length = 0;
	return length == 0 ? 0 : take(sinks, sink, bytes, length, e);
}

static void *run(void *argument)
{
	struct sinks *sinks = argument;
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct epoll_event events[EVENTS_MAX];
	struct timespec cpu;

	for (;;) {
		int got = epoll_wait(sinks->epoll, events, EVENTS_MAX, 1000);
		instant_t now = session_clock();
		uint64_t before = sinks->bytes;
		struct error e;

		pthread_mutex_lock(&sinks->lock);
		if (sinks->stop || sinks->failed)
			break;
		for (int i = 0; i < got; i++)
			if (events[i].data.ptr != NULL &&
			    read_sink(sinks, events[i].data.ptr, &e) < 0)
				fail(sinks, &e);
		if (got < EVENTS_MAX)
			for (size_t i = 0; i < sinks->count; i++)
				session_keep_alive(sinks->sinks[i].session, now);
		pthread_mutex_unlock(&sinks->lock);
		if (sinks->bytes - before < READ_BYTES)
			nanosleep(&pause, NULL);
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	sinks->cpu_seconds = (double)cpu.tv_sec + (double)cpu.tv_nsec * 1e-9;
	pthread_mutex_unlock(&sinks->lock);
	return NULL;
}

static int watch(struct sinks *sinks, int fd, void *what, struct error *e)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(sinks->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	return 0;
}

int sinks_start(struct sinks *sinks, struct session *sessions, size_t count,
		const struct table *table, uint32_t cluster_id, uint32_t sample, struct error *e)
{
	pthread_condattr_t monotonic;

	*sinks = (struct sinks){ .count = count, .table = table };
	sinks->sinks = mem_zalloc(count * sizeof(*sinks->sinks));
	sinks->buffer = mem_alloc(BUFFER_BYTES);
	holdings_reader_init(&sinks->reader, table, cluster_id, sample);
	holdings_init(&sinks->lead.holdings, table);
	pthread_mutex_init(&sinks->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&sinks->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sinks->epoll = epoll_create1(EPOLL_CLOEXEC);
	sinks->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sinks->epoll < 0 || sinks->wake < 0)
		return error_set(e, "epoll: %s", strerror(errno));
	if (watch(sinks, sinks->wake, NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sinks->sinks[i].session = &sessions[i];
		if (take_tail(sinks, &sinks->sinks[i], e) < 0 ||
		    watch(sinks, sessions[i].fd, &sinks->sinks[i], e) < 0)
			return -1;
	}
	if (pthread_create(&sinks->thread, NULL, run, sinks) != 0)
		return error_set(e, "pthread_create failed");
	return 0;
}

void sinks_want(struct sinks *sinks, enum sinks_goal goal)
{
	pthread_mutex_lock(&sinks->lock);
	sinks->goal = goal;
	judge_lead(sinks);
	for (size_t i = 0; i < sinks->count; i++)
		judge(sinks, &sinks->sinks[i]);
	pthread_mutex_unlock(&sinks->lock);
}

const struct holdings *sinks_holdings(const struct sinks *sinks, size_t number)
{
	const struct sink *sink = &sinks->sinks[number];

	return sink->own_way ? &sink->holdings : &sinks->lead.holdings;
}

static int report_missing(const struct sinks *sinks, struct error *e)
{
	size_t worst = 0;
	struct ip_addr prefix, address;
	char prefix_text[IP_TEXT_MAX], address_text[IP_TEXT_MAX];
	const struct holdings *holdings;
	uint64_t key;

	for (size_t i = 0; i < sinks->count; i++)
		if (!sinks->sinks[i].exact)
			worst = i;
	holdings = sinks_holdings(sinks, worst);
	key = holdings_difference(holdings, sinks->table, wants_table(sinks));
	prefix = ip_addr_v4((uint32_t)(key >> 6));
	address = ip_addr_v4(sinks->sinks[worst].session->address);
	return error_set(e,
			 "timeout: %zu of %zu sinks have the right set; that of %s holds %u of %u "
			 "right prefixes and %u wrong ones; one of the differences is %s/%u",
			 sinks->exact_count, sinks->count, ip_addr_format(&address, address_text),
			 holdings->right, sinks->table->expected_count, holdings->wrong,
			 ip_addr_format(&prefix, prefix_text), (unsigned)(key & 63));
}

int sinks_wait(struct sinks *sinks, duration_t timeout, struct error *e)
{
	instant_t deadline = instant_add(session_clock(), timeout);
	struct timespec until = { .tv_sec = deadline.ns / 1000000000,
				  .tv_nsec = deadline.ns % 1000000000 };
	int result = 0, waited = 0;

	pthread_mutex_lock(&sinks->lock);
	while (!sinks->failed && sinks->exact_count != sinks->count && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&sinks->changed, &sinks->lock, &until);
	if (sinks->failed)
		result = error_set(e, "%s", sinks->failure.text);
	else if (sinks->exact_count != sinks->count)
		result = report_missing(sinks, e);
	pthread_mutex_unlock(&sinks->lock);
	return result;
}

bool sinks_all_exact(struct sinks *sinks)
{
	bool all;

	pthread_mutex_lock(&sinks->lock);
	all = !sinks->failed && sinks->exact_count == sinks->count;
	pthread_mutex_unlock(&sinks->lock);
	return all;
}

instant_t sinks_exact_at(struct sinks *sinks, bool last)
{
	instant_t at;

	pthread_mutex_lock(&sinks->lock);
	at = sinks->sinks[0].exact_at;
	for (size_t i = 1; i < sinks->count; i++)
		if (instant_before(at, sinks->sinks[i].exact_at) == last)
			at = sinks->sinks[i].exact_at;
	pthread_mutex_unlock(&sinks->lock);
	return at;
}

void sinks_stop(struct sinks *sinks)
{
	uint64_t one = 1;

	pthread_mutex_lock(&sinks->lock);
	sinks->stop = true;
	pthread_mutex_unlock(&sinks->lock);
	if (write(sinks->wake, &one, sizeof(one)) < 0)
		perror("eventfd");
	pthread_join(sinks->thread, NULL);
}

void sinks_done(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++)
		if (sinks->sinks[i].own_way)
			holdings_done(&sinks->sinks[i].holdings);
	holdings_done(&sinks->lead.holdings);
	holdings_reader_done(&sinks->reader);
	mem_free(sinks->lead.bytes);
	mem_free(sinks->sinks);
	mem_free(sinks->buffer);
	close(sinks->epoll);
	close(sinks->wake);
	pthread_cond_destroy(&sinks->changed);
	pthread_mutex_destroy(&sinks->lock);
}
