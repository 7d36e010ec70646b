/*
 * sinks: the sessions that receive, and know which prefixes each holds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * See sinks.h. All NLRI of one read are gathered first and looked up after, so that the probes of
 * the prefix index can be prefetched: 15 ns each instead of 100.
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
#define EVENTS_MAX 64
#define PREFETCH_AHEAD 16
/* After a round that brought little: a daemon that writes message by message would otherwise wake
 * this thread for each, which slows it down and burns the driver's core. */
#define PAUSE_NS 200000
#define STEP_WITHDRAW ((uint64_t)1 << 63)

static void fail(struct sinks *sinks, const struct error *e)
{
	if (!sinks->failed)
		sinks->failure = *e;
	sinks->failed = true;
	pthread_cond_broadcast(&sinks->changed);
}

static void apply(struct sinks *sinks, struct sink *sink, uint32_t number, bool withdraw)
{
	uint64_t bit = (uint64_t)1 << (number % 64), *word = &sink->holds[number / 64];
	uint32_t *counter = table_expects(sinks->table, number) ? &sink->right : &sink->wrong;

	if (!withdraw && !(*word & bit)) {
		*word |= bit;
		++*counter;
	} else if (withdraw && (*word & bit)) {
		*word &= ~bit;
		--*counter;
	} else if (withdraw) {
		sink->withdrawn_idle++;
	}
}

static int apply_steps(struct sinks *sinks, struct sink *sink, struct error *e)
{
	const struct prefix_index *index = &sinks->table->index;
	size_t count = sinks->step_count;

	for (size_t i = 0; i < MIN(count, (size_t)PREFETCH_AHEAD); i++)
		prefix_index_prefetch(index, sinks->steps[i] & ~STEP_WITHDRAW);
	for (size_t i = 0; i < count; i++) {
		uint64_t key = sinks->steps[i] & ~STEP_WITHDRAW;
		uint32_t number;

		if (i + PREFETCH_AHEAD < count)
			prefix_index_prefetch(index,
					      sinks->steps[i + PREFETCH_AHEAD] & ~STEP_WITHDRAW);
		number = prefix_index_find(index, key);
		if (UNLIKELY(number == PREFIX_INDEX_NONE))
			return error_set(e, "a sink got %08x/%u, which no feeder announced",
					 (uint32_t)(key >> 6), (unsigned)(key & 63));
		apply(sinks, sink, number, sinks->steps[i] & STEP_WITHDRAW);
	}
	sinks->step_count = 0;
	return 0;
}

static int gather(struct sinks *sinks, struct sink *sink, struct reader body, struct error *e)
{
	struct wire_update update;
	size_t before = sinks->step_count, announced;
	uint64_t key = 0;

	if (wire_split_update(body, &update, e) < 0)
		return -1;
	while (wire_next_prefix(&update.withdrawn, &key))
		sinks->steps[sinks->step_count++] = key | STEP_WITHDRAW;
	announced = sinks->step_count;
	sink->withdrawn += announced - before;
	while (wire_next_prefix(&update.nlri, &key))
		sinks->steps[sinks->step_count++] = key;
	sink->announced += sinks->step_count - announced;
	sink->updates++;
	if (update.withdrawn.failed || update.nlri.failed)
		return error_set(e, "a sink got an UPDATE with a wrong prefix");
	if (sinks->step_count == before)
		sink->end_of_rib = true;
	if (sinks->sample != 0 && announced != sinks->step_count &&
	    sink->updates % sinks->sample == 0) {
		uint32_t number = prefix_index_find(&sinks->table->index, key);

		if (number != PREFIX_INDEX_NONE)
			attribute_check_run(&sinks->check, number, update.attributes);
	}
	return 0;
}

