/* Convolutions by oneDNN, through its C interface (version 2 or 3). */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/onednn.h"

#include "experiments/gpu/cpu.h"

#ifdef BYOL_ONEDNN

#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FORWARD_CHUNKS = 32, /* of images, at most; each is one thread's work */
    WEIGHT_CHUNKS = 8,   /* each has its own gradient: few, as these are added afterwards */
    ALIGNMENT = 64
};

/* ---- the two versions of the interface */

#if DNNL_VERSION_MAJOR < 3
typedef const dnnl_memory_desc_t *layout; /* borrowed */

struct described {
    dnnl_memory_desc_t desc;
};
static layout layout_of(const struct described *described)
{
    return &described->desc;
}
static void forget(struct described *described)
{
    (void)described;
}
static dnnl_status_t describe(struct described *described, const dnnl_dims_t sizes,
                              dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_init_by_tag(&described->desc, 4, sizes, dnnl_f32, tag);
}
#else
typedef const_dnnl_memory_desc_t layout;

struct described {
    dnnl_memory_desc_t desc;
};
static layout layout_of(const struct described *described)
{
    return described->desc;
}
static void forget(struct described *described)
{
    if (described->desc)
        dnnl_memory_desc_destroy(described->desc);
}
static dnnl_status_t describe(struct described *described, const dnnl_dims_t sizes,
                              dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_create_with_tag(&described->desc, 4, sizes, dnnl_f32, tag);
}
#endif

/* One convolution: layouts of the input, the weights (chosen by oneDNN) and the output. */
struct problem {
    struct described x, w, y;
    dnnl_dims_t strides, padding;
};

enum direction { FORWARD, DX, DW, DIRECTIONS };

/* The primitive's description; hint: that of the forward pass. */
static dnnl_status_t describe_primitive(const struct problem *problem, enum direction direction,
                                        dnnl_engine_t engine,
                                        const_dnnl_primitive_attr_t attributes,
                                        const_dnnl_primitive_desc_t hint,
                                        dnnl_primitive_desc_t *made)
{
    const layout x = layout_of(&problem->x);
    const layout w = layout_of(&problem->w);
    const layout y = layout_of(&problem->y);
    const dnnl_dim_t *strides = problem->strides;
    const dnnl_dim_t *padding = problem->padding;
#if DNNL_VERSION_MAJOR < 3
    dnnl_convolution_desc_t convolution;
    dnnl_status_t status;
    if (direction == FORWARD)
        status = dnnl_convolution_forward_desc_init(&convolution, dnnl_forward_training,
                                                    dnnl_convolution_direct, x, w, NULL, y, strides,
                                                    padding, padding);
    else if (direction == DX)
        status = dnnl_convolution_backward_data_desc_init(&convolution, dnnl_convolution_direct, x,
                                                          w, y, strides, padding, padding);
    else
        status = dnnl_convolution_backward_weights_desc_init(
            &convolution, dnnl_convolution_direct, x, w, NULL, y, strides, padding, padding);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(made, &convolution, attributes, engine, hint);
    return status;
#else
    const dnnl_dims_t dense = {0, 0};
    if (direction == FORWARD)
        return dnnl_convolution_forward_primitive_desc_create(
            made, engine, dnnl_forward_training, dnnl_convolution_direct, x, w, NULL, y, strides,
            dense, padding, padding, attributes);
    if (direction == DX)
        return dnnl_convolution_backward_data_primitive_desc_create(
            made, engine, dnnl_convolution_direct, x, w, y, strides, dense, padding, padding, hint,
            attributes);
    return dnnl_convolution_backward_weights_primitive_desc_create(
        made, engine, dnnl_convolution_direct, x, w, NULL, y, strides, dense, padding, padding,
        hint, attributes);
#endif
}

/* ---- plans */

