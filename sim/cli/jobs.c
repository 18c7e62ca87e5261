/* Runs the jobs of a figure as separate processes, without a shell, and records which ones are
 * finished. */
// SPDX-License-Identifier: MIT
#include "sim/cli/jobs.h"

#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/cli/gnuplot.h"
#include "sim/cli/words.h"
#include "sim/io/file.h"
#include "sim/io/temporary.h"
#include "sim/options/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_AT_ONCE = 64, ARGUMENTS = 80 };

struct pool {
    const struct ssldyn_recipe *recipe;
    const char *directory;
    char *program;
    uint64_t *keys; /* one per job */
    bool *done;
    char threads[24]; /* argument of --threads for each run */
    struct child {
        pid_t process; /* 0: free */
        size_t job;
        FILE *said; /* its standard error */
    } children[MOST_AT_ONCE];
    size_t at_once, running, finished, wanted;
};

/* ---------------------------------------------------------------- finished jobs */

/* Whether the result exists: a run's directory by its spec.conf, a file by its name. */
static bool is_there(const struct pool *pool, const struct ssldyn_recipe_job *job)
{
    struct stat info;
    char *path = ssldyn_file_path_join(pool->directory, job->target);
    bool there = path && stat(path, &info) == 0;
    if (there && S_ISDIR(info.st_mode)) {
        char *spec = ssldyn_file_path_join(path, "spec.conf");
        there = spec && access(spec, R_OK) == 0;
        free(spec);
    }
    free(path);
    return there;
}

static void read_made(struct pool *pool, const char *path)
{
    struct ssldyn_words words = {0};
    char key[24];

    if (access(path, R_OK) != 0 || ssldyn_words_read(path, &words, NULL) != SSLDYN_OK)
        return;
    for (size_t row = 0; row < words.rows && words.columns >= 2; row++) {
        for (size_t i = 0; i < pool->recipe->job_count; i++) {
            if (strcmp(ssldyn_words_cell(&words, row, 0), pool->recipe->jobs[i].target) != 0)
                continue;
            snprintf(key, sizeof key, "%016" PRIx64, pool->keys[i]);
            pool->done[i] = strcmp(ssldyn_words_cell(&words, row, 1), key) == 0 &&
                            is_there(pool, &pool->recipe->jobs[i]);
        }
    }
    ssldyn_words_clear(&words);
}

static enum ssldyn_status write_made(const struct pool *pool, const char *path,
                                     struct ssldyn_error *err)
{
    struct ssldyn_file file = {0};
    const enum ssldyn_status status = ssldyn_file_open(&file, path, err);

    if (status != SSLDYN_OK)
        return status;
    fputs("# ssldyn made 1\ntarget\tkey\n", file.stream);
    for (size_t i = 0; i < pool->recipe->job_count; i++)
        if (pool->done[i])
            fprintf(file.stream, "%s\t%016" PRIx64 "\n", pool->recipe->jobs[i].target,
                    pool->keys[i]);
    return ssldyn_file_commit(&file, err);
}

/* ---------------------------------------------------------------- processes */

static bool takes(const struct ssldyn_recipe_job *job, const char *option)
{
    const struct ssldyn_option *row = ssldyn_option_find(option);
    return row && (row->commands & (unsigned)ssldyn_command_find(job->words[0])) != 0;
}

static bool is_printed(const struct ssldyn_recipe_job *job)
{
    const char *dot = strrchr(job->target, '.');
    return job->table || (dot && (strcmp(dot, ".tsv") == 0 || strcmp(dot, ".txt") == 0));
}

/* In the child process: runs the job, with its output directory and only errors on stderr. */
_Noreturn static void become_job(struct pool *pool, const struct ssldyn_recipe_job *job,
                                 char *directory, int out, int said)
{
    char *arguments[ARGUMENTS] = {NULL};
    size_t n = 0;
    char quiet[] = "-q";
    char output[] = "-o";
    char threads[] = "--threads";
    char *const more[] = {quiet, output, directory, threads, pool->threads};

    arguments[n++] = pool->program;
    for (size_t k = 0; k < job->word_count && n + 6 < ARGUMENTS; k++)
        arguments[n++] = job->words[k];
    for (size_t k = 0; k < 5 && takes(job, "quiet"); k++)
        arguments[n++] = more[k];
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(out >= 0 ? out : null, STDOUT_FILENO);
    dup2(said, STDERR_FILENO);
    execv(pool->program, arguments);
    _exit(EXIT_FAILURE);
}

