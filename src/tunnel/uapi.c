/*
 * uapi: WireGuard's cross-platform configuration protocol, and wg(8)'s forms of the same.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tunnel/uapi.h"

#include <errno.h>

#define UAPI_LINE_MAX 512

static void put_base64(struct buf *buf, const uint8_t key[static TUNNEL_KEY_BYTES])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < TUNNEL_KEY_BYTES; i += 3) {
		size_t left = MIN((size_t)3, TUNNEL_KEY_BYTES - i);
		uint32_t bits = (uint32_t)key[i] << 16 | (left > 1 ? (uint32_t)key[i + 1] << 8 : 0);

		buf_printf(buf, "%c%c%c%c", digits[bits >> 18], digits[bits >> 12 & 63],
			   digits[(bits | (left > 2 ? key[i + 2] : 0)) >> 6 & 63],
			   left > 2 ? digits[key[i + 2] & 63] : '=');
	}
}

static void put_endpoint(struct buf *buf, const struct tunnel_config *config)
{
	char text[IP_TEXT_MAX];
	bool v6 = config->endpoint_address.family == IP_V6;

	buf_printf(buf, "%s%s%s:%u\n", v6 ? "[" : "",
		   ip_addr_format(&config->endpoint_address, text), v6 ? "]" : "",
		   config->endpoint_port);
}

void uapi_put_set(struct buf *buf, const struct tunnel_config *config)
{
	buf_add_text(buf, "set=1\nprivate_key=");
	buf_add_hex(buf, config->private_key, TUNNEL_KEY_BYTES);
	buf_printf(buf, "\nlisten_port=%u\nfwmark=%u\nreplace_peers=true\npublic_key=",
		   config->listen_port, config->mark);
	buf_add_hex(buf, config->peer_public_key, TUNNEL_KEY_BYTES);
	buf_add_text(buf, "\nendpoint=");
	put_endpoint(buf, config);
	buf_printf(buf,
		   "persistent_keepalive_interval=%u\nreplace_allowed_ips=true\n"
		   "allowed_ip=0.0.0.0/0\nallowed_ip=::/0\n\n",
		   config->keepalive_seconds);
}

void uapi_put_wg_conf(struct buf *buf, const struct tunnel_config *config)
{
	buf_add_text(buf, "[Interface]\nPrivateKey = ");
	put_base64(buf, config->private_key);
	buf_printf(buf, "\nListenPort = %u\nFwMark = %u\n[Peer]\nPublicKey = ", config->listen_port,
		   config->mark);
	put_base64(buf, config->peer_public_key);
	buf_add_text(buf, "\nEndpoint = ");
	put_endpoint(buf, config);
	buf_printf(buf, "PersistentKeepalive = %u\nAllowedIPs = 0.0.0.0/0, ::/0\n",
		   config->keepalive_seconds);
}

static int parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || number > max)
		return -1;
	*ret_number = number;
	return 0;
}

static int parse_hex(const char *text, uint8_t ret_key[static TUNNEL_KEY_BYTES])
{
	if (strlen(text) != 2 * (size_t)TUNNEL_KEY_BYTES)
		return -1;
	for (size_t i = 0; i < TUNNEL_KEY_BYTES; i++) {
		char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };
		char *end;

		ret_key[i] = (uint8_t)strtoul(digits, &end, 16);
		if (end != digits + 2)
			return -1;
	}
	return 0;
}

static int parse_base64(const char *text, uint8_t ret_key[static TUNNEL_KEY_BYTES])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	size_t out = 0;

	if (strlen(text) != 44)
		return -1;
	for (size_t i = 0; i < 43; i++) {
		const char *digit = strchr(digits, text[i]);

		if (digit == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (i % 4 == 3) {
			ret_key[out++] = (uint8_t)(bits >> 16);
			ret_key[out++] = (uint8_t)(bits >> 8);
			ret_key[out++] = (uint8_t)bits;
		}
	}
	ret_key[out++] = (uint8_t)(bits >> 10);
	ret_key[out] = (uint8_t)(bits >> 2);
	return 0;
}

/* "1.2.3.4:51820" or "[2001:db8::1]:51820" */
static int parse_endpoint(const char *text, struct tunnel_config *config)
{
	char address[IP_TEXT_MAX];
	const char *colon = strrchr(text, ':');
	size_t length;
	uint64_t port;

	if (colon == NULL || parse_number(colon + 1, UINT16_MAX, &port) < 0)
		return -1;
	length = (size_t)(colon - text);
	if (length > 1 && text[0] == '[') {
		text++;
		length -= 2;
	}
	if (length >= sizeof(address))
		return -1;
	memcpy(address, text, length);
	address[length] = '\0';
	config->endpoint_port = (uint16_t)port;
	return ip_addr_parse(address, &config->endpoint_address, NULL);
}

