/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_words.h - a rule as a scenario writes it. */
#ifndef UPSTACK_TESTS_LAB_RULE_WORDS_H
#define UPSTACK_TESTS_LAB_RULE_WORDS_H

#include "lab/rule.h"

struct words;

/* ACTION [AMOUNT] CONDITION...; ends the program where it is wrong. */
struct rule rule_from_words(struct words *w);

#endif