static enum ssldyn_status start(struct pool *pool, size_t index, struct ssldyn_error *err)
{
    const struct ssldyn_recipe_job *job = &pool->recipe->jobs[index];
    struct child *child = pool->children;
    char *path = ssldyn_file_path_join(pool->directory, job->target);
    char *directory = path ? ssldyn_memory_array(strlen(path) + 8, 1) : NULL;
    enum ssldyn_status status = SSLDYN_OK;
    int out = -1;

    while (child->process != 0)
        child++;
    child->said = directory ? ssldyn_temporary_file() : NULL;
    if (!child->said)
        status =
            ssldyn_fail(err, SSLDYN_EFAILED, "%s",
                        directory ? "no writable directory for temporary files; set TMPDIR to one"
                                  : "out of memory");
    if (status == SSLDYN_OK) {
        char *slash = strrchr(path, '/');
        *slash = '\0';
        status = ssldyn_file_make_directory(path, err);
        *slash = '/';
        /* printed output goes to PATH.new; the directory of a run that is only needed for its
         * output is PATH.run */
        snprintf(directory, strlen(path) + 8, "%s%s", path, is_printed(job) ? ".new" : "");
    }
    if (status == SSLDYN_OK && is_printed(job)) {
        out = open(directory, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (out < 0)
            status =
                ssldyn_fail_system(err, SSLDYN_EIO, errno, "%.300s: cannot be written", directory);
        snprintf(directory, strlen(path) + 8, "%s.run", path);
    }
    child->process = status == SSLDYN_OK ? fork() : -1;
    if (child->process == 0)
        become_job(pool, job, directory, out, fileno(child->said));
    if (child->process < 0) {
        child->process = 0;
        if (status == SSLDYN_OK)
            status = ssldyn_fail_system(err, SSLDYN_EFAILED, errno, "a run cannot be started");
        if (child->said)
            fclose(child->said);
    } else {
        child->job = index;
        pool->running++;
    }
    if (out >= 0)
        close(out);
    free(directory);
    free(path);
    return status;
}

/* The last line that a run wrote to stderr, without its prefix "ssldyn COMMAND: ". */
static void complaint(FILE *said, char line[400])
{
    char next[400];
    line[0] = '\0';
    rewind(said);
    while (fgets(next, sizeof next, said))
        if (next[strspn(next, " \n")] != '\0')
            memcpy(line, next, sizeof next);
    line[strcspn(line, "\n")] = '\0';
}

static enum ssldyn_status judge(struct pool *pool, struct child *child, int result,
                                struct ssldyn_error *err)
{
    const struct ssldyn_recipe_job *job = &pool->recipe->jobs[child->job];
    enum ssldyn_status status = SSLDYN_OK;
    char line[400];
    char *path = ssldyn_file_path_join(pool->directory, job->target);
    char *fresh = path ? ssldyn_memory_array(strlen(path) + 8, 1) : NULL;

    complaint(child->said, line);
    fclose(child->said);
    child->process = 0;
    pool->running--;
    pool->finished++;
    if (fresh)
        snprintf(fresh, strlen(path) + 8, "%s.new", path);
    if (!fresh)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    else if (!WIFEXITED(result) || WEXITSTATUS(result) != 0)
        status = ssldyn_fail(
            err, WIFEXITED(result) && WEXITSTATUS(result) == 2 ? SSLDYN_EINPUT : SSLDYN_EFAILED,
            "%.40s, run %.100s: %.300s", pool->recipe->name, job->target,
            line[0] ? line : "ended by a signal");
    else if (is_printed(job) && rename(fresh, path) != 0)
        status = ssldyn_fail_system(err, SSLDYN_EIO, errno, "%.300s", path);
    if (status != SSLDYN_OK && fresh && is_printed(job))
        unlink(fresh);
    pool->done[child->job] = status == SSLDYN_OK;
    free(fresh);
    free(path);
    return status;
}

static void stop(struct pool *pool)
{
    for (size_t i = 0; i < MOST_AT_ONCE; i++)
        if (pool->children[i].process > 0)
            kill(pool->children[i].process, SIGTERM);
}

/* Waits until one of the runs has ended; if a stop was requested, ends all of them. */
static enum ssldyn_status wait_for_one(struct pool *pool, bool *stopped, struct ssldyn_error *err)
{
    const struct timespec nap = {0, 2000000};