static void judge(struct sinks *sinks, struct sink *sink)
{
	uint32_t wanted = sinks->goal == SINKS_WANT_TABLE ? sinks->table->expected_count : 0;
	bool exact = sink->right == wanted && sink->wrong == 0;

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

static int read_sink(struct sinks *sinks, struct sink *sink, struct error *e)
{
	struct session *session = sink->session;
	struct wire_message message;
	struct reader r;
	ssize_t got;
	int next;

	memcpy(sinks->buffer, session->tail, session->tail_length);
	got = recv(session->fd, sinks->buffer + session->tail_length, READ_BYTES, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return error_set(e, "a sink's session was closed: %s",
				 got == 0 ? "end of stream" : strerror(errno));
	sink->bytes += (uint64_t)got;
	sinks->bytes += (uint64_t)got;
	r = reader_of(sinks->buffer, session->tail_length + (size_t)got);
	while ((next = wire_next(&r, &message, e)) == 1) {
		if (message.type == WIRE_NOTIFICATION)
			return session_notified(session, message.body, e);
		if (message.type == WIRE_UPDATE && gather(sinks, sink, message.body, e) < 0)
			return -1;
	}
	if (next < 0)
		return -1;
	session->tail_length = reader_left(&r);
	memcpy(session->tail, r.next, session->tail_length);
	if (apply_steps(sinks, sink, e) < 0)
		return -1;
	judge(sinks, sink);
	return 0;
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

	*sinks = (struct sinks){ .count = count, .table = table, .sample = sample };
	sinks->check = (struct attribute_check){ .table = table, .cluster_id = cluster_id };
	sinks->sinks = mem_zalloc(count * sizeof(*sinks->sinks));
	sinks->buffer = mem_alloc(BUFFER_BYTES);
	sinks->steps = mem_alloc(BUFFER_BYTES * sizeof(*sinks->steps));
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
		sinks->sinks[i].holds =
			mem_zalloc(table_bitmap_words(table) * sizeof(*sinks->sinks[i].holds));
		if (watch(sinks, sessions[i].fd, &sinks->sinks[i], e) < 0)
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
	for (size_t i = 0; i < sinks->count; i++)
		judge(sinks, &sinks->sinks[i]);
	pthread_mutex_unlock(&sinks->lock);
}

/* A prefix that the sink should hold and does not, or the other way round. */
static uint64_t a_difference(const struct sinks *sinks, const struct sink *sink)
{
	const struct table *table = sinks->table;

	for (uint64_t at = 0; at <= table->index.mask; at++) {
		uint64_t slot = table->index.slots[at];
		uint32_t number = prefix_index_number(slot);
		bool wanted = slot != 0 && sinks->goal == SINKS_WANT_TABLE &&
			      table_expects(table, number);

		if (slot != 0 && wanted != (sink->holds[number / 64] >> (number % 64) & 1))
			return prefix_index_key(slot);
	}
	return 0;
}

static int report_missing(const struct sinks *sinks, struct error *e)
{
	const struct sink *worst = NULL;
	struct ip_addr prefix, address;
	char prefix_text[IP_TEXT_MAX], address_text[IP_TEXT_MAX];
	uint64_t key;

	for (size_t i = 0; i < sinks->count; i++)
		if (!sinks->sinks[i].exact)
			worst = &sinks->sinks[i];
	assert(worst != NULL);
	key = a_difference(sinks, worst);
	prefix = ip_addr_v4((uint32_t)(key >> 6));
	address = ip_addr_v4(worst->session->address);
	return error_set(e,
			 "timeout: %zu of %zu sinks have the right set; that of %s holds %u of %u "
			 "right prefixes and %u wrong ones; one of the differences is %s/%u",
			 sinks->exact_count, sinks->count, ip_addr_format(&address, address_text),
			 worst->right, sinks->table->expected_count, worst->wrong,
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
		mem_free(sinks->sinks[i].holds);
	mem_free(sinks->sinks);
	mem_free(sinks->buffer);
	mem_free(sinks->steps);
	close(sinks->epoll);
	close(sinks->wake);
	pthread_cond_destroy(&sinks->changed);
	pthread_mutex_destroy(&sinks->lock);
}
