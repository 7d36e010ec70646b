/*
 * Fuzz target: YAML text, as a document and as heliod's file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is accepted is printed by jansson and read again to the same; an instance that is accepted
 * is printed, and its print is accepted again and equal.
 */
#include "fuzz.h"

#include "model/heliod_config.h"
#include "model/yaml.h"

static void check_instance(const struct instance_config *config)
{
	json_t *first = instance_config_to_json(config, false);
	struct error e;
	struct instance_config *again = instance_config_parse(first, "", &e);
	json_t *second;

	MUST_HOLD(again != NULL);
	second = instance_config_to_json(again, false);
	MUST_HOLD(json_equal(first, second));
	json_decref(first);
	json_decref(second);
	instance_config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e = { "" };
	json_t *document = yaml_parse((const char *)data, size, "f", &e);
	struct heliod_config *config;

	if (document != NULL) {
		char *text = json_dumps(document, JSON_ENCODE_ANY);
		json_t *again = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		MUST_HOLD(again != NULL && json_equal(document, again));
		json_decref(again);
		free(text);
	} else {
		MUST_HOLD(strncmp(e.text, "f:", 2) == 0);
	}
	json_decref(document);
	config = heliod_config_parse((const char *)data, size, "f", &e);
	if (config != NULL) {
		for (size_t i = 0; i < config->instance_count; i++)
			check_instance(config->instances[i]);
	} else {
		MUST_HOLD(strncmp(e.text, "f:", 2) == 0);
	}
	heliod_config_free(config);
	return 0;
}
