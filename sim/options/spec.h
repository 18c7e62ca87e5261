/* The specification of a run of ssldyn: the struct that the options of all its commands fill in. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_SPEC_H
#define SSLDYN_SIM_OPTIONS_SPEC_H

#include "sim/base/error.h"
#include "sim/base/parse.h"
#include "sim/io/command.h"
#include "sim/options/settings.h"
#include "sim/options/view_options.h"
#include "sim/problem/problem.h"
#include "theory/depth.h"
#include "theory/parameters.h"
#include "theory/training.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ssldyn_theory_table {
    SSLDYN_TABLE_NONE,
    SSLDYN_TABLE_FIXEDPOINTS,
    SSLDYN_TABLE_VELOCITY,
    SSLDYN_TABLE_FIELD,
    SSLDYN_TABLE_NULLCLINES
};

/* Choices of --closure, in its order. */
enum ssldyn_closure {
    SSLDYN_CLOSURE_NONE,
    SSLDYN_CLOSURE_PARABOLA,
    SSLDYN_CLOSURE_LEADING,
    SSLDYN_CLOSURE_NEXT
};

/* What ssldyn align analyzes in addition to X and X'. */
struct ssldyn_align_options {
    char *wp, *f, *w, *wa, *features, *outputs; /* series of matrices */
    char *mean;                                 /* of the inputs, a vector or a stack */
    char *times;                                /* of the snapshots */
    char *spectra;                              /* a table of eigenvalues */
    bool centered, skip_bad;
    double norm_eps;
    double floor;
    double p_floor; /* of the modes on plateau and tail */
    int64_t leading;
    int64_t count;    /* samples behind F, 0: unknown */
    int64_t predict;  /* snapshot to forecast from, 0: none */
    double time_unit; /* flow time in one unit of t */
};

/* What ssldyn moments does; the single settings of the augmentation are filled in by the command
 * from the named one, unless given. */
struct ssldyn_moments_options {
    int image_format; /* enum ssldyn_image_format */
    int64_t images, pairs, splits;
    struct ssldyn_view_options views;
    int standardize; /* 0 no, 1 yes */
    double gain, offset, noise;
    int64_t patch, pool, pca;
    bool keep_mean, keep_negative;
    int scale; /* enum ssldyn_moments_scale */
};

/* What ssldyn sweep and ssldyn basin do. */
enum ssldyn_process { SSLDYN_PROCESS_FLOW, SSLDYN_PROCESS_SGD };
struct ssldyn_sweep_options {
    char *axes;    /* "eta=0:0.3:256;beta=log:0.01:10:64", in order; NULL: none */
    int64_t sobol; /* 0: a grid */
    int process;   /* enum ssldyn_process */
    char *columns; /* what is kept of a point; NULL: what suits the model */
    char *average; /* axes that stand for random starts, "a,b"; NULL: none */
    bool early_stop, all_rows, lines;
    int64_t point;   /* -1: all */
    char *at;        /* the point nearest to "eta=0.12,alpha_p=1"; NULL: not asked for */
    char *threshold; /* the option whose flips of fate are looked for; NULL: none */
    double lo, hi;
    int64_t scan;
    bool derivatives; /* of every threshold */
};

/* How ssldyn plot and ssldyn figure draw. */
struct ssldyn_page_options {
    char *width, *height; /* lengths, "3.25in"; NULL: the picture's own */
    char *font;
    double font_size; /* points */
    double dpi;       /* of a png; 0: two pixels for each of a screen's, or as pixels are given */
    char *column;     /* plot: what is drawn, "p_1,s_1"; NULL: what suits the run */
    char *values; /* figure: what its runs are made with, "eta=0.01,0.04;tau=1"; NULL: its own */
    char *images; /* figure: data of the kind that it takes */
    char *spectra;
    char *runs;     /* figure: the directory of its runs; NULL: out/figure-NAME */
    bool draw_only; /* figure: from the runs as they are */
};

/* How ssldyn explore serves its page. */
struct ssldyn_explore_options {
    int64_t port; /* 0: any free one */
    bool no_open;
};

