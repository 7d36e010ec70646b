/*
 * loop: the event loop of every daemon, over epoll.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A turn: wait, read the clock, descriptors, timers that are due, deferred calls. Events of one
 * epoll_wait are kept in the loop while they are dispatched, so that removing a watcher can take
 * its pending event out of the batch.
 */
#include "os/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define LOOP_EVENTS_MAX 64

struct loop {
	int epoll_fd;
	int signal_fd;
	struct loop_fd signal_watch;
	loop_signal_fn *signal_call;
	void *signal_arg;
	struct heap timers;
	struct list deferred;
	instant_t now;
	bool stopped;
	int event_count; /* of the batch that is being dispatched */
	struct epoll_event events[LOOP_EVENTS_MAX];
};

instant_t loop_clock(struct loop *loop)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	loop->now = (instant_t){ (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec };
	return loop->now;
}

instant_t loop_now(const struct loop *loop)
{
	return loop->now;
}

struct loop *loop_new(struct error *e)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct loop *loop;

	if (fd < 0) {
		error_set(e, "epoll_create1: %s", strerror(errno));
		return NULL;
	}
	loop = mem_zalloc(sizeof(*loop));
	loop->epoll_fd = fd;
	loop->signal_fd = -1;
	loop_fd_init(&loop->signal_watch);
	heap_init(&loop->timers);
	list_init(&loop->deferred);
	loop_clock(loop);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_fd_remove(&loop->signal_watch);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	close(loop->epoll_fd);
	heap_done(&loop->timers);
	mem_free(loop);
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

static int loop_wait_ms(const struct loop *loop, duration_t wait)
{
	const struct heap_node *first = heap_min(&loop->timers);
	int64_t ns = wait.ns;

	if (!list_is_empty(&loop->deferred))
		return 0;
	if (first != NULL && (ns < 0 || first->key - loop->now.ns < ns))
		ns = MAX(first->key - loop->now.ns, 0);
	if (ns < 0)
		return -1;
	return (int)MIN((ns + 999999) / 1000000, 3600000);
}

static void loop_run_descriptors(struct loop *loop, int count)
{
	loop->event_count = count;
	for (int i = 0; i < loop->event_count; i++) {
		struct loop_fd *watch = loop->events[i].data.ptr;

		if (watch != NULL)
			watch->call(watch, loop->events[i].events, watch->arg);
	}
	loop->event_count = 0;
}

static void loop_run_timers(struct loop *loop)
{
	for (;;) {
		struct heap_node *node = heap_min(&loop->timers);
		struct loop_timer *timer;

		if (node == NULL || node->key > loop->now.ns)
			return;
		timer = CONTAINER_OF(node, struct loop_timer, node);
		heap_remove(&loop->timers, node);
		timer->call(timer, timer->arg);
	}
}

static void loop_run_deferred(struct loop *loop)
{
	struct list batch;

	/* The calls of now move to a list of their own: what they defer waits for the next turn. */
	list_init(&batch);
	while (!list_is_empty(&loop->deferred))
		list_push_back(&batch, list_pop_front(&loop->deferred));
	while (!list_is_empty(&batch)) {
		struct loop_defer *defer =
			CONTAINER_OF(list_pop_front(&batch), struct loop_defer, node);

		defer->call(defer, defer->arg);
	}
}

int loop_turn(struct loop *loop, duration_t wait, struct error *e)
{
	int count;

	loop_clock(loop);
	count = epoll_wait(loop->epoll_fd, loop->events, LOOP_EVENTS_MAX, loop_wait_ms(loop, wait));
	if (count < 0 && errno != EINTR)
		return error_set(e, "epoll_wait: %s", strerror(errno));
	loop_clock(loop);
	if (count > 0)
		loop_run_descriptors(loop, count);
	loop_run_timers(loop);
	loop_run_deferred(loop);
	return 0;
}

int loop_run(struct loop *loop, struct error *e)
{
	loop->stopped = false;
	while (!loop->stopped) {
		if (loop_turn(loop, (duration_t){ -1 }, e) < 0)
			return -1;
	}
	return 0;
}

void loop_fd_init(struct loop_fd *watch)
{
	*watch = (struct loop_fd){ .fd = -1 };
}

int loop_fd_add(struct loop *loop, struct loop_fd *watch, int fd, uint32_t events, loop_fd_fn *call,
		void *arg)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -1;
	*watch = (struct loop_fd){
		.fd = fd, .events = events, .call = call, .arg = arg, .loop = loop
	};
	return 0;
}

void loop_fd_set(struct loop_fd *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (watch->fd < 0 || watch->events == events)
		return;
	watch->events = events;
	epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void loop_fd_remove(struct loop_fd *watch)
{
	struct loop *loop = watch->loop;

	if (watch->fd < 0)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = 0; i < loop->event_count; i++) {
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
	}
	loop_fd_init(watch);
}

void loop_timer_init(struct loop_timer *timer, loop_timer_fn *call, void *arg)
{
	*timer = (struct loop_timer){ .call = call, .arg = arg };
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, instant_t at)
{
	if (instant_is_never(at))
		heap_remove(&loop->timers, &timer->node);
	else
		heap_set(&loop->timers, &timer->node, at.ns);
}

void loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
	heap_remove(&loop->timers, &timer->node);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
	return timer->node.position != 0;
}

void loop_defer_init(struct loop_defer *defer, loop_defer_fn *call, void *arg)
{
	defer->call = call;
	defer->arg = arg;
	list_init(&defer->node);
}

void loop_defer_add(struct loop *loop, struct loop_defer *defer)
{
	if (list_is_empty(&defer->node))
		list_push_back(&loop->deferred, &defer->node);
}

void loop_defer_remove(struct loop_defer *defer)
{
	list_remove(&defer->node);
}

static void loop_on_signal(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		loop->signal_call((int)info.ssi_signo, loop->signal_arg);
}

int loop_signals(struct loop *loop, const int *signals, loop_signal_fn *call, void *arg,
		 struct error *e)
{
	sigset_t set;

	assert(loop->signal_fd < 0);
	sigemptyset(&set);
	for (; *signals != 0; signals++)
		sigaddset(&set, *signals);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(e, "sigprocmask: %s", strerror(errno));
	loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0)
		return error_set(e, "signalfd: %s", strerror(errno));
	loop->signal_call = call;
	loop->signal_arg = arg;
	if (loop_fd_add(loop, &loop->signal_watch, loop->signal_fd, EPOLLIN, loop_on_signal, loop) <
	    0)
		return error_set(e, "epoll_ctl of the signalfd: %s", strerror(errno));
	return 0;
}
