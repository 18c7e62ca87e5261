/* Simulation of power loss: a library to be preloaded (LD_PRELOAD). It monitors the changes that a
 * program makes in the directory $SSLDYN_POWERLOSS_ROOT and writes, as $SSLDYN_POWERLOSS_STATES/1,
 * 2, ..., the contents that the disk may have when the power fails: after every call that changes a
 * directory or syncs, unsynced data may be there or not,
 *   bytes of files: as at the last fsync, as they are now, zeros, the first half; or those of one
 *     file as now and of the others not, and the reverse;
 *   entries of directories (created, removed, renamed; each rename is one change): none since the
 *     last fsync of the directory, all, the first few, only one, or all but one.
 * STATE.txt describes the state. Equal states are written once. A rename is one change even between
 * two directories, and syncing one of them syncs it.
 *
 * The tree is read again at every such call, so that the writes themselves need not be intercepted
 * (those of the C library cannot be). fsync does nothing. The clock is frozen, and advances by one
 * second whenever numbers of a sweep are written: each block is then synced and marked
 * separately. */
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NODES = 4096, ENTRIES = 4096, STATES = 1 << 16, NAME = 256, PATH = 4096, NONE = -1 };

struct bytes {
    char *data;
    size_t size;
};

struct node {
    ino_t inode;
    bool directory, alive;
    struct bytes now, disk;
};

struct entry {
    int directory; /* node */
    char name[NAME];
    int node;
};

struct entries {
    struct entry entry[ENTRIES];
    int count;
};

/* An entry that appears (node) or disappears (NONE). Changes of one group happen together. */
struct change {
    int group;
    struct entry entry;
};

static struct {
    pthread_mutex_t gate;
    const char *root, *states;
    struct node node[NODES];
    int nodes;
    struct entries now, disk;
    struct change pending[ENTRIES];
    int changes, groups;
    uint64_t seen[STATES]; /* hashes of the states that were written */
    int written, calls;
    long ticks;
    char call[NAME]; /* the last call, for messages */
} model = {.gate = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool inside; /* set during the calls that this library makes */

static void stop(const char *what)
{
    fprintf(stderr, "powerloss: %s: %s\n", what, strerror(errno));
    _exit(99);
}

/* directory/name, or directory followed by a suffix */
static void join(char path[PATH], const char *directory, const char *between, const char *name)
{
    if (snprintf(path, PATH, "%s%s%s", directory, between, name) >= PATH) {
        stop("a path is too long");
    }
}

/* ------------------------------------------------------------------ the current tree */

static int find_node(ino_t inode)
{
    for (int i = 1; i <= model.nodes; i++) {
        if (model.node[i].alive && model.node[i].inode == inode) {
            return i;
        }
    }
    return NONE;
}

static int node_of(const struct stat *info)
{
    int found = find_node(info->st_ino);
    if (found == NONE) {
        if (model.nodes + 1 >= NODES) {
            stop("too many files");
        }
        found = ++model.nodes;
        model.node[found] = (struct node){
            .inode = info->st_ino, .directory = S_ISDIR(info->st_mode), .alive = true};
    }
    return found;
}

static void read_file(const char *path, size_t size, struct bytes *bytes)
{
    char *data = malloc(size + 1);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = data && file >= 0 ? pread(file, data, size, 0) : -1;
    if (got < 0) {
        stop(path);
    }
    close(file);
    free(bytes->data);
    *bytes = (struct bytes){data, (size_t)got};
}

static void walk(const char *path, int directory, struct entries *found)
{
    DIR *stream = opendir(path);
    for (const struct dirent *item = NULL; stream && (item = readdir(stream));) {
        char below[PATH];
        struct stat info;
        join(below, path, "/", item->d_name);
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0 ||
            lstat(below, &info) != 0) {
            continue;
        }
        if (found->count == ENTRIES) {
            stop("too many entries");
        }
        struct entry *entry = &found->entry[found->count++];
        entry->directory = directory;
        snprintf(entry->name, sizeof entry->name, "%s", item->d_name);
        entry->node = node_of(&info);
        if (model.node[entry->node].directory) {
            walk(below, entry->node, found);
        } else {
            read_file(below, (size_t)info.st_size, &model.node[entry->node].now);
        }
    }
    if (stream) {
        closedir(stream);
    }
}

