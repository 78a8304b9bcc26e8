/* SPDX-License-Identifier: BSD-3-Clause */
/* merge.h - the frames of several readers in the order of their times. */
#ifndef UPSTACK_CAPTURE_MERGE_H
#define UPSTACK_CAPTURE_MERGE_H

#include "capture/reader.h"

struct merge;

/* Merge `count` open readers; NULL if memory is not to be had. */
struct merge *merge_new(struct reader *readers, uint32_t count);

/* As source_read: equal times come in the order of the files; frames are
 * numbered as they come. */
uint32_t merge_read(struct merge *m, struct frame *frames, uint32_t most);

void merge_free(struct merge *m);

#endif
