/*
 * bmp_sender: the Loc-RIB of all instances, to a BMP station.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7854 and 9069, docs/INTERFACES.md section 6: each instance is a peer of type Loc-RIB whose
 * name is in the VRF/Table Name TLV. A station that is slow holds the feeds, not memory.
 */
#ifndef HELIOD_BMP_SENDER_H
#define HELIOD_BMP_SENDER_H

#include "model/heliod_config.h"
#include "os/loop.h"
#include "speaker/speaker.h"

struct bmp_sender;

/* `station` is borrowed. */
struct bmp_sender *bmp_sender_new(struct loop *loop, struct speaker *speaker,
				  const struct heliod_bmp *station);
/* Before the speaker is freed. Takes NULL. */
void bmp_sender_free(struct bmp_sender *sender);

/* Nothing happens for NULL, nor for an instance that it knows. */
void bmp_sender_instance_added(struct bmp_sender *sender, const char *instance);
/* Before the speaker forgets it. */
void bmp_sender_instance_deleting(struct bmp_sender *sender, const char *instance);

#endif