static int find_entry(const struct entries *entries, int directory, const char *name)
{
    for (int i = 0; i < entries->count; i++) {
        if (entries->entry[i].directory == directory && strcmp(entries->entry[i].name, name) == 0) {
            return i;
        }
    }
    return NONE;
}

static void add_change(int directory, const char *name, int node, int group)
{
    if (model.changes == ENTRIES) {
        stop("too many changes");
    }
    struct change *change = &model.pending[model.changes++];
    change->group = group;
    change->entry.directory = directory;
    snprintf(change->entry.name, NAME, "%s", name);
    change->entry.node = node;
}

/* Reads the tree; the changes of its entries become one group (together), or one group each. */
static void scan(bool together)
{
    static struct entries found;
    found.count = 0;
    walk(model.root, 0, &found);
    if (together) {
        model.groups++;
    }
    for (int i = 0; i < model.now.count; i++) {
        const struct entry *old = &model.now.entry[i];
        const int at = find_entry(&found, old->directory, old->name);
        if (at == NONE || found.entry[at].node != old->node) {
            model.groups += !together;
            add_change(old->directory, old->name, at == NONE ? NONE : found.entry[at].node,
                       model.groups);
        }
    }
    for (int i = 0; i < found.count; i++) {
        const struct entry *new = &found.entry[i];
        if (find_entry(&model.now, new->directory, new->name) == NONE) {
            model.groups += !together;
            add_change(new->directory, new->name, new->node, model.groups);
        }
    }
    model.now = found;
    for (int i = 1; i <= model.nodes; i++) {
        model.node[i].alive = false;
    }
    for (int i = 0; i < found.count; i++) {
        model.node[found.entry[i].node].alive = true;
    }
}

static void apply(struct entries *entries, const struct change *change)
{
    const int at = find_entry(entries, change->entry.directory, change->entry.name);
    if (at != NONE && change->entry.node != NONE) {
        entries->entry[at] = change->entry;
    } else if (at != NONE) {
        entries->entry[at] = entries->entry[--entries->count];
    } else if (change->entry.node != NONE) {
        entries->entry[entries->count++] = change->entry;
    }
}

/* fsync of a directory: every group with a change in it reaches the disk. */
static void sync_directory(int directory)
{
    static bool synced[1 << 20];
    memset(synced, 0, sizeof synced);
    for (int i = 0; i < model.changes; i++) {
        if (model.pending[i].entry.directory == directory) {
            synced[model.pending[i].group] = true;
        }
    }
    int kept = 0;
    for (int i = 0; i < model.changes; i++) {
        if (synced[model.pending[i].group]) {
            apply(&model.disk, &model.pending[i]);
        } else {
            model.pending[kept++] = model.pending[i];
        }
    }
    model.changes = kept;
}

static void copy_bytes(struct bytes *to, const struct bytes *from)
{
    free(to->data);
    to->data = malloc(from->size + 1);
    to->size = from->size;
    if (!to->data) {
        stop("malloc");
    }
    if (from->size > 0) {
        memcpy(to->data, from->data, from->size);
    }
}

/* ------------------------------------------------------------------ the possible states of the
 * disk */

enum content { LOST, KEPT, ZERO, TORN };

/* One choice of the data that reached the disk. */
struct choice {
    enum content content; /* of files that were written after they were synced, */
    int one;              /* except this node, NONE: of all, */
    enum content of_one;  /* these bytes */
    int from, to;         /* the first of the pending groups, in order */
    int but;              /* except this one */
};

static bool is_dirty(const struct node *node)
{
    return !node->directory &&
           (node->now.size != node->disk.size ||
            (node->now.size > 0 && memcmp(node->now.data, node->disk.data, node->now.size) != 0));
}

