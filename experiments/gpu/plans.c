/* Chooses, times and stores plans. The file is text, one choice per line: the shape, cuDNN's
 * version and the device (tab-separated), then the name of the chosen plan. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/plans.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime.h>

enum { OFFERED = 64, TRIED = 8, BATCHES = 3, RUNS = 10 };
enum { KEY = 512, LINE = KEY + sizeof(((struct candidate *)NULL)->name) }; /* characters */

static const char heading[] = "# ssldyn plans 1";

struct entry {
    struct entry *next;
    struct candidates_shape shape;
    struct candidate plan;
};

struct plans {
    struct plans_options options;
    struct entry *entries;
    char **lines; /* lines of the file, without the heading */
    size_t count;
};

bool plans_allow(const struct plans_options *options, const struct candidates_shape *shape,
                 const struct candidate *candidate)
{
    if (candidate->workspace > options->workspace || !candidate->deterministic) {
        return false;
    }
    return shape->type != CANDIDATES_FLOAT || (candidate->exact && !candidate->tensor_core);
}

size_t plans_first(const struct plans_options *options, const struct candidates_shape *shape,
                   const struct candidate list[], size_t count)
{
    size_t first = count;
    for (size_t i = count; i-- > 0;) {
        if (plans_allow(options, shape, &list[i]) &&
            (list[i].tensor_core || first == count || !list[first].tensor_core)) {
            first = i;
        }
    }
    return first;
}

static bool same(const struct candidates_shape *a, const struct candidates_shape *b)
{
    return a->op == b->op && a->type == b->type && a->n == b->n && a->h == b->h && a->w == b->w &&
           a->c == b->c && a->k == b->k && a->kernel == b->kernel && a->stride == b->stride &&
           a->pad == b->pad;
}

/* ---------------------------------------------------------------- the file */

static enum ssldyn_status keep(struct plans *plans, const char *line, struct ssldyn_error *err)
{
    char **grown = realloc(plans->lines, (plans->count + 1) * sizeof *grown);
    const size_t length = strlen(line) + 1;
    char *copy = malloc(length);
    if (grown) {
        plans->lines = grown;
    }
    if (!grown || !copy) {
        free(copy);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the list of plans");
    }
    memcpy(copy, line, length);
    plans->lines[plans->count++] = copy;
    return SSLDYN_OK;
}

static enum ssldyn_status read_lines(struct plans *plans, FILE *stream, struct ssldyn_error *err)
{
    const char *file = plans->options.file;
    char line[LINE + 2]; /* including the terminating null */
    for (size_t number = 1; fgets(line, sizeof line, stream); number++) {
        char *end = strchr(line, '\n');
        if (!end) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s:%zu: the line is too long, or its newline is missing", file,
                               number);
        }
        *end = '\0';
        if (number == 1) {
            if (strcmp(line, heading) != 0) {
                return ssldyn_fail(err, SSLDYN_EINPUT,
                                   "%s:1: is not a list of plans: expected \"%s\"", file, heading);
            }
            continue;
        }
        size_t tabs = 0;
        for (const char *at = line; (at = strchr(at, '\t')) != NULL; at++) {
            tabs++;
        }
        if (tabs != 3) {
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "%s:%zu: expected shape, version, device and plan, separated by tabs", file,
                number);
        }
        const enum ssldyn_status status = keep(plans, line, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    return ferror(stream) ? ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s", file) : SSLDYN_OK;
}

