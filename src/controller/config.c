/*
 * config: helio-controller's configuration file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/doc.h"
#include "model/yaml.h"

#define FILE_BYTES_MAX (16u << 20)
#define LOG_INFO_INDEX 3
#define LOG_LEVEL_FIRST 3u /* "error" is 3 in syslog */

static const char *const log_levels[] = { "error", "warning", "notice", "info", "debug", NULL };

#define TEXT_FIELD(name_, type_, member_, flags_)                                    \
	{                                                                            \
		.name = name_, .type = DOC_TEXT, .offset = offsetof(type_, member_), \
		.flags = (flags_)                                                    \
	}

static const struct doc_field tls_fields[] = {
	TEXT_FIELD("ca", struct config_tls, ca, 0),
	TEXT_FIELD("certificate", struct config_tls, certificate, DOC_REQUIRED),
	TEXT_FIELD("key", struct config_tls, key, DOC_REQUIRED),
};

static int read_tls(const json_t *value, void *to, const char *path, struct error *e)
{
	return doc_read(value, tls_fields, ARRAY_SIZE(tls_fields), 0, to, path, e);
}

static const struct doc_field listen_fields[] = {
	{ .name = "address",
	  .type = DOC_ADDR,
	  .offset = offsetof(struct config_listen, address),
	  .flags = DOC_REQUIRED },
	{ .name = "port", .type = DOC_U16, .offset = offsetof(struct config_listen, port) },
	{ .name = "tls",
	  .type = DOC_CUSTOM,
	  .offset = offsetof(struct config_listen, tls),
	  .read = read_tls },
};

static int read_listen(const json_t *value, void *to, const char *path, struct error *e)
{
	return doc_read(value, listen_fields, ARRAY_SIZE(listen_fields), 0, to, path, e);
}

static const struct doc_field config_fields[] = {
	TEXT_FIELD("store", struct controller_config, store, DOC_REQUIRED),
	TEXT_FIELD("tokens", struct controller_config, tokens, 0),
	TEXT_FIELD("secrets-key", struct controller_config, secrets_key, DOC_REQUIRED),
	{ .name = "northbound",
	  .type = DOC_CUSTOM,
	  .offset = offsetof(struct controller_config, northbound),
	  .read = read_listen },
	{ .name = "southbound",
	  .type = DOC_CUSTOM,
	  .offset = offsetof(struct controller_config, southbound),
	  .read = read_listen },
	{ .name = "lease-ms",
	  .type = DOC_U32,
	  .offset = offsetof(struct controller_config, lease_ms),
	  .min = 300,
	  .max = 600000 },
	{ .name = "default-as",
	  .type = DOC_ASN,
	  .offset = offsetof(struct controller_config, default_as) },
	{ .name = "log-level",
	  .type = DOC_CHOICE,
	  .offset = offsetof(struct controller_config, log_level),
	  .choices = log_levels },
};

char *config_read_file(const char *path, size_t *ret_bytes, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf text;
	ssize_t got = -1;

	if (fd < 0) {
		error_set(e, "%s: %s", path, strerror(errno));
		return NULL;
	}
	buf_init(&text, FILE_BYTES_MAX);
	do {
		char *to = buf_reserve(&text, 65536);

		if (to == NULL) {
			errno = EFBIG;
			got = -1;
			break;
		}
		got = read(fd, to, 65536);
		if (got > 0)
			buf_commit(&text, (size_t)got);
	} while (got > 0);
	close(fd);
	if (got < 0) {
		error_set(e, "%s: %s", path, strerror(errno));
		buf_done(&text);
		return NULL;
	}
	*ret_bytes = text.length;
	return buf_take(&text);
}

/* "x.pem" in /etc/helio-controller.yaml is /etc/x.pem. */
static void resolve(char **path, const char *config_path)
{
	const char *slash = strrchr(config_path, '/');
	struct buf whole;

	if (*path == NULL || (*path)[0] == '/' || slash == NULL)
		return;
	buf_init(&whole, 0);
	buf_add(&whole, config_path, (size_t)(slash - config_path) + 1);
	buf_add_text(&whole, *path);
	mem_free(*path);
	*path = buf_take(&whole);
}

static void resolve_tls(struct config_tls *tls, const char *path)
{
	resolve(&tls->ca, path);
	resolve(&tls->certificate, path);
	resolve(&tls->key, path);
}

/* What must hold between keys. */
static int check(const struct controller_config *config, struct error *e)
{
	if (config->northbound.address.family == IP_NONE &&
	    config->southbound.address.family == IP_NONE)
		return error_set(e, "northbound: neither northbound nor southbound is there: this "
				    "controller would listen to nobody");
	if (config->southbound.address.family != IP_NONE && config->southbound.tls.ca == NULL)
		return error_set(e, "southbound.tls.ca: nodes prove who they are by certificates: "
				    "an authority is needed");
	if (config->northbound.address.family == IP_NONE ||
	    ip_addr_is_loopback(&config->northbound.address))
		return 0;
	if (config->northbound.tls.certificate == NULL)
		return error_set(e, "northbound.tls: needed, because the address is not loopback");
	if (config->tokens == NULL)
		return error_set(e, "tokens: needed, because northbound.address is not loopback");
	return 0;
}

static int parse(struct controller_config *config, const char *path, const char *text, size_t bytes,
		 struct error *e)
{
	json_t *document = yaml_parse(text, bytes, path, e);
	int result;

	if (document == NULL)
		return -1;
	result = doc_read(document, config_fields, ARRAY_SIZE(config_fields), 0, config, "", e);
	if (result == 0)
		result = check(config, e);
	if (result < 0)
		yaml_error_locate(text, bytes, path, e);
	json_decref(document);
	return result;
}

int config_load(struct controller_config *config, const char *path, struct error *e)
{
	size_t bytes;
	char *text = config_read_file(path, &bytes, e);
	int result;

	*config = (struct controller_config){ .lease_ms = 3000,
					      .default_as = { 64512 },
					      .log_level = LOG_INFO_INDEX };
	config->northbound.port = 8080;
	config->southbound.port = 8443;
	if (text == NULL)
		return -1;
	result = parse(config, path, text, bytes, e);
	mem_free(text);
	if (result < 0) {
		config_done(config);
		return -1;
	}
	config->log_level = (uint8_t)(config->log_level + LOG_LEVEL_FIRST);
	resolve(&config->store, path);
	resolve(&config->tokens, path);
	resolve(&config->secrets_key, path);
	resolve_tls(&config->northbound.tls, path);
	resolve_tls(&config->southbound.tls, path);
	return 0;
}

static void tls_done(struct config_tls *tls)
{
	mem_free(tls->ca);
	mem_free(tls->certificate);
	mem_free(tls->key);
}

void config_done(struct controller_config *config)
{
	mem_free(config->store);
	mem_free(config->tokens);
	mem_free(config->secrets_key);
	tls_done(&config->northbound.tls);
	tls_done(&config->southbound.tls);
	*config = (struct controller_config){ 0 };
}