/* The bytes of a file under a choice; the caller frees them. */
static struct bytes content_of(int number, const struct choice *choice)
{
    const struct node *node = &model.node[number];
    const enum content content = number == choice->one ? choice->of_one : choice->content;
    const struct bytes *disk = &node->disk;
    struct bytes made = {NULL, 0};
    copy_bytes(&made, &node->now);
    if (content == KEPT || !is_dirty(node)) {
        return made;
    }
    if (content == LOST) {
        copy_bytes(&made, disk);
        return made;
    }
    if (content == TORN && made.size > disk->size) {
        made.size = disk->size + (made.size - disk->size) / 2;
        return made;
    }
    size_t first = made.size;
    size_t last = 0;
    for (size_t i = 0; i < made.size; i++) {
        if (i >= disk->size || made.data[i] != disk->data[i]) {
            first = first < i ? first : i;
            last = i + 1;
        }
    }
    for (size_t i = content == TORN ? (first + last) / 2 : first; i < last; i++) {
        made.data[i] = content == TORN && i < disk->size ? disk->data[i] : 0;
    }
    return made;
}

static int by_name(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    return x->directory != y->directory
               ? (x->directory > y->directory) - (x->directory < y->directory)
               : strcmp(x->name, y->name);
}

/* The entries under a choice; false if a directory would have two parents. */
static bool entries_of(const struct choice *choice, struct entries *entries)
{
    *entries = model.disk;
    for (int i = 0, number = -1; i < model.changes; i++) {
        number += i == 0 || model.pending[i].group != model.pending[i - 1].group;
        if (number >= choice->from && number < choice->to && number != choice->but) {
            apply(entries, &model.pending[i]);
        }
    }
    qsort(entries->entry, (size_t)entries->count, sizeof entries->entry[0], by_name);
    for (int i = 0; i < entries->count; i++) {
        for (int k = 0; k < i && model.node[entries->entry[i].node].directory; k++) {
            if (entries->entry[k].node == entries->entry[i].node) {
                return false;
            }
        }
    }
    return true;
}

static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
    const unsigned char *next = data;
    for (size_t i = 0; i < size; i++) {
        sum = (sum ^ next[i]) * UINT64_C(1099511628211);
    }
    return (sum ^ size) * UINT64_C(1099511628211);
}

/* The contents of a directory of the state: hashed, and written to path if given. */
static uint64_t put(const struct entries *entries, const struct choice *choice, int directory,
                    const char *path, ino_t inodes[])
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (int i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->entry[i];
        char below[PATH];
        struct stat info;
        if (entry->directory != directory) {
            continue;
        }
        join(below, path ? path : "", "/", entry->name);
        sum = hash(sum, entry->name, strlen(entry->name));
        if (model.node[entry->node].directory) {
            if (path && (mkdir(below, 0777) != 0 || stat(below, &info) != 0)) {
                stop(below);
            }
            inodes[entry->node] = path ? info.st_ino : 0;
            const uint64_t of = put(entries, choice, entry->node, path ? below : NULL, inodes);
            sum = hash(sum, &of, sizeof of);
            continue;
        }
        struct bytes bytes = content_of(entry->node, choice);
        sum = hash(sum, bytes.data, bytes.size);
        const int file = path ? open(below, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
        if (path && (file < 0 || write(file, bytes.data, bytes.size) != (ssize_t)bytes.size ||
                     close(file) != 0)) {
            stop(below);
        }
        free(bytes.data);
    }
    return sum;
}

/* In a name that ends in the inode number of a directory, replaces that number by the copy's. */
static void renumber(const struct entries *entries, const char *path, const ino_t inodes[])
{
    for (int i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->entry[i];
        const char *dot = strrchr(entry->name, '.');
        if (entry->directory != 0 || entry->name[0] != '.' || dot == entry->name) {
            continue;
        }
        const unsigned long long number = strtoull(dot + 1, NULL, 10);
        for (int k = model.nodes; number > 0 && k > 0; k--) {
            if (model.node[k].directory && model.node[k].inode == number) {
                char from[PATH];
                char to[PATH];
                char below[PATH];
                char stem[NAME];
                char own[NAME];
                join(from, path, "/", entry->name);
                (void)snprintf(own, sizeof own, "%llu",
                               inodes[k] ? (unsigned long long)inodes[k] : 1ULL);
                (void)snprintf(stem, sizeof stem, "%.*s", (int)(dot - entry->name + 1),
                               entry->name);
                join(below, path, "/", stem);
                join(to, below, "", own);
                if (rename(from, to) != 0) {
                    stop(from);
                }
                break;
            }
        }
    }
}