static enum ssldyn_status write_lines(const struct plans *plans, struct ssldyn_error *err)
{
    struct ssldyn_file file = {0};
    const enum ssldyn_status status = ssldyn_file_open(&file, plans->options.file, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    fprintf(file.stream, "%s\n", heading);
    for (size_t i = 0; i < plans->count; i++) {
        fprintf(file.stream, "%s\n", plans->lines[i]);
    }
    return ssldyn_file_commit(&file, err);
}

/* The key of a choice: everything it depends on, including the tab before the name. */
static void key(const struct plans *plans, const struct candidates_shape *shape, size_t size,
                char *text)
{
    static const char *const ops[] = {[CANDIDATES_FORWARD] = "forward",
                                      [CANDIDATES_DATA] = "data",
                                      [CANDIDATES_FILTER] = "filter"};
    snprintf(text, size,
             "%s %s n=%" PRId64 " h=%" PRId64 " w=%" PRId64 " c=%" PRId64 " k=%" PRId64
             " kernel=%" PRId64 " stride=%" PRId64 " pad=%" PRId64 "\t%zu\t%s\t",
             ops[shape->op], shape->type == CANDIDATES_BF16 ? "bf16" : "float", shape->n, shape->h,
             shape->w, shape->c, shape->k, shape->kernel, shape->stride, shape->pad,
             cudnnGetVersion(), plans->options.device_name);
}

/* The name stored for a key, NULL if there is none. */
static const char *recall(const struct plans *plans, const char *text)
{
    const size_t length = strlen(text);
    for (size_t i = plans->count; i-- > 0;) {
        if (strncmp(plans->lines[i], text, length) == 0) {
            return plans->lines[i] + length;
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- timing */

struct trial {
    void *x, *w, *y, *workspace;
    cudaEvent_t start, stop;
    cudaStream_t stream;
};

static void trial_free(struct trial *trial)
{
    cudaFree(trial->x);
    cudaFree(trial->w);
    cudaFree(trial->y);
    cudaFree(trial->workspace);
    if (trial->start) {
        cudaEventDestroy(trial->start);
    }
    if (trial->stop) {
        cudaEventDestroy(trial->stop);
    }
}

/* Device memory filled with small random numbers: zeros would make a plan look faster than it
 * is. */
static cudaError_t filled(const struct trial *trial, void **memory, int64_t elements, size_t size)
{
    const size_t bytes = (size_t)elements * size;
    const cudaError_t status = cudaMalloc(memory, bytes);
    return status == cudaSuccess ? cudaMemsetAsync(*memory, 0x3c, bytes, trial->stream) : status;
}

static enum ssldyn_status trial_init(struct trial *trial, const struct plans *plans,
                                     const struct candidates_shape *shape, size_t workspace,
                                     struct ssldyn_error *err)
{
    const size_t size = shape->type == CANDIDATES_BF16 ? 2 : 4;
    const int64_t y = shape->n * candidates_extent(shape, shape->h) *
                      candidates_extent(shape, shape->w) * shape->k;
    const int64_t x = shape->n * shape->h * shape->w * shape->c;
    const int64_t w = shape->k * shape->kernel * shape->kernel * shape->c;
    if (cudnnGetStream(plans->options.device.handle, &trial->stream) != CUDNN_STATUS_SUCCESS) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "cuDNN did not return its stream");
    }
    cudaError_t status = filled(trial, &trial->x, x, size);
    status = status ? status : filled(trial, &trial->w, w, size);
    status = status ? status : filled(trial, &trial->y, y, size);
    status = status ? status : cudaMalloc(&trial->workspace, workspace + 1);
    status = status ? status : cudaEventCreate(&trial->start);
    status = status ? status : cudaEventCreate(&trial->stop);
    if (status != cudaSuccess) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "timing a convolution: %s",
                           cudaGetErrorString(status));
    }
    return SSLDYN_OK;
}

/* Milliseconds of one run: the best of a few batches. */
static enum ssldyn_status measure(const struct trial *trial, const struct plans *plans,
                                  const struct candidate *candidate, float *best,
                                  struct ssldyn_error *err)
{
    for (int batch = 0; batch <= BATCHES; batch++) {
        float milliseconds = 0.0F;
        cudaEventRecord(trial->start, trial->stream);
        for (int run = 0; run < (batch == 0 ? 1 : RUNS); run++) { /* batch 0 loads the kernel */
            const enum ssldyn_status status =
                candidate_run(candidate, plans->options.device.handle, trial->x, trial->w, trial->y,
                              trial->workspace, err);
            if (status != SSLDYN_OK) {
                return status;
            }
        }
        cudaEventRecord(trial->stop, trial->stream);
        const cudaError_t waited = cudaEventSynchronize(trial->stop);
        if (waited != cudaSuccess) {
            return ssldyn_fail(err, SSLDYN_EFAILED, "trial run of plan %s: %s", candidate->name,
                               cudaGetErrorString(waited));
        }
        cudaEventElapsedTime(&milliseconds, trial->start, trial->stop);
        if (batch == 1 || (batch > 1 && milliseconds / RUNS < *best)) {
            *best = milliseconds / RUNS;
        }
    }
    return SSLDYN_OK;
}

/* The fastest of the first few allowed plans; on entry *fastest is one of them. A plan that does
 * not run is skipped; an error only if none runs. */
