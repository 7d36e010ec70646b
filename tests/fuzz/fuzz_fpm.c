/*
 * fuzz_fpm: the FPM decoder, and with it the rtnetlink parsers, on any bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fpm/fpm.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fpm_event event;
	struct error e;
	size_t used;

	while (fpm_decode(data, size, &used, &event, &e) == 1) {
		assert(used > 0 && used <= size);
		if (event.kind == FPM_ROUTE)
			assert(event.route.prefix.length <= 128);
		data += used;
		size -= used;
	}
	return 0;
}
