/*
 * outlet: an outgoing stream that is kept up: connect, buffer, reconnect.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For BMP and FPM: the reader may be slow, or absent for long. The buffer is bounded by its owner,
 * who adds only while outlet_has_room, and is called again when there is room. What was in the
 * buffer when a connection ends is thrown away: a new connection begins anew.
 */
#ifndef HELIOD_OUTLET_H
#define HELIOD_OUTLET_H

#include "base/buf.h"
#include "base/ip.h"
#include "os/loop.h"

#define OUTLET_ROOM_BYTES ((size_t)256 << 10) /* below this there is room */
#define OUTLET_BUFFER_BYTES_MAX ((size_t)4 << 20)

struct outlet_ops {
	/* Connected: the buffer is empty; fill it (outlet_room follows). */
	void (*opened)(void *arg);
	void (*closed)(void *arg, const char *why);
	/* There is room: add to outlet_buffer. */
	void (*room)(void *arg);
};

struct outlet {
	struct loop *loop;
	const struct outlet_ops *ops;
	void *arg;
	const char *path; /* NULL: TCP */
	struct ip_addr address;
	uint16_t port;
	struct loop_fd watch;
	struct loop_timer retry;
	struct loop_defer pump;
	int64_t retry_ms; /* until the next attempt but one */
	bool up;
	instant_t up_since;
	struct buf buffer;
	size_t sent; /* octets of the buffer that are gone */
};

/* `path` is borrowed; NULL: TCP to address and port. It connects in the loop's next turn. */
void outlet_init(struct outlet *outlet, struct loop *loop, const char *path,
		 const struct ip_addr *address, uint16_t port, const struct outlet_ops *ops,
		 void *arg);
void outlet_done(struct outlet *outlet);
bool outlet_is_up(const struct outlet *outlet);
bool outlet_has_room(const struct outlet *outlet);
struct buf *outlet_buffer(struct outlet *outlet);
/* Something is there to be added or sent: ops.room is called soon. */
void outlet_wake(struct outlet *outlet);

#endif
