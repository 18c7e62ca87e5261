/* A complete run. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/train.h"

#include "experiments/gpu/checkpoint.h"
#include "experiments/gpu/exchange.h"
#include "experiments/gpu/feed.h"
#include "experiments/gpu/observe.h"
#include "experiments/gpu/record.h"
#include "experiments/gpu/setup.h"

#include <math.h>
#include <stdlib.h>

/* The state of a run in progress. */
struct train {
    struct setup setup; /* the objects created from the options */
    const struct options *options;
    char *directory;
    struct record *record;
    double *Wp; /* n2 x n2 */
    struct observe_moments moments;
    double t;      /* flow time of the steps done */
    int64_t total; /* steps of the whole run */
    struct ssldyn_progress progress;
    double seconds;         /* time spent on steps since the previous row */
    double written, cost;   /* when the results were last written, and how long that took */
    int64_t images_started; /* value of `images` at the previous row */
    int64_t images;         /* images seen since the process started */
    double waited;          /* when the device was last waited for */
};

/* ---- time */

static double flow_time(const struct byol_config *config, int64_t first, int64_t end, double t)
{
    for (int64_t step = first; step < end; step++)
        t += byol_lr(config, step) / (1.0 - config->momentum);
    return t;
}

/* Whether an epoch ends with a row of results (or a linear probe, or a checkpoint). */
static bool is_due(int64_t epoch, int64_t every, int64_t last)
{
    return every > 0 && (epoch == last || epoch % every == 0);
}

static bool is_probed(const struct options *options, int64_t epoch)
{
    return (epoch > 0 || options->config.epochs == 0) &&
           is_due(epoch, options->probe_every, options->config.epochs);
}

/* ---- end of an epoch */

static void report_row(struct train *train, const struct record_row *row)
{
    const struct setup *setup = &train->setup;
    const double rate = (double)(train->images - train->images_started) / train->seconds;
    const double left =
        (double)(train->total - row->step) * (double)setup->config.batch / fmax(rate, 1e-9);
    const double passes = setup->config.ema ? 8.0 : 6.0;
    if (train->options->quiet)
        return;
    ssldyn_progress_end(&train->progress);
    fprintf(stderr, "epoch %g/%lld  loss %.6g  asymmetry %.3g", row->epoch,
            (long long)train->options->config.epochs, row->loss,
            record_last(train->record, "asymmetry"));
    if (!isnan(row->accuracy))
        fprintf(stderr, "  accuracy %.2f %% (best of %lld probe epochs)", row->accuracy,
                (long long)train->options->probe_epochs);
    if (train->images > train->images_started)
        fprintf(stderr, "  %.4g images/s  %.3g TFLOP/s  ETA %.0f s", rate,
                2e-12 * passes * net_macs(byol_online(setup->byol)) * rate, left);
    fputc('\n', stderr);
}

/* One row: probe, F and Wp, loss since the previous row. The loss is read last, so that a stop
 * during the probe loses nothing. */
static enum ssldyn_status measure(struct train *train, int64_t epoch, struct ssldyn_error *err)
{
    struct setup *setup = &train->setup;
    const int64_t steps = byol_steps(setup->byol);
    double metrics[OPS_METRICS];
    struct record_row row = {
        .t = train->t,
        .step = steps,
        .epoch = (double)epoch,
        .loss = (double)NAN,
        .learning_rate = byol_lr(&setup->config, steps > 0 ? steps - 1 : 0),
        .accuracy = (double)NAN,
        .accuracy_last = (double)NAN,
        .knn = (double)NAN,
    };
    enum ssldyn_status status = SSLDYN_OK;
    if (is_probed(train->options, epoch)) {
        struct probe_result result;
        status = probe_run(setup->probe, &result, err);
        row.accuracy = result.best;
        row.accuracy_last = result.last;
        row.knn = result.knn;
    }
    if (status == SSLDYN_OK)
        status = observe_matrices(setup->observe, train->Wp, &train->moments, err);
    if (status == SSLDYN_OK)
        status = byol_metrics(setup->byol, metrics, err);
    if (status != SSLDYN_OK)
        return status;
    if (metrics[OPS_METRIC_STEPS] > 0.0)
        row.loss = metrics[OPS_METRIC_LOSS] / metrics[OPS_METRIC_STEPS];
    status = record_add(train->record, &row, train->Wp, &train->moments, err);
    if (status == SSLDYN_OK)
        report_row(train, &row);
    train->seconds = 0.0;
    train->images_started = train->images;
    return status;
}

static enum ssldyn_status write_results(struct train *train, struct ssldyn_error *err)
{
    const double begun = ssldyn_clock_wall();
    const enum ssldyn_status status =
        record_write(train->record, train->options, train->directory, err);
    train->written = ssldyn_clock_wall();
    train->cost = train->written - begun;
    return status;
}

/* Results can be read while a run is in progress: they are written with every row, as long as that
 * takes less than a twentieth of the time. */
