/*
 * loop: the event loop of every daemon: descriptors (epoll), timers, deferred calls, signals.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The watchers are embedded in what owns them; the loop allocates nothing for them. Every callback
 * may add, change and remove any watcher, its own included, and may free the memory of a watcher
 * that it removed. One loop belongs to one thread.
 *
 *	static void on_readable(struct loop_fd *watch, uint32_t events, void *arg) { ... }
 *	loop_fd_add(loop, &peer->watch, fd, EPOLLIN, on_readable, peer);
 *	loop_timer_init(&peer->timer, on_timer, peer);
 *	loop_timer_set(loop, &peer->timer, instant_add(loop_now(loop), duration_ms(500)));
 */
#ifndef OS_LOOP_H
#define OS_LOOP_H

#include <sys/epoll.h>

#include "base/error.h"
#include "base/heap.h"
#include "base/instant.h"
#include "base/list.h"

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_defer;

typedef void loop_fd_fn(struct loop_fd *watch, uint32_t events, void *arg);
typedef void loop_timer_fn(struct loop_timer *timer, void *arg);
typedef void loop_defer_fn(struct loop_defer *defer, void *arg);
typedef void loop_signal_fn(int signal_number, void *arg);

struct loop_fd {
	int fd; /* -1: not watched */
	uint32_t events;
	loop_fd_fn *call;
	void *arg;
	struct loop *loop;
};

struct loop_timer {
	struct heap_node node;
	loop_timer_fn *call;
	void *arg;
};

struct loop_defer {
	struct list node;
	loop_defer_fn *call;
	void *arg;
};

/* NULL with the reason in e when the kernel gives no epoll descriptor. */
struct loop *loop_new(struct error *e);
/* Closes the loop's own descriptors; the watchers stay their owners'. */
void loop_free(struct loop *loop);

/* CLOCK_MONOTONIC, read once per turn of the loop: the `now` of everything that a turn does. */
instant_t loop_now(const struct loop *loop);
/* Reads the clock anew, after work that took long. */
instant_t loop_clock(struct loop *loop);

/* Runs until loop_stop. Returns 0, or -1 when epoll failed. */
int loop_run(struct loop *loop, struct error *e) MUST_CHECK;
/* One turn: waits at most `wait` for something, does what is due. For tests and embedding. */
int loop_turn(struct loop *loop, duration_t wait, struct error *e) MUST_CHECK;
void loop_stop(struct loop *loop);

/* Makes a watcher that watches nothing, so that loop_fd_remove may be called on it. */
void loop_fd_init(struct loop_fd *watch);
/* Watches fd (which stays the caller's to close, after loop_fd_remove) for EPOLLIN, EPOLLOUT.
 * Returns 0, or -1 with errno when epoll refuses the descriptor. */
int loop_fd_add(struct loop *loop, struct loop_fd *watch, int fd, uint32_t events, loop_fd_fn *call,
		void *arg) MUST_CHECK;
/* Changes the wanted events; 0 leaves only EPOLLHUP and EPOLLERR. No system call when unchanged. */
void loop_fd_set(struct loop_fd *watch, uint32_t events);
void loop_fd_remove(struct loop_fd *watch);

void loop_timer_init(struct loop_timer *timer, loop_timer_fn *call, void *arg);
/* Fires once, at or after the instant; setting again moves it. INSTANT_NEVER clears it. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, instant_t at);
void loop_timer_clear(struct loop *loop, struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

void loop_defer_init(struct loop_defer *defer, loop_defer_fn *call, void *arg);
/* Calls once, before the loop sleeps again. Harmless when it is waiting already. What a deferred
 * call defers runs in the next turn, so that descriptors are not starved. */
void loop_defer_add(struct loop *loop, struct loop_defer *defer);
void loop_defer_remove(struct loop_defer *defer);

/* Takes the signals of `signals` (ended by 0) as events from a signalfd, and blocks them for
 * ordinary delivery. SIGPIPE is ignored. Call once. */
int loop_signals(struct loop *loop, const int *signals, loop_signal_fn *call, void *arg,
		 struct error *e) MUST_CHECK;

#endif
