/* How the rows of a table of options say where a value is, of which kind, and what it may be. A
 * table defines AT(member), the offset in its struct, as .offset = offsetof(STRUCT, member), and
 * includes this. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_OPTION_ROWS_H
#define SSLDYN_SIM_OPTIONS_OPTION_ROWS_H

#include "sim/options/option.h"

#define KIND(kind_, member) .kind = SSLDYN_OPTION_##kind_, AT(member)
#define FLAG(member) KIND(FLAG, member)
#define NEGATION(member) KIND(NEGATION, member)
#define TEXT(member) KIND(STRING, member)
/* A file of an array, which may be in memory, where the mathematics calls it SYMBOL or NULL. */
#define ARRAY(member, SYMBOL) TEXT(member), .array = true, .symbol = (SYMBOL)
#define CHOICE(member, words) KIND(CHOICE, member), .choices = (words)
#define NUMBER(member, low, high) KIND(DOUBLE, member), .minimum = (low), .maximum = (high)
#define WHOLE(member, low, high) KIND(INTEGER, member), .minimum = (low), .maximum = (high)
#define LIST(member, low, high) KIND(LIST, member), .minimum = (low), .maximum = (high)

/* A row of random views; the table says in VIEW_USERS what else all of them have. */
#define OF_VIEW(NAME, ARGUMENT) SSLDYN_OPTION(NAME, ARGUMENT, "Augmentation"), VIEW_USERS

/* What it needs to have an effect: a function of the fields, and what a message says otherwise. */
#define NEEDS(condition, reason) .needs = {{condition, reason}}

#endif