/* Effective values after file, command line and defaults. Strings and lists are owned by the spec.
 */
struct ssldyn_spec {
    struct ssldyn_settings given;  /* the command; where each value came from */
    struct ssldyn_problem problem; /* what the physics works on */
    bool ema;                      /* false: --no-ema, the same as --tau 1 */

    /* data */
    char *x_file, *xprime_file;           /* NULL: isotropic */
    char *sxx_file, *syx_file, *syy_file; /* a pair in their place */
    char *data;              /* sgd: images, or .npy of N x n1 vectors; NULL: Gaussian data */
    char *moments_directory; /* sgd: of ssldyn moments, whose images are drawn; NULL: none */
    char *batch;             /* a number of data, or "inf" */

    /* start */
    char *init_w, *init_wp, *init_f, *init_wa_file; /* NULL: drawn */
    int closure;                                    /* enum ssldyn_closure */

    /* theory: what to print */
    double p_end;
    int table; /* enum ssldyn_theory_table */
    bool tied;

    struct ssldyn_align_options align;
    struct ssldyn_moments_options moments;
    struct ssldyn_sweep_options sweep;
    struct ssldyn_page_options page;
    struct ssldyn_explore_options explore;
    char *ladder; /* compare: an sgd experiment */

    /* output */
    char *output;  /* directory; NULL: the default of the command */
    char *picture; /* plot, report: the file to write; NULL: the default of the command */
    int format;    /* plot, figure: 0 png, 1 svg, 2 pdf, 3 eps, 4 tex, 5 window */
    bool follow;   /* plot: again and again as the run grows */
    bool quiet, verbose, strict;
    bool margins; /* flow, basin, align: those of every knob */
    int64_t threads;
};

extern const struct ssldyn_option ssldyn_options[];
extern const size_t ssldyn_options_count;
extern const struct ssldyn_schema ssldyn_options_schema;

/* What is particular to ssldyn's options, for its schema (struct ssldyn_schema says what each
 * function does). */
bool ssldyn_spec_applies(const void *fields, const struct ssldyn_option *option, char *why,
                         size_t size);
bool ssldyn_spec_replaces(const void *fields, const struct ssldyn_option *option,
                          const struct ssldyn_option *other);
bool ssldyn_spec_is_written(const void *fields, const struct ssldyn_option *option);
bool ssldyn_spec_passes_over(const void *fields, const struct ssldyn_option *option);
enum ssldyn_status ssldyn_spec_borrow(void *fields, const struct ssldyn_option *option,
                                      const char *value, const char *where,
                                      struct ssldyn_error *err);

/* Row of the option with that name (dashes or underscores), or NULL. */
static inline const struct ssldyn_option *ssldyn_option_find(const char *name)
{
    return ssldyn_settings_find(&ssldyn_options_schema, name);
}

/* The name of the nearest option of the command to a mistyped one, or to what training scripts call
 * it ("wd" is train-weight-decay); NULL when none is near. */
static inline const char *ssldyn_option_nearest(const char *name, unsigned command)
{
    const struct ssldyn_option *nearest =
        ssldyn_settings_nearest(&ssldyn_options_schema, name, command);
    return nearest ? nearest->name : NULL;
}

/* Whether the user gave that option (file or command line). */
static inline bool ssldyn_spec_given(const struct ssldyn_spec *spec, const char *name)
{
    return ssldyn_settings_given(&spec->given, name);
}

/* Where its value came from. */
static inline enum ssldyn_source ssldyn_spec_source(const struct ssldyn_spec *spec,
                                                    const char *name)
{
    return ssldyn_settings_origin(&spec->given, name)->source;
}

/* How a message names an option that was given: "--eta", or "run.conf:12: eta". Returns buffer. */
enum { SSLDYN_SPEC_WHERE = 300 };
static inline const char *ssldyn_spec_where(const struct ssldyn_spec *spec, const char *name,
                                            char buffer[SSLDYN_SPEC_WHERE])
{
    return ssldyn_settings_where(&spec->given, ssldyn_option_find(name), buffer, SSLDYN_SPEC_WHERE);
}

