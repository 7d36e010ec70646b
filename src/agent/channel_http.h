/*
 * channel_http: the node channel's HTTP client, for others that speak to the controller.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef AGENT_CHANNEL_HTTP_H
#define AGENT_CHANNEL_HTTP_H

#include "agent/http.h"

struct channel;

/* Borrowed; lives as long as the channel. */
struct http *channel_http(struct channel *channel);

#endif