static enum ssldyn_status write_if_cheap(struct train *train, struct ssldyn_error *err)
{
    const bool cheap = ssldyn_clock_wall() - train->written >= 20.0 * train->cost;
    return cheap ? write_results(train, err) : SSLDYN_OK;
}

/* Results first, so that a checkpoint never refers to missing rows. */
static enum ssldyn_status save(struct train *train, struct ssldyn_error *err)
{
    const struct setup *setup = &train->setup;
    const struct checkpoint at = {byol_steps(setup->byol), (int64_t)record_rows(train->record)};
    enum ssldyn_status status = write_results(train, err);
    if (status == SSLDYN_OK)
        status = checkpoint_write(train->directory, train->options, setup->ops, setup->context,
                                  setup->byol, &at, err);
    return status;
}

/* ---- the loop */

/* Shows the images whose steps are done, not those whose steps a device has in its queue: waits for it,
 * once a second. */
static enum ssldyn_status show_progress(struct train *train, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    const double now = train->progress.shown ? ssldyn_clock_wall() : 0.0;
    if (now - train->waited >= 1.0) {
        status = train->setup.ops->sync(train->setup.context, err);
        train->waited = ssldyn_clock_wall();
        ssldyn_progress_update(&train->progress, (double)train->images);
    }
    return status;
}

/* Steps until the end of the epoch, or until a signal. */
static enum ssldyn_status run_epoch(struct train *train, int64_t epoch, struct ssldyn_error *err)
{
    struct setup *setup = &train->setup;
    const int64_t per_epoch = setup->config.steps;
    const int64_t first = byol_steps(setup->byol) % per_epoch;
    enum ssldyn_status status = feed_epoch(&setup->feed, setup->config.seed, epoch, true, err);
    if (status == SSLDYN_OK)
        byol_epoch(setup->byol, epoch, first);
    for (int64_t step = first; status == SSLDYN_OK && step < per_epoch; step++) {
        if (ssldyn_signal_pending())
            return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped in epoch %lld, after step %lld",
                               (long long)epoch + 1, (long long)byol_steps(setup->byol));
        const int n = feed_size(&setup->feed, step);
        status = feed_step(&setup->feed, step, err);
        if (status == SSLDYN_OK)
            status = byol_step(setup->byol, n, feed_fill, &setup->feed, err);
        train->images += n;
        if (status == SSLDYN_OK)
            status = show_progress(train, err);
    }
    /* waits for the device, so that the time of the epoch, and with it images/s, includes all its
     * work */
    return status == SSLDYN_OK ? setup->ops->sync(setup->context, err) : status;
}

static enum ssldyn_status loop(struct train *train, struct ssldyn_error *err)
{
    const struct options *options = train->options;
    const int64_t per_epoch = train->setup.config.steps;
    enum ssldyn_status status = SSLDYN_OK;
    int64_t steps = byol_steps(train->setup.byol);
    int64_t saved = record_rows(train->record) > 0 ? steps : -1;
    while (status == SSLDYN_OK) {
        const int64_t epoch = steps / per_epoch;
        if (steps % per_epoch == 0) {
            const bool missing = !(record_last(train->record, "epoch") >= (double)epoch);
            if (missing && (is_due(epoch, options->observe_every, options->config.epochs) ||
                            is_probed(options, epoch)))
                status = measure(train, epoch, err);
            if (status == SSLDYN_OK && steps != saved &&
                (steps == train->total ||
                 (epoch > 0 && is_due(epoch, options->checkpoint, options->config.epochs)))) {
                status = save(train, err);
                saved = steps;
            } else if (status == SSLDYN_OK && missing && epoch > 0) {
                status = write_if_cheap(train, err);
            }
            if (status != SSLDYN_OK || steps == train->total)
                break;
        }
        const double started = ssldyn_clock_wall();
        status = run_epoch(train, epoch, err);
        train->seconds += ssldyn_clock_wall() - started;
        const int64_t done = byol_steps(train->setup.byol);
        train->t = flow_time(&train->setup.config, steps, done, train->t);
        steps = done;
    }
    return status;
}

/* Saves what was computed: the whole state after a stop, the rows after a failure. */
static void keep(struct train *train, enum ssldyn_status status, struct ssldyn_error *err)
{
    struct ssldyn_error second = {SSLDYN_OK, ""};
    enum ssldyn_status saved = SSLDYN_OK;
    if (status == SSLDYN_EINTERRUPTED)
        saved = save(train, &second);
    else if (record_rows(train->record) > 0)
        saved = record_write(train->record, train->options, train->directory, &second);
    if (saved != SSLDYN_OK && status == SSLDYN_EINTERRUPTED && err != NULL)
        *err = second;
}

/* ---- start and end */