/* One line of the answer to `get=1`. Unknown keys are left alone. */
static int parse_get_line(const char *key, const char *value, struct tunnel_state *state,
			  unsigned *allowed)
{
	struct tunnel_config *config = &state->config;
	uint64_t number = 0;

	if (strcmp(key, "private_key") == 0)
		return parse_hex(value, config->private_key);
	if (strcmp(key, "public_key") == 0)
		return parse_hex(value, config->peer_public_key);
	if (strcmp(key, "endpoint") == 0)
		return parse_endpoint(value, config);
	if (strcmp(key, "allowed_ip") == 0) {
		*allowed |= strcmp(value, "0.0.0.0/0") == 0 ? 1u
			    : strcmp(value, "::/0") == 0    ? 2u
							    : 0;
		return 0;
	}
	if (strcmp(key, "listen_port") == 0 || strcmp(key, "fwmark") == 0 ||
	    strcmp(key, "persistent_keepalive_interval") == 0 || strcmp(key, "rx_bytes") == 0 ||
	    strcmp(key, "tx_bytes") == 0 || strcmp(key, "last_handshake_time_sec") == 0) {
		if (parse_number(value, UINT64_MAX, &number) < 0)
			return -1;
	}
	if (strcmp(key, "listen_port") == 0)
		config->listen_port = (uint16_t)number;
	else if (strcmp(key, "fwmark") == 0)
		config->mark = (uint32_t)number;
	else if (strcmp(key, "persistent_keepalive_interval") == 0)
		config->keepalive_seconds = (uint16_t)number;
	else if (strcmp(key, "rx_bytes") == 0)
		state->received_bytes = number;
	else if (strcmp(key, "tx_bytes") == 0)
		state->sent_bytes = number;
	else if (strcmp(key, "last_handshake_time_sec") == 0)
		state->handshake_seconds = (int64_t)number;
	return 0;
}

/* Takes the next line, without its end. Returns false at the end of the text. */
static bool next_line(const char **text, char line[static UAPI_LINE_MAX])
{
	size_t length = strcspn(*text, "\n");

	if (**text == '\0')
		return false;
	memcpy(line, *text, MIN(length, (size_t)UAPI_LINE_MAX - 1));
	line[MIN(length, (size_t)UAPI_LINE_MAX - 1)] = '\0';
	*text += length + ((*text)[length] == '\n');
	return true;
}

int uapi_parse_get(const char *text, struct tunnel_state *ret_state, struct error *e)
{
	struct tunnel_state state = { 0 };
	char line[UAPI_LINE_MAX];
	unsigned allowed = 0;
	bool ended = false;

	while (next_line(&text, line)) {
		char *equals = strchr(line, '=');

		if (equals == NULL)
			continue;
		*equals = '\0';
		if (strcmp(line, "errno") == 0) {
			if (strcmp(equals + 1, "0") != 0)
				return error_set(e, "WireGuard answers errno %.16s", equals + 1);
			ended = true;
		} else if (parse_get_line(line, equals + 1, &state, &allowed) < 0) {
			return error_set(e, "WireGuard answers a %.40s that cannot be read", line);
		}
	}
	if (!ended)
		return error_set(e, "WireGuard's answer has no end");
	state.all_addresses = allowed == 3;
	*ret_state = state;
	return 0;
}

int uapi_parse_set(const char *text, struct error *e)
{
	const char *found = strstr(text, "errno=");
	long code;

	if (found == NULL)
		return error_set(e, "WireGuard's answer has no errno");
	if (strcmp(found, "errno=0\n\n") == 0 || strcmp(found, "errno=0\n") == 0)
		return 0;
	/* Such as a listen port that another tunnel of this node has. */
	code = strtol(found + strlen("errno="), NULL, 10);
	return error_set(e, "WireGuard refuses the configuration: %s", strerror((int)labs(code)));
}

#define DUMP_FIELDS 8

int uapi_parse_wg_dump(const char *text, struct tunnel_state *ret_state, struct error *e)
{
	struct tunnel_state state = { 0 };
	char line[UAPI_LINE_MAX];

	for (unsigned row = 0; next_line(&text, line); row++) {
		char *field[DUMP_FIELDS] = { 0 };
		char *next = line;
		uint64_t number[DUMP_FIELDS] = { 0 };

		for (size_t i = 0; i < DUMP_FIELDS; i++) {
			field[i] = strsep(&next, "\t");
			if (field[i] == NULL)
				field[i] = (char *)(uintptr_t) "";
			if (parse_number(field[i], UINT64_MAX, &number[i]) < 0)
				number[i] = 0; /* a key, "off", "(none)" */
		}
		if (row == 0) {
			if (parse_base64(field[0], state.config.private_key) < 0)
				return error_set(e, "wg show: a private key that cannot be read");
			state.config.listen_port = (uint16_t)number[2];
			state.config.mark = (uint32_t)number[3];
		} else if (row == 1) {
			if (parse_base64(field[0], state.config.peer_public_key) < 0)
				return error_set(e, "wg show: a public key that cannot be read");
			if (parse_endpoint(field[2], &state.config) < 0)
				state.config.endpoint_port = 0; /* "(none)" */
			state.all_addresses = strstr(field[3], "0.0.0.0/0") != NULL &&
					      strstr(field[3], "::/0") != NULL;
			state.handshake_seconds = (int64_t)number[4];
			state.received_bytes = number[5];
			state.sent_bytes = number[6];
			state.config.keepalive_seconds = (uint16_t)number[7];
		}
	}
	*ret_state = state;
	return 0;
}
