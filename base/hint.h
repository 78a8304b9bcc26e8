/* SPDX-License-Identifier: BSD-3-Clause */
/* hint.h - what the compiler cannot know of the path of a usual packet. */
#ifndef UPSTACK_BASE_HINT_H
#define UPSTACK_BASE_HINT_H

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* A function that a usual packet does not reach: kept out of those that it
 * does, so that they need not save registers for it. */
#define APART __attribute__((noinline))

/* The same where only few packets do: size matters more than speed. */
#define RARE __attribute__((noinline, cold))

#endif
