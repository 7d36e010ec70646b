/*
 * fpm_sender: the best routes of all instances, to the agent.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 5: reads each instance's feed, keeps an fpm_table of it, writes to an
 * outlet. A new connection is told everything again. A reader that is slow holds the feed, not
 * memory.
 */
#ifndef HELIOD_FPM_SENDER_H
#define HELIOD_FPM_SENDER_H

#include "os/loop.h"
#include "speaker/speaker.h"

struct fpm_sender;

/* `path` is borrowed. */
struct fpm_sender *fpm_sender_new(struct loop *loop, struct speaker *speaker, const char *path,
				  uint64_t seed);
/* Before the speaker is freed. */
void fpm_sender_free(struct fpm_sender *sender);

void fpm_sender_instance_added(struct fpm_sender *sender, const char *instance);
/* Before the speaker forgets it. */
void fpm_sender_instance_deleting(struct fpm_sender *sender, const char *instance);
/* For ops.next_hop_changed. */
void fpm_sender_next_hop_changed(struct fpm_sender *sender, const char *instance,
				 const struct ip_addr *next_hop);

#endif