static enum ssldyn_status race(const struct plans *plans, const struct candidates_shape *shape,
                               const struct candidate *list, size_t count, size_t *fastest,
                               struct ssldyn_error *err)
{
    struct trial trial = {0};
    size_t workspace = 0;
    for (size_t i = 0; i < count; i++) {
        if (plans_allow(&plans->options, shape, &list[i]) && list[i].workspace > workspace) {
            workspace = list[i].workspace;
        }
    }
    enum ssldyn_status status = trial_init(&trial, plans, shape, workspace, err);
    float best = 0.0F;
    size_t tried = 0;
    size_t ran = 0;
    if (status != SSLDYN_OK) {
        trial_free(&trial);
        return status;
    }
    for (size_t i = 0; i < count && tried < TRIED; i++) {
        float milliseconds = 0.0F;
        if (!plans_allow(&plans->options, shape, &list[i])) {
            continue;
        }
        tried++;
        status = measure(&trial, plans, &list[i], &milliseconds, err);
        if (status == SSLDYN_OK && (ran++ == 0 || milliseconds < best)) {
            best = milliseconds;
            *fastest = i;
        }
    }
    trial_free(&trial);
    (void)cudaGetLastError(); /* error of a plan that did not run */
    return ran > 0 ? SSLDYN_OK : status;
}

/* ---------------------------------------------------------------- the choice */

/* Index of the plan to take; the choice is new if it was not in the file. */
static enum ssldyn_status choose(struct plans *plans, const struct candidates_shape *shape,
                                 const struct candidate *list, size_t count, size_t *chosen,
                                 struct ssldyn_error *err)
{
    char text[KEY];
    char line[LINE];
    key(plans, shape, sizeof text, text);
    const char *kept = recall(plans, text);
    const size_t first = plans_first(&plans->options, shape, list, count);
    for (size_t i = 0; kept && i < count; i++) {
        if (strcmp(kept, list[i].name) == 0 && plans_allow(&plans->options, shape, &list[i])) {
            *chosen = i;
            return SSLDYN_OK;
        }
    }
    if (first == count) {
        return ssldyn_fail(
            err, SSLDYN_EFAILED,
            "none of cuDNN's %zu plans qualifies: %.*s (must be reproducible, with at most %zu "
            "bytes of workspace)",
            count, (int)strcspn(text, "\t"), text, plans->options.workspace);
    }
    *chosen = first;
    if (!plans->options.file || !plans->options.device.handle) {
        return SSLDYN_OK;
    }
    enum ssldyn_status status = race(plans, shape, list, count, chosen, err);
    if (status == SSLDYN_OK) {
        snprintf(line, sizeof line, "%s%s", text, list[*chosen].name);
        status = keep(plans, line, err);
    }
    return status == SSLDYN_OK ? write_lines(plans, err) : status;
}

enum ssldyn_status plans_find(struct plans *plans, const struct candidates_shape *shape,
                              const struct candidate **plan, struct ssldyn_error *err)
{
    struct candidate list[OFFERED];
    size_t count = 0;
    size_t refused = 0;
    size_t chosen = 0;
    for (const struct entry *entry = plans->entries; entry; entry = entry->next) {
        if (same(&entry->shape, shape)) {
            *plan = &entry->plan;
            return SSLDYN_OK;
        }
    }
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a plan");
    }
    enum ssldyn_status status =
        candidates_list(&plans->options.device, shape, OFFERED, list, &count, &refused, err);
    if (status == SSLDYN_OK) {
        status = choose(plans, shape, list, count, &chosen, err);
    }
    for (size_t i = 0; i < count; i++) {
        if (status == SSLDYN_OK && i == chosen) {
            entry->plan = list[i];
        } else {
            candidate_free(&list[i]);
        }
    }
    if (status != SSLDYN_OK) {
        free(entry);
        return status;
    }
    entry->shape = *shape;
    entry->next = plans->entries;
    plans->entries = entry;
    *plan = &entry->plan;
    return SSLDYN_OK;
}

enum ssldyn_status plans_open(const struct plans_options *options, struct plans **plans,
                              struct ssldyn_error *err)
{
    struct plans *made = calloc(1, sizeof *made);
    enum ssldyn_status status = SSLDYN_OK;
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the list of plans");
    }
    made->options = *options;
    if (options->file) {
        FILE *stream = fopen(options->file, "r");
        if (stream) {
            status = read_lines(made, stream, err);
            (void)fclose(stream);
        } else if (errno != ENOENT) {
            status = ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s", options->file);
        }
    }
    if (status != SSLDYN_OK) {
        plans_free(made);
        return status;
    }
    *plans = made;
    return SSLDYN_OK;
}

void plans_free(struct plans *plans)
{
    if (!plans) {
        return;
    }
    while (plans->entries) {
        struct entry *next = plans->entries->next;
        candidate_free(&plans->entries->plan);
        free(plans->entries);
        plans->entries = next;
    }
    for (size_t i = 0; i < plans->count; i++) {
        free(plans->lines[i]);
    }
    free(plans->lines);
    free(plans);
}
