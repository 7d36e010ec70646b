/*
 * fuzz: what the targets share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A target asserts properties, not only that nothing crashes: what a decoder accepts, the encoder
 * writes, and it decodes to the same again.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert, in a function that a sanitizer's trace names. */
#define MUST_HOLD(x) assert(x)

#endif
