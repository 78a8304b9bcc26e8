/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_file.c - any bytes as a capture file. */
#include "fuzz/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reading_all(data, size);
	return 0;
}
