/*
 * feed_reader: who reads a feed of the speaker: what its data points to.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HELIOD_FEED_READER_H
#define HELIOD_FEED_READER_H

/* Embedded in what reads the feed. `ready` must only note it: it is called from ops.feed_ready. */
struct feed_reader {
	void (*ready)(struct feed_reader *reader);
};

#endif