/* One direction: chunks of images, and the weights in the order that oneDNN prefers. */
struct pass {
    int chunks;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t run;
    dnnl_primitive_t reorder; /* of the weights; NULL: they are used as they are */
    layout x, w, y, scratch;  /* owned by desc */
    float *packed;            /* WEIGHT_CHUNKS of them in DW */
    size_t packed_count;
};

struct onednn_plan {
    struct onednn_plan *next;
    struct pass pass[DIRECTIONS];
    struct described weights; /* k x r x r x c, as everywhere else */
    size_t in, out;           /* elements of an image's input and output */
    int n;
};

struct onednn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    int threads;
    char *scratch; /* threads x scratch_size bytes */
    size_t scratch_size;
    struct onednn_plan *plans;
};

static enum ssldyn_status failed(struct ssldyn_error *err, dnnl_status_t status, const char *what)
{
    if (status == dnnl_success)
        return SSLDYN_OK;
    if (status == dnnl_out_of_memory)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for oneDNN");
    return ssldyn_fail(err, SSLDYN_EFAILED, "oneDNN cannot %s (status %d)", what, (int)status);
}

const char *onednn_version(char text[ONEDNN_VERSION])
{
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, ONEDNN_VERSION, "%d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

enum ssldyn_status onednn_create(struct onednn **out, int threads, struct ssldyn_error *err)
{
    struct onednn *onednn = calloc(1, sizeof *onednn);
    *out = onednn;
    if (!onednn)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    onednn->threads = threads;
    dnnl_status_t status = dnnl_engine_create(&onednn->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        status = dnnl_stream_create(&onednn->stream, onednn->engine, dnnl_stream_default_flags);
    return failed(err, status, "start");
}

static void free_plan(struct onednn_plan *plan)
{
    for (int i = 0; i < DIRECTIONS; i++) {
        struct pass *pass = &plan->pass[i];
        if (pass->run)
            dnnl_primitive_destroy(pass->run);
        if (pass->reorder)
            dnnl_primitive_destroy(pass->reorder);
        if (pass->desc)
            dnnl_primitive_desc_destroy(pass->desc);
        free(pass->packed);
    }
    forget(&plan->weights);
    free(plan);
}

void onednn_free(struct onednn *onednn)
{
    if (!onednn)
        return;
    while (onednn->plans) {
        struct onednn_plan *next = onednn->plans->next;
        free_plan(onednn->plans);
        onednn->plans = next;
    }
    if (onednn->stream)
        dnnl_stream_destroy(onednn->stream);
    if (onednn->engine)
        dnnl_engine_destroy(onednn->engine);
    free(onednn->scratch);
    free(onednn);
}

/* The largest number of equal chunks up to `most`. It depends on the batch size alone. */
static int chunks_of(int n, int most)
{
    int chunks = n < most ? n : most;
    while (n % chunks != 0)
        chunks--;
    return chunks;
}

/* Primitives are planned for one thread and have workspace for one: none may start others. Returns
 * the number of threads that it replaces, which new teams of threads inherit. */
static int single_thread(void)
{
    int threads = 1;
#ifdef _OPENMP
    threads = omp_get_max_threads();
    omp_set_num_threads(1);
#endif
    return threads;
}

static void restore_threads(int threads)
{
#ifdef _OPENMP
    omp_set_num_threads(threads);
#else
    (void)threads;
#endif
}

/* The reordering of the weights, or of their gradient, if oneDNN's order differs from ours. */
static dnnl_status_t plan_reorder(const struct onednn *onednn, const struct onednn_plan *plan,
                                  enum direction direction, struct pass *pass)
{
    const layout ours = layout_of(&plan->weights);
    const bool back = direction == DW;
    dnnl_primitive_desc_t desc;
    if (dnnl_memory_desc_equal(pass->w, ours))
        return dnnl_success;
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(
        &desc, back ? pass->w : ours, onednn->engine, back ? ours : pass->w, onednn->engine, NULL);
    if (status != dnnl_success)
        return status;
    status = dnnl_primitive_create(&pass->reorder, desc);
    dnnl_primitive_desc_destroy(desc);
    return status;
}

static dnnl_status_t plan_pass(struct onednn *onednn, struct onednn_plan *plan,
                               const struct ops_conv *conv, enum direction direction)
{
    struct pass *pass = &plan->pass[direction];
    struct problem problem = {.strides = {conv->stride, conv->stride},
                              .padding = {conv->pad, conv->pad}};
    dnnl_primitive_attr_t attributes = NULL;
    pass->chunks = chunks_of(conv->n, direction == DW ? WEIGHT_CHUNKS : FORWARD_CHUNKS);
    const dnnl_dim_t n = conv->n / pass->chunks;
    const dnnl_dims_t x = {n, conv->c, conv->h, conv->w};
    const dnnl_dims_t w = {conv->k, conv->c, conv->r, conv->r};
    const dnnl_dims_t y = {n, conv->k, ops_extent(conv->h, conv->r, conv->stride, conv->pad),
                           ops_extent(conv->w, conv->r, conv->stride, conv->pad)};
    dnnl_status_t status = describe(&problem.x, x, dnnl_nhwc);
    if (status == dnnl_success)
        status = describe(&problem.w, w, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = describe(&problem.y, y, dnnl_nhwc);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status =
            describe_primitive(&problem, direction, onednn->engine, attributes,
                               direction == FORWARD ? NULL : plan->pass[FORWARD].desc, &pass->desc);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&pass->run, pass->desc);
    if (status == dnnl_success) {
        pass->x = dnnl_primitive_desc_query_md(
            pass->desc, direction == DX ? dnnl_query_diff_src_md : dnnl_query_src_md, 0);
        pass->w = dnnl_primitive_desc_query_md(
            pass->desc, direction == DW ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
        pass->y = dnnl_primitive_desc_query_md(
            pass->desc, direction == FORWARD ? dnnl_query_dst_md : dnnl_query_diff_dst_md, 0);
        pass->scratch = dnnl_primitive_desc_query_md(pass->desc, dnnl_query_scratchpad_md, 0);
        status = plan_reorder(onednn, plan, direction, pass);
    }
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    forget(&problem.x);
    forget(&problem.w);
    forget(&problem.y);
    return status;
}

/* Makes *memory hold `bytes` at an aligned address; the content is lost. */
static dnnl_status_t hold(void *memory, size_t bytes)
{
    void *block = NULL;
    if (posix_memalign(&block, ALIGNMENT, bytes > 0 ? bytes : 1) != 0)
        return dnnl_out_of_memory;
    memset(block, 0, bytes);
    memcpy(memory, &block, sizeof block);
    return dnnl_success;
}

static size_t rounded_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Memory of a pass: the weights in oneDNN's order, and workspace for each thread. */
static dnnl_status_t provide(struct onednn *onednn, enum direction direction, struct pass *pass)
{
    const size_t scratch = rounded_up(dnnl_memory_desc_get_size(pass->scratch));
    const size_t weights = rounded_up(dnnl_memory_desc_get_size(pass->w));
    const size_t copies = direction == DW ? (size_t)pass->chunks : 1;
    pass->packed_count = weights / sizeof(float);
    if (scratch > onednn->scratch_size) {
        char *more = NULL;
        if (hold(&more, (size_t)onednn->threads * scratch) != dnnl_success)
            return dnnl_out_of_memory;
        free(onednn->scratch);
        onednn->scratch = more;
        onednn->scratch_size = scratch;
    }
    return hold(&pass->packed, copies * weights);
}

enum ssldyn_status onednn_plan(struct onednn *onednn, const struct ops_conv *conv,
                               bool forward_only, struct onednn_plan **out,
                               struct ssldyn_error *err)
{
    struct onednn_plan *plan = calloc(1, sizeof *plan);
    *out = plan;
    if (!plan)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    plan->next = onednn->plans;
    onednn->plans = plan;
    const int h = ops_extent(conv->h, conv->r, conv->stride, conv->pad);
    const int w = ops_extent(conv->w, conv->r, conv->stride, conv->pad);
    plan->n = conv->n;
    plan->in = (size_t)conv->h * (size_t)conv->w * (size_t)conv->c;
    plan->out = (size_t)h * (size_t)w * (size_t)conv->k;
    const dnnl_dims_t sizes = {conv->k, conv->c, conv->r, conv->r};
    const int threads = single_thread();
    dnnl_status_t status = describe(&plan->weights, sizes, dnnl_ohwi);
    for (int i = 0; i < (forward_only ? DX : DIRECTIONS) && status == dnnl_success; i++) {
        status = plan_pass(onednn, plan, conv, (enum direction)i);
        if (status == dnnl_success)
            status = provide(onednn, (enum direction)i, &plan->pass[i]);
    }
    restore_threads(threads);
    return failed(err, status, "plan a convolution");
}

/* ---- execution */

struct argument {
    int name;
    layout layout;
    const void *data;
};

/* Runs a primitive on memory that the arguments describe. */
static dnnl_status_t execute(const struct onednn *onednn, dnnl_primitive_t primitive, int count,
                             const struct argument arguments[])
{
    enum { MOST = 4 };
    dnnl_exec_arg_t passed[MOST];
    dnnl_status_t status = dnnl_success;
    int made = 0;
    for (; made < count && status == dnnl_success; made++) {
        void *data;
        memcpy(&data, &arguments[made].data, sizeof data); /* oneDNN takes inputs as non-const */
        passed[made].arg = arguments[made].name;
        status =
            dnnl_memory_create(&passed[made].memory, arguments[made].layout, onednn->engine, data);
        if (status != dnnl_success)
            break;
    }
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, onednn->stream, count, passed);
    for (int i = 0; i < made; i++)
        dnnl_memory_destroy(passed[i].memory);
    return status;
}

/* The weights in oneDNN's order; NULL on failure. */
static const float *pack(const struct onednn *onednn, const struct onednn_plan *plan,
                         const struct pass *pass, const float *w)
{
    if (!pass->reorder)
        return w;
    const struct argument arguments[] = {{DNNL_ARG_FROM, layout_of(&plan->weights), w},
                                         {DNNL_ARG_TO, pass->w, pass->packed}};
    return execute(onednn, pass->reorder, 2, arguments) == dnnl_success ? pass->packed : NULL;
}

/* Runs a pass over its chunks; w: in oneDNN's order, one for each chunk in DW. */
static dnnl_status_t run_chunks(const struct onednn *onednn, const struct onednn_plan *plan,
                                enum direction direction, int threads, const float *x,
                                const float *w, const float *y)
{
    static const int names[DIRECTIONS][3] = {
        {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
        {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
        {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST},
    };
    const struct pass *pass = &plan->pass[direction];
    const size_t images = (size_t)(plan->n / pass->chunks);
    const size_t step = direction == DW ? pass->packed_count : 0;
    int worst = (int)dnnl_success;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) num_threads(threads) reduction(max : worst)
#else
    (void)threads;
#endif
    for (int chunk = 0; chunk < pass->chunks; chunk++) {
        const size_t first = (size_t)chunk * images;
        const struct argument arguments[] = {
            {names[direction][0], pass->x, x + first * plan->in},
            {names[direction][1], pass->w, w + (size_t)chunk * step},
            {names[direction][2], pass->y, y + first * plan->out},
            {DNNL_ARG_SCRATCHPAD, pass->scratch,
             onednn->scratch + thread_number() * onednn->scratch_size},
        };
        const int status = (int)execute(onednn, pass->run, 4, arguments);
        worst = status > worst ? status : worst;
    }
    return (dnnl_status_t)worst;
}

static enum ssldyn_status run_packed(struct onednn *onednn, const struct onednn_plan *plan,
                                     enum direction direction, int threads, const float *x,
                                     const float *w, const float *y, struct ssldyn_error *err)
{
    const int all = single_thread();
    const float *packed = pack(onednn, plan, &plan->pass[direction], w);
    const dnnl_status_t status =
        packed ? run_chunks(onednn, plan, direction, threads, x, packed, y) : dnnl_runtime_error;
    restore_threads(all);
    return failed(err, status, "convolve");
}

enum ssldyn_status onednn_forward(struct onednn *onednn, const struct onednn_plan *plan,
                                  int threads, const float *x, const float *w, float *y,
                                  struct ssldyn_error *err)
{
    return run_packed(onednn, plan, FORWARD, threads, x, w, y, err);
}

enum ssldyn_status onednn_dx(struct onednn *onednn, const struct onednn_plan *plan, int threads,
                             const float *dy, const float *w, float *dx, struct ssldyn_error *err)
{
    return run_packed(onednn, plan, DX, threads, dx, w, dy, err);
}

enum ssldyn_status onednn_dw(struct onednn *onednn, const struct onednn_plan *plan, int threads,
                             const float *x, const float *dy, float *dw, struct ssldyn_error *err)
{
    const struct pass *pass = &plan->pass[DW];
    const int all = single_thread();
    float *sum = pass->packed;
    dnnl_status_t status = run_chunks(onednn, plan, DW, threads, x, pass->packed, dy);
    for (int chunk = 1; chunk < pass->chunks && status == dnnl_success; chunk++) {
        const float *part = pass->packed + (size_t)chunk * pass->packed_count;
        for (size_t i = 0; i < pass->packed_count; i++)
            sum[i] += part[i];
    }
    if (status == dnnl_success && pass->reorder) {
        const struct argument arguments[] = {{DNNL_ARG_FROM, pass->w, sum},
                                             {DNNL_ARG_TO, layout_of(&plan->weights), dw}};
        status = execute(onednn, pass->reorder, 2, arguments);
    } else if (status == dnnl_success) {
        memcpy(dw, sum, dnnl_memory_desc_get_size(pass->w));
    }
    restore_threads(all);
    return failed(err, status, "convolve");
}

#else /* built without oneDNN: the same functions, which write nothing */
/* NOLINTBEGIN(readability-non-const-parameter) */

const char *onednn_version(char text[ONEDNN_VERSION])
{
    (void)text;
    return NULL;
}

static enum ssldyn_status absent(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EFAILED, "this program was built without oneDNN");
}

enum ssldyn_status onednn_create(struct onednn **onednn, int threads, struct ssldyn_error *err)
{
    (void)threads;
    *onednn = NULL;
    return absent(err);
}

void onednn_free(struct onednn *onednn)
{
    (void)onednn;
}

enum ssldyn_status onednn_plan(struct onednn *onednn, const struct ops_conv *conv,
                               bool forward_only, struct onednn_plan **plan,
                               struct ssldyn_error *err)
{
    (void)onednn, (void)conv, (void)forward_only;
    *plan = NULL;
    return absent(err);
}

enum ssldyn_status onednn_forward(struct onednn *onednn, const struct onednn_plan *plan,
                                  int threads, const float *x, const float *w, float *y,
                                  struct ssldyn_error *err)
{
    (void)onednn, (void)plan, (void)threads, (void)x, (void)w, (void)y;
    return absent(err);
}

enum ssldyn_status onednn_dx(struct onednn *onednn, const struct onednn_plan *plan, int threads,
                             const float *dy, const float *w, float *dx, struct ssldyn_error *err)
{
    (void)onednn, (void)plan, (void)threads, (void)dy, (void)w, (void)dx;
    return absent(err);
}

enum ssldyn_status onednn_dw(struct onednn *onednn, const struct onednn_plan *plan, int threads,
                             const float *x, const float *dy, float *dw, struct ssldyn_error *err)
{
    (void)onednn, (void)plan, (void)threads, (void)x, (void)dy, (void)dw;
    return absent(err);
}

/* NOLINTEND(readability-non-const-parameter) */
#endif
