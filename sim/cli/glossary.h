/* The terms used in reports, columns and help, with explanations. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_GLOSSARY_H
#define SSLDYN_SIM_CLI_GLOSSARY_H

#include <stdio.h>

/* ssldyn help words: each term with its meaning, in alphabetical order. */
void ssldyn_cli_glossary_print(FILE *stream);

#endif