static void describe(const struct choice *choice, const char *path)
{
    static const char *const words[] = {"lost", "kept", "zeros", "half"};
    char name[PATH];
    join(name, path, "", ".txt");
    FILE *text = fopen(name, "w");
    if (!text) {
        stop(name);
    }
    fprintf(text, "after call %d, %s: bytes %s", model.calls, model.call, words[choice->content]);
    for (int i = 0; choice->one != NONE && i < model.now.count; i++) {
        if (model.now.entry[i].node == choice->one) {
            fprintf(text, ", those of %s %s", model.now.entry[i].name, words[choice->of_one]);
        }
    }
    fprintf(text, "; of the changes of entries: %d to %d", choice->from + 1, choice->to);
    if (choice->but != NONE) {
        fprintf(text, " but %d", choice->but + 1);
    }
    for (int i = 0, number = -1; i < model.changes; i++) {
        number += i == 0 || model.pending[i].group != model.pending[i - 1].group;
        fprintf(text, "\n  %d %s %s", number + 1,
                model.pending[i].entry.node == NONE ? "removed" : "made",
                model.pending[i].entry.name);
    }
    fputc('\n', text);
    fclose(text);
}

static void write_state(const struct choice *choice)
{
    static struct entries entries;
    static ino_t inodes[NODES];
    char path[PATH];
    if (!entries_of(choice, &entries)) {
        return;
    }
    memset(inodes, 0, sizeof inodes);
    const uint64_t sum = put(&entries, choice, 0, NULL, inodes);
    for (int i = 0; i < model.written; i++) {
        if (model.seen[i] == sum) {
            return;
        }
    }
    if (model.written == STATES) {
        stop("too many states");
    }
    model.seen[model.written++] = sum;
    snprintf(path, sizeof path, "%s/%d", model.states, model.written);
    if (mkdir(path, 0777) != 0) {
        stop(path);
    }
    (void)put(&entries, choice, 0, path, inodes);
    renumber(&entries, path, inodes);
    describe(choice, path);
}

/* All states after the call. */
static void write_states(void)
{
    int groups = 0;
    for (int i = 0; i < model.changes; i++) {
        groups += i == 0 || model.pending[i].group != model.pending[i - 1].group;
    }
    for (int content = LOST; content <= TORN; content++) {
        for (int all = 0; all < 2; all++) {
            struct choice choice = {(enum content)content, NONE, LOST, 0, all ? groups : 0, NONE};
            write_state(&choice);
            for (int i = 1; content <= KEPT && i <= model.nodes; i++) {
                if (model.node[i].alive && is_dirty(&model.node[i])) {
                    choice.one = i;
                    choice.of_one = content == LOST ? KEPT : LOST;
                    write_state(&choice);
                }
            }
        }
        for (int i = 0; content <= KEPT && i < groups; i++) {
            const struct choice first = {(enum content)content, NONE, LOST, 0, i, NONE};
            const struct choice alone = {(enum content)content, NONE, LOST, i, i + 1, NONE};
            const struct choice but = {(enum content)content, NONE, LOST, 0, groups, i};
            write_state(&first);
            write_state(&alone);
            write_state(&but);
        }
    }
}

/* ------------------------------------------------------------------ the intercepted calls */

static void begin(void)
{
    static bool begun;
    if (begun) {
        return;
    }
    begun = true;
    model.root = getenv("SSLDYN_POWERLOSS_ROOT");
    model.states = getenv("SSLDYN_POWERLOSS_STATES");
    if (!model.root || !model.states) {
        return;
    }
    scan(true); /* everything is on the disk */
    model.changes = 0;
    model.disk = model.now;
    for (int i = 1; i <= model.nodes; i++) {
        if (!model.node[i].directory) {
            copy_bytes(&model.node[i].disk, &model.node[i].now);
        }
    }
    snprintf(model.call, sizeof model.call, "the start");
}

