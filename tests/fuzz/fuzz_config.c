/*
 * Fuzz target: heliod's configuration file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is accepted is printed in its canonical form, and that form is accepted and prints the same.
 */
#include "fuzz.h"

#include "model/heliod_config.h"

static void check_instance(const struct instance_config *config)
{
	json_t *document = instance_config_to_json(config, false), *again;
	struct error e = { "" };
	struct instance_config *copy = instance_config_parse(document, "instance", &e);

	MUST_HOLD(copy != NULL);
	again = instance_config_to_json(copy, false);
	MUST_HOLD(json_equal(document, again));
	json_decref(again);
	again = instance_config_to_json(copy, true);
	json_decref(again);
	json_decref(document);
	instance_config_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e = { "" };
	struct heliod_config *config =
		heliod_config_parse((const char *)data, size, "fuzz.yaml", &e);

	MUST_HOLD((config == NULL) == (e.text[0] != '\0'));
	for (size_t i = 0; config != NULL && i < config->instance_count; i++)
		check_instance(config->instances[i]);
	heliod_config_free(config);
	return 0;
}