static enum ssldyn_status resume(struct train *train, struct ssldyn_error *err)
{
    struct setup *setup = &train->setup;
    struct checkpoint at = {0};
    bool found = false;
    enum ssldyn_status status = checkpoint_read(train->directory, train->options, setup->ops,
                                                setup->context, setup->byol, &at, &found, err);
    if (status != SSLDYN_OK || !found)
        return status;
    if (at.steps < 0 || at.steps > train->total)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s/checkpoint: is at step %lld, but the run has %lld steps",
                           train->directory, (long long)at.steps, (long long)train->total);
    train->t = flow_time(&setup->config, 0, at.steps, 0.0);
    return record_read(train->record, train->directory, (size_t)at.rows, err);
}

/* Reads the initial network from a file, unless a checkpoint replaces it. */
static enum ssldyn_status import(struct train *train, struct ssldyn_error *err)
{
    const struct options *options = train->options;
    struct setup *setup = &train->setup;
    struct exchange_report got;
    if (options->import == NULL || (options->resume && checkpoint_exists(train->directory)))
        return SSLDYN_OK;
    const enum ssldyn_status status = exchange_read(
        options->import, setup->ops, setup->context, setup->byol, setup->config.net.channels,
        setup->config.target == BYOL_TARGET_COPY, &got, err);
    if (status == SSLDYN_OK && !options->quiet)
        fprintf(stderr,
                "byol: %s: %zu tensors of the encoder, %zu of the projector, %zu of the predictor, "
                "%zu of the target; the others are initialized as without --import\n",
                options->import, got.encoder, got.projector, got.predictor, got.target);
    return status;
}

/* Files for other programs, written by a run that reached its end. */
static enum ssldyn_status hand_out(struct train *train, struct ssldyn_error *err)
{
    const struct options *options = train->options;
    struct setup *setup = &train->setup;
    enum ssldyn_status status = SSLDYN_OK;
    if (options->export != NULL)
        status = exchange_write(options->export, setup->ops, setup->context, setup->byol,
                                setup->config.net.channels, err);
    if (status == SSLDYN_OK && options->features != NULL)
        status = probe_features(setup->probe, options->features, err);
    return status;
}

static enum ssldyn_status open_train(struct train *train, struct ssldyn_error *err)
{
    const struct options *options = train->options;
    const size_t n2 = (size_t)options->n2;
    train->directory = ssldyn_memory_copy(options->output != NULL ? options->output : "out/byol");
    if (train->directory == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = ssldyn_output_dir_check(train->directory, "byol", err);
    /* a long run should not end with a file that cannot be written */
    if (status == SSLDYN_OK && options->export != NULL)
        status = ssldyn_file_check_place("--export", options->export, err);
    if (status == SSLDYN_OK && options->features != NULL)
        status = ssldyn_file_check_place("--features", options->features, err);
    if (status == SSLDYN_OK)
        status = setup_open(options, &train->setup, err);
    if (status == SSLDYN_OK)
        status = record_create(n2, observe_count(train->setup.observe), &train->record, err);
    train->Wp = ssldyn_memory_array(n2 * n2, sizeof(double));
    train->moments = (struct observe_moments){
        .F = ssldyn_memory_array(n2 * n2, sizeof(double)),
        .mean = ssldyn_memory_array(n2, sizeof(double)),
        .common = ssldyn_memory_array(n2 * n2, sizeof(double)),
    };
    if (status == SSLDYN_OK && (train->Wp == NULL || train->moments.F == NULL ||
                                train->moments.mean == NULL || train->moments.common == NULL))
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    train->total = options->config.epochs * train->setup.config.steps;
    if (status == SSLDYN_OK)
        status = import(train, err);
    if (status == SSLDYN_OK && options->resume)
        status = resume(train, err);
    return status;
}

static void close_train(struct train *train)
{
    record_free(train->record);
    free(train->Wp);
    free(train->moments.F);
    free(train->moments.mean);
    free(train->moments.common);
    setup_close(&train->setup);
    free(train->directory);
}

static void fill_report(struct train *train, struct train_report *report)
{
    const struct record *record = train->record;
    report->steps = byol_steps(train->setup.byol);
    report->epochs = (double)report->steps / (double)train->setup.config.steps;
    report->loss = record_last(record, "loss");
    report->accuracy = record_last(record, "accuracy");
    report->accuracy_last = record_last(record, "accuracy_last");
    report->knn = record_last(record, "knn");
    report->directory = train->directory;
    train->directory = NULL;
}

enum ssldyn_status train_run(const struct options *options, struct train_report *report,
                             struct ssldyn_error *err)
{
    struct train train = {.options = options};
    *report = (struct train_report){0};
    enum ssldyn_status status = open_train(&train, err);
    if (status == SSLDYN_OK) {
        const int64_t left = train.total - byol_steps(train.setup.byol);
        ssldyn_progress_begin(&train.progress, "byol", "images",
                              (double)left / (double)train.setup.config.steps *
                                  (double)train.setup.data.count,
                              options->quiet);
        status = loop(&train, err);
        ssldyn_progress_end(&train.progress);
        if (status != SSLDYN_OK)
            keep(&train, status, err);
        else
            status = hand_out(&train, err);
        fill_report(&train, report);
    }
    close_train(&train);
    return status;
}