/* Before a call: records what was written and created since the last one. False: not monitored. */
static bool enter(void)
{
    if (inside) {
        return false;
    }
    pthread_mutex_lock(&model.gate);
    inside = true;
    begin();
    if (!model.root) {
        inside = false;
        pthread_mutex_unlock(&model.gate);
        return false;
    }
    scan(false);
    write_states();
    return true;
}

static void leave(const char *call)
{
    const int reason = errno;
    model.calls++;
    snprintf(model.call, sizeof model.call, "%s", call);
    scan(true);
    write_states();
    inside = false;
    pthread_mutex_unlock(&model.gate);
    errno = reason;
}

/* The C library's function, found with RTLD_NEXT; ISO C has no cast for it. */
#define WATCHED(result, name, parameters, arguments)                                               \
    result name parameters                                                                         \
    {                                                                                              \
        result(*real) parameters;                                                                  \
        void *found = dlsym(RTLD_NEXT, #name);                                                     \
        memcpy(&real, &found, sizeof found);                                                       \
        const bool watched = enter();                                                              \
        const result got = real arguments;                                                         \
        if (watched) {                                                                             \
            leave(#name);                                                                          \
        }                                                                                          \
        return got;                                                                                \
    }

WATCHED(int, rename, (const char *from, const char *to), (from, to))
WATCHED(int, renameat, (int from_at, const char *from, int to_at, const char *to),
        (from_at, from, to_at, to))
WATCHED(int, link, (const char *from, const char *to), (from, to))
WATCHED(int, linkat, (int from_at, const char *from, int to_at, const char *to, int flags),
        (from_at, from, to_at, to, flags))
WATCHED(int, unlink, (const char *path), (path))
WATCHED(int, unlinkat, (int at, const char *path, int flags), (at, path, flags))
WATCHED(int, rmdir, (const char *path), (path))
WATCHED(int, mkdir, (const char *path, mode_t mode), (path, mode))
WATCHED(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode))
WATCHED(int, ftruncate, (int file, off_t size), (file, size))

/* renameat2 is called by its number. */
long syscall(long number, ...)
{
    va_list list;
    long a[6];
    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(list, long);
    }
    va_end(list);
    long (*real)(long, ...);
    void *found = dlsym(RTLD_NEXT, "syscall");
    memcpy(&real, &found, sizeof found);
    const bool watched = number == SYS_renameat2 && enter();
    const long got = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (watched) {
        leave("renameat2");
    }
    return got;
}

static int sync_file(int file, const char *call)
{
    struct stat info;
    if (!enter()) {
        return 0;
    }
    const int node = fstat(file, &info) == 0 ? find_node(info.st_ino) : NONE;
    struct stat root;
    if (stat(model.root, &root) == 0 && root.st_ino == info.st_ino) {
        sync_directory(0);
    } else if (node != NONE && model.node[node].directory) {
        sync_directory(node);
    } else if (node != NONE) {
        copy_bytes(&model.node[node].disk, &model.node[node].now);
    }
    leave(call);
    return 0;
}

int fsync(int file)
{
    return sync_file(file, "fsync");
}

int fdatasync(int file)
{
    return sync_file(file, "fdatasync");
}

/* Whether an open file is a sweep's journal. */
static bool is_journal(int file)
{
    struct stat info;
    const int node = fstat(file, &info) == 0 ? find_node(info.st_ino) : NONE;
    for (int i = 0; node != NONE && i < model.now.count; i++) {
        if (model.now.entry[i].node == node && strcmp(model.now.entry[i].name, "journal") == 0) {
            return true;
        }
    }
    return false;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t);
    void *found = dlsym(RTLD_NEXT, "pwrite");
    memcpy(&real, &found, sizeof found);
    model.ticks += !inside && !is_journal(file);
    return real(file, data, size, offset);
}

int clock_gettime(clockid_t which, struct timespec *now)
{
    (void)which;
    *now = (struct timespec){1000 + model.ticks, 0};
    return 0;
}