/* Sets one option, or an axis, from text (ssldyn_settings_set). */
SSLDYN_MUST_CHECK static inline enum ssldyn_status
ssldyn_spec_set(struct ssldyn_spec *spec, const char *name, const char *value, const char *where,
                struct ssldyn_error *err)
{
    return ssldyn_settings_set(&spec->given, name, value, where, err);
}

/* Gives an option an array in memory in place of a file (ssldyn_settings_array): by its name, or by
 * that of the mathematics where the command has one, W, Wp, Wa, F, X, Xprime. data is row-major and
 * borrowed as long as the spec, or a copy of it, is in use; ssldyn_spec_keep ends that. The checks
 * of files apply: of the shape when sizes are inferred, of the entries when the array is read.
 * EINPUT, beginning with "--" name. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_array(struct ssldyn_spec *spec, const char *name,
                                                       size_t dimensions, const size_t shape[],
                                                       const double *data,
                                                       struct ssldyn_error *err);
/* The same of numbers of another type. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_spec_array_of(struct ssldyn_spec *spec, const char *name, enum ssldyn_array_type type,
                     size_t dimensions, const size_t shape[], const void *data,
                     struct ssldyn_error *err);

/* The array that an option was given in memory; NULL: none, its field says which file. */
static inline const struct ssldyn_array_view *ssldyn_spec_memory(const struct ssldyn_spec *spec,
                                                                 const char *option)
{
    return ssldyn_arrays_find(&spec->given.arrays, option, 0);
}

/* Copies what the spec borrows, so that the arrays that it was given may go. ENOMEM. */
SSLDYN_MUST_CHECK static inline enum ssldyn_status ssldyn_spec_keep(struct ssldyn_spec *spec,
                                                                    struct ssldyn_error *err)
{
    return ssldyn_arrays_own(&spec->given.arrays, err);
}

/* Writes the arrays that options were given into a directory, as given_NAME.npy, which its
 * spec.conf calls @/given_NAME.npy. ssldyn_spec_write does so too. */
SSLDYN_MUST_CHECK static inline enum ssldyn_status
ssldyn_spec_write_arrays(const struct ssldyn_spec *spec, const char *directory,
                         struct ssldyn_error *err)
{
    return ssldyn_arrays_write(&spec->given.arrays, directory, err);
}

/* Whether --data holds images: always for ssldyn moments; for ssldyn sgd anything but a .npy, which
 * holds vectors unless an --augmentation is named. */
bool ssldyn_spec_has_images(const struct ssldyn_spec *spec);

/* Whether steps of SGD are taken: ssldyn sgd, or a sweep of that process. */
bool ssldyn_spec_is_sgd(const struct ssldyn_spec *spec);

/* A spec with every default of the command. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_spec_init(struct ssldyn_spec *spec, enum ssldyn_command command, struct ssldyn_error *err);
void ssldyn_spec_clear(struct ssldyn_spec *spec);
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_spec_copy(const struct ssldyn_spec *from, struct ssldyn_spec *to, struct ssldyn_error *err);

/* Adds an axis of a sweep to a spec (ssldyn_spec_set does so for names that begin with "axis.");
 * one of the same name is replaced, or refused if both are in one file. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_axis(void *fields, const char *name,
                                                      const char *value, const char *where,
                                                      struct ssldyn_error *err);

/* Appends NAME=VALUE to "NAME=VALUES;...", which *text owns, or puts it in the place of the entry
 * of length characters at old. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_axis_put(char **text, const char *old,
                                                          size_t length, const char *name,
                                                          const char *value,
                                                          struct ssldyn_error *err);

/* How a message names an axis: "--axis.eta", or "run.conf:12: axis.eta". Returns buffer. */
const char *ssldyn_spec_axis_where(const struct ssldyn_spec *spec, const char *name, char *buffer,
                                   size_t size);

/* Whether the spec has an axis of that option. */
bool ssldyn_spec_has_axis(const struct ssldyn_spec *spec, const char *name);

