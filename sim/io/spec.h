/* The specification of a run: every option of every command as one table, from which the command
 * line, experiment files, spec.conf, help, range checks and sweep axes all follow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_SPEC_H
#define SSLDYN_SIM_IO_SPEC_H

#include "sim/base/error.h"
#include "theory/parameters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Commands, as a bit mask: an option's row says which ones take it. */
enum ssldyn_command {
    SSLDYN_COMMAND_FLOW = 1 << 0,
    SSLDYN_COMMAND_SGD = 1 << 1,
    SSLDYN_COMMAND_COMPARE = 1 << 2,
    SSLDYN_COMMAND_THEORY = 1 << 3,
    SSLDYN_COMMAND_BASIN = 1 << 4,
    SSLDYN_COMMAND_SWEEP = 1 << 5,
    SSLDYN_COMMAND_ALIGN = 1 << 6,
    SSLDYN_COMMAND_MOMENTS = 1 << 7,
    SSLDYN_COMMAND_PLOT = 1 << 8,
    SSLDYN_COMMAND_REPORT = 1 << 9
};

enum ssldyn_model {
    SSLDYN_MODEL_POPULATION, /* M1 */
    SSLDYN_MODEL_REDUCED,    /* M2 */
    SSLDYN_MODEL_MODES,      /* M3 */
    SSLDYN_MODEL_PARABOLA,   /* M4 */
    SSLDYN_MODEL_LOWDIM      /* M5 */
};

enum ssldyn_target_start { SSLDYN_TARGET_ZERO, SSLDYN_TARGET_COPY, SSLDYN_TARGET_RANDOM, SSLDYN_TARGET_FILE };

struct ssldyn_list {
    size_t count;
    double *values; /* owned */
};

/* Effective values after file, command line and defaults. Strings and lists are owned by the spec. */
struct ssldyn_spec {
    enum ssldyn_command command;
    enum ssldyn_model model;
    struct ssldyn_parameters parameters; /* rates.c is 1 + sigma2, filled in by spec_check */
    double sigma2;
    double eta; /* as typed; eta_p and eta_s default to it */
    bool ema;   /* false: --no-ema, the same as --tau 1 */

    /* data */
    int64_t n1, n2;
    char *x_file, *xprime_file; /* NULL: isotropic */

    /* start */
    struct ssldyn_list p0, s0, tau0;
    struct ssldyn_list wp0, w0, wa0;
    char *init_w, *init_wp, *init_f, *init_wa_file; /* NULL: drawn */
    enum ssldyn_target_start init_wa;
    double init_scale;
    uint64_t seed;
    bool closure_parabola;

    /* time and accuracy */
    double t_end;
    int64_t samples;
    bool log_time;
    double rtol, atol;
    char *stepper;

    /* output */
    char *output; /* directory; NULL: the default of the command */
    bool quiet, verbose, strict;
    int64_t threads;

    /* operands of the command line that are not options (RUN directories, DATA) */
    size_t operand_count;
    char **operands;

    /* which options were given by the user (file or command line), indexed like the option table */
    bool *given;
};

/* One option: a row of the table. */
enum ssldyn_option_kind {
    SSLDYN_OPTION_DOUBLE,
    SSLDYN_OPTION_INTEGER,  /* int64_t */
    SSLDYN_OPTION_SEED,     /* uint64_t */
    SSLDYN_OPTION_FLAG,     /* bool, set true by its presence; in a file: key = true|false */
    SSLDYN_OPTION_NEGATION, /* bool, set false by its presence (--no-ema) */
    SSLDYN_OPTION_CHOICE,   /* enum (int), one of choices "a|b|c" in the enum's order */
    SSLDYN_OPTION_STRING,
    SSLDYN_OPTION_LIST /* struct ssldyn_list: 0.1,0.2  or a:b:n  or log:a:b:n */
};
struct ssldyn_option {
    const char *name; /* with dashes, as typed after "--"; a file may write _ for - */
    const char *argument; /* what --help shows, e.g. "RATE"; NULL for flags */
    const char *help;     /* one or two lines: meaning and unit */
    const char *group;    /* heading in --help */
    const char *standard; /* default as text, NULL: none */
    const char *choices;  /* CHOICE only */
    enum ssldyn_option_kind kind;
    size_t offset; /* into struct ssldyn_spec */
    double minimum, maximum;
    bool minimum_open, maximum_open; /* whether the bound itself is excluded */
    unsigned commands;               /* mask of enum ssldyn_command */
};
extern const struct ssldyn_option ssldyn_options[];
extern const size_t ssldyn_option_count;

/* Row of the option with that name (dashes or underscores), or NULL. */
const struct ssldyn_option *ssldyn_option_find(const char *name);

/* Whether the user gave that option (file or command line). */
bool ssldyn_spec_given(const struct ssldyn_spec *spec, const char *name);

/* A spec with every default of the command. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_init(struct ssldyn_spec *spec,
                                                      enum ssldyn_command command,
                                                      struct ssldyn_error *err);
void ssldyn_spec_clear(struct ssldyn_spec *spec);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_copy(const struct ssldyn_spec *from,
                                                      struct ssldyn_spec *to,
                                                      struct ssldyn_error *err);

/* Sets one option from text; where is "file:line" or "--name" for the message. Refuses (EINPUT) an
 * unknown name (naming the nearest), one that is not the command's, a malformed or out-of-range
 * value. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_set(struct ssldyn_spec *spec, const char *name,
                                                     const char *value, const char *where,
                                                     struct ssldyn_error *err);

/* Reads key = value lines ('#' starts a comment; indented lines continue a list). EINPUT with
 * file:line for unknown, repeated or misplaced keys; "version" and "command" keys of a spec.conf are
 * understood. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_read(struct ssldyn_spec *spec, const char *path,
                                                      struct ssldyn_error *err);

/* Parses argv of one command: an optional FILE.conf first, options over it, operands. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_parse(struct ssldyn_spec *spec, int argc,
                                                       char *argv[], struct ssldyn_error *err);

/* Checks combinations (naming both options), fills in what follows from others (c, eta_p, eta_s,
 * tau). Call once after parsing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check(struct ssldyn_spec *spec,
                                                       struct ssldyn_error *err);

/* Writes directory/spec.conf: "# ssldyn spec 1", version, command, every option of the command that
 * has a value, such that reading it back gives the same spec (numbers as %.17g). Output, quiet,
 * verbose and threads are left out: they do not change results. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_write(const struct ssldyn_spec *spec,
                                                       const char *directory,
                                                       struct ssldyn_error *err);

/* The text of one option's present value (for spec.conf and reports); buffer of size bytes. */
const char *ssldyn_spec_value(const struct ssldyn_spec *spec, const struct ssldyn_option *option,
                              char *buffer, size_t size);

/* Strict numbers: the whole text, finite, nothing else. false otherwise. */
bool ssldyn_parse_double(const char *text, double *value);
bool ssldyn_parse_int64(const char *text, int64_t *value);

#endif
