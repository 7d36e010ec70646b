/*
 * fake_kernel: a kernel of namespaces for tests of the brain: does operations, and can be observed.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TEST_FAKE_KERNEL_H
#define TEST_FAKE_KERNEL_H

#include "host/host.h"

#define FAKE_THINGS_MAX 8192
#define FAKE_LOG_MAX 65536

struct fake_thing {
	struct item_key key;
	struct item_value value;
};

struct fake_kernel {
	struct fake_thing things[FAKE_THINGS_MAX];
	size_t count;
	char log[FAKE_LOG_MAX]; /* "make device vx@1\n..." */
	size_t log_length;
	size_t operations;
	bool refuse; /* every operation fails */
};

/* Does all that the brain wants; returns how many operations there were. */
size_t fake_kernel_run(struct fake_kernel *kernel, struct host *host);
/* Tells the brain all that is at the place. */
void fake_kernel_observe(struct fake_kernel *kernel, struct host *host, uint32_t place);
struct fake_thing *fake_kernel_find(struct fake_kernel *kernel, const struct item_key *key);
void fake_kernel_add(struct fake_kernel *kernel, const struct item_key *key,
		     const struct item_value *value);
size_t fake_kernel_count(const struct fake_kernel *kernel, enum item_kind kind, uint32_t place);

#endif