/* Whether an axis or the search for a threshold gives values to that option. */
bool ssldyn_spec_varies(const struct ssldyn_spec *spec, const char *name);

/* Whether training settings are given, here or along an axis. */
bool ssldyn_spec_has_training(const struct ssldyn_spec *spec);

/* The rates of the spec, NaN for those that an axis or a search varies. */
void ssldyn_spec_fixed_rates(const struct ssldyn_spec *spec, struct ssldyn_rates *rates);

/* Flow time of one step of training; NaN where it is not known. */
double ssldyn_spec_step_time(const struct ssldyn_spec *spec);

/* A value of a rate's option as the training setting that makes it: changes *value and returns the
 * setting's name, "train_weight_decay" of "eta"; NULL where there is none or no training settings
 * were given. */
const char *ssldyn_spec_as_setting(const struct ssldyn_spec *spec, const char *option,
                                   double *value);

/* The i-th option (0, 1, ...) that may not be given together with that one, as one is a training
 * setting and the other a rate that it makes; NULL: no more. */
const char *ssldyn_spec_rival(const char *name, size_t i);

/* Whether a later source's option of that name replaces an earlier one's rival. */
bool ssldyn_spec_rival_replaces(const char *name, const char *other);

/* Part of ssldyn_spec_check: refuses a loss where its equations are not known. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check_loss(const struct ssldyn_spec *spec,
                                                            struct ssldyn_error *err);

/* Part of ssldyn_spec_check: refuses --sxx and --syx where their equations are not known. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check_pair(const struct ssldyn_spec *spec,
                                                            struct ssldyn_error *err);

/* Part of ssldyn_spec_check_numbers: refuses a deep encoder where its equations are not known. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check_depth(const struct ssldyn_spec *spec,
                                                             struct ssldyn_error *err);

/* Part of ssldyn_spec_check: refuses settings given together with rates, or without what they need.
 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check_training(const struct ssldyn_spec *spec,
                                                                struct ssldyn_error *err);

/* n1 and n2, unless both are given, from the shapes of --x, --xprime and the matrices of the start,
 * whose files are opened. EINPUT for shapes that contradict each other, naming both. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_infer_sizes(struct ssldyn_spec *spec,
                                                             struct ssldyn_error *err);

/* Makes a parsed spec one that can be run: ssldyn_spec_check, the sizes from files
 * (ssldyn_spec_infer_sizes), ssldyn_problem_derive, ssldyn_spec_check_numbers. Call once after parsing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_prepare(struct ssldyn_spec *spec,
                                                         struct ssldyn_error *err);

/* What contradicts what, by where it came from: refuses combinations (naming both options), clears
 * what a later source overrides, and records in the problem what is given. Opens no file. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check(struct ssldyn_spec *spec,
                                                       struct ssldyn_error *err);

/* Refuses numbers that do not go together, of a derived problem. Cheap: a sweep asks at each point.
 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spec_check_numbers(const struct ssldyn_spec *spec,
                                                               struct ssldyn_error *err);

/* The spec of a finished run: directory/spec.conf, whose "command" key says which command's. OK
 * with command 0 and nothing else filled where it is another program's, which writes runs as we do.
 */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_spec_load(struct ssldyn_spec *spec, const char *directory, struct ssldyn_error *err);

/* Prints what spec.conf holds of a spec. */
void ssldyn_spec_print(const void *fields, FILE *stream);

/* The next operand in a spec.conf, which has those of a command that measures runs on separate
 * lines; false: no more, or stream is NULL. */
enum { SSLDYN_SPEC_OPERAND = 1024 };
bool ssldyn_spec_next_operand(FILE *stream, char name[SSLDYN_SPEC_OPERAND]);

/* Writes directory/spec.conf: "# ssldyn spec 1", version, command, every option of the command that
 * has a value, such that reading it back gives the same spec; and into the same directory the
 * arrays that options were given. Output, quiet, verbose and threads are left out: they do not
 * change results. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_spec_write(const struct ssldyn_spec *spec, const char *directory, struct ssldyn_error *err);

#endif