    for (;;) {
        int result = 0;
        for (size_t i = 0; i < MOST_AT_ONCE; i++) {
            struct child *child = &pool->children[i];
            if (child->process > 0 && waitpid(child->process, &result, WNOHANG) > 0)
                return judge(pool, child, result, err);
        }
        if (ssldyn_signal_pending() && !*stopped) {
            *stopped = true;
            stop(pool);
        }
        nanosleep(&nap, NULL);
    }
}

static enum ssldyn_status run_all(struct pool *pool, bool quiet, bool verbose,
                                  struct ssldyn_error *err)
{
    struct ssldyn_progress progress;
    struct ssldyn_error later = {SSLDYN_OK, ""};
    enum ssldyn_status status = SSLDYN_OK;
    bool stopped = false;
    size_t next = 0;

    ssldyn_progress_begin(&progress, pool->recipe->name, "runs", (double)pool->wanted,
                          quiet || verbose);
    while (pool->running > 0 || (status == SSLDYN_OK && next < pool->recipe->job_count)) {
        const bool ready = status == SSLDYN_OK && !stopped && next < pool->recipe->job_count;
        if (ready && pool->done[next]) {
            next++;
            continue;
        }
        const bool wait = ready && pool->recipe->jobs[next].waits && pool->running > 0;
        if (ready && !wait && pool->running < pool->at_once) {
            for (size_t k = 0; verbose && k < pool->recipe->jobs[next].word_count; k++)
                fprintf(stderr, "%s%s", k == 0 ? "ssldyn " : " ",
                        pool->recipe->jobs[next].words[k]);
            if (verbose)
                fputc('\n', stderr);
            status = start(pool, next++, err);
            continue;
        }
        if (pool->running == 0)
            break;
        const enum ssldyn_status ended =
            wait_for_one(pool, &stopped, status == SSLDYN_OK ? err : &later);
        if (status == SSLDYN_OK && ended != SSLDYN_OK) {
            status = ended; /* the others may finish, and no more are started */
            stop(pool);
        }
        ssldyn_progress_update(&progress, (double)pool->finished);
    }
    ssldyn_progress_end(&progress);
    if (stopped || ssldyn_signal_pending())
        status = ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                             "stopped; finished runs will be reused next time");
    return status;
}

/* ---------------------------------------------------------------- the whole pool */

static enum ssldyn_status open_pool(struct pool *pool, int64_t threads, struct ssldyn_error *err)
{
    const size_t jobs = pool->recipe->job_count;
    const int64_t asked = threads < MOST_AT_ONCE ? threads : MOST_AT_ONCE;
    const int most = ssldyn_parallel_threads((int)asked);

    pool->program = ssldyn_gnuplot_scripts_program();
    pool->keys = ssldyn_memory_array(jobs + 1, sizeof *pool->keys);
    pool->done = ssldyn_memory_array(jobs + 1, sizeof *pool->done);
    pool->at_once = (size_t)(most < MOST_AT_ONCE ? most : MOST_AT_ONCE);
    if (!pool->program)
        return ssldyn_fail(err, SSLDYN_EFAILED, "cannot locate the executable of this program");
    if (!pool->keys || !pool->done)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return ssldyn_file_make_directory(pool->directory, err);
}

enum ssldyn_status ssldyn_jobs_run(const struct ssldyn_recipe *recipe, const char *directory,
                                   int64_t threads, bool quiet, bool verbose, size_t *ran,
                                   struct ssldyn_error *err)
{
    struct pool pool = {.recipe = recipe, .directory = directory};
    char *made = ssldyn_file_path_join(directory, "made.tsv");
    enum ssldyn_status status =
        made ? open_pool(&pool, threads, err) : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");

    *ran = 0;
    if (status == SSLDYN_OK) {
        ssldyn_jobs_fill_keys(recipe, pool.program, pool.keys);
        read_made(&pool, made);
        for (size_t i = 0; i < recipe->job_count; i++)
            pool.wanted += pool.done[i] ? 0 : 1;
        /* few runs: more threads for each; results do not depend on their number */
        const size_t each = pool.at_once / (pool.wanted > 0 ? pool.wanted : 1);
        snprintf(pool.threads, sizeof pool.threads, "%zu", each > 1 ? each : 1);
        ssldyn_signal_catch();
        status = pool.wanted > 0 ? run_all(&pool, quiet, verbose, err) : SSLDYN_OK;
        *ran = pool.finished;
        const enum ssldyn_status noted =
            pool.wanted > 0 ? write_made(&pool, made, status == SSLDYN_OK ? err : NULL) : SSLDYN_OK;
        status = status == SSLDYN_OK ? noted : status;
    }
    if (status == SSLDYN_OK)
        status = ssldyn_jobs_write_tables(recipe, directory, err);
    free(pool.program);
    free(pool.keys);
    free(pool.done);
    free(made);
    return status;
}
