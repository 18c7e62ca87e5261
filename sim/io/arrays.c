/* The arrays given to options (arrays.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/arrays.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for arrays");
}

const struct ssldyn_arrays_item *ssldyn_arrays_item(const struct ssldyn_arrays *arrays,
                                                    const char *option, size_t place)
{
    for (size_t i = 0; arrays != NULL && i < arrays->count; i++)
        if (arrays->items[i].place == place && strcmp(arrays->items[i].option, option) == 0)
            return &arrays->items[i];
    return NULL;
}

const struct ssldyn_array_view *ssldyn_arrays_find(const struct ssldyn_arrays *arrays,
                                                   const char *option, size_t place)
{
    const struct ssldyn_arrays_item *item = ssldyn_arrays_item(arrays, option, place);
    return item != NULL && item->view.data != NULL ? &item->view : NULL;
}

bool ssldyn_arrays_any(const struct ssldyn_arrays *arrays, const char *option)
{
    bool any = false;
    for (size_t i = 0; i < arrays->count; i++)
        any = any || strcmp(arrays->items[i].option, option) == 0;
    return any;
}

enum ssldyn_status ssldyn_arrays_add(struct ssldyn_arrays *arrays, const char *option, size_t place,
                                     const struct ssldyn_array_view *view, const char *file,
                                     struct ssldyn_error *err)
{
    struct ssldyn_arrays_item item = {.option = option, .place = place};
    if (view != NULL)
        item.view = *view;
    else
        item.file = ssldyn_memory_copy(file);
    struct ssldyn_arrays_item *items =
        realloc(arrays->items, (arrays->count + 1) * sizeof *arrays->items);
    if (items != NULL)
        arrays->items = items;
    if (items == NULL || (view == NULL && item.file == NULL)) {
        free(item.file);
        return no_memory(err);
    }
    items[arrays->count++] = item;
    return SSLDYN_OK;
}

static void clear_item(struct ssldyn_arrays_item *item)
{
    free(item->owned);
    free(item->file);
}

void ssldyn_arrays_drop(struct ssldyn_arrays *arrays, const char *option)
{
    size_t left = 0;
    for (size_t i = 0; i < arrays->count; i++) {
        if (strcmp(arrays->items[i].option, option) == 0)
            clear_item(&arrays->items[i]);
        else
            arrays->items[left++] = arrays->items[i];
    }
    arrays->count = left;
}

/* Copies what the item's view borrows; false if out of memory. */
static bool own(struct ssldyn_arrays_item *item)
{
    const size_t bytes = ssldyn_array_view_bytes(&item->view);
    item->owned = ssldyn_memory_array(bytes, 1);
    if (item->owned == NULL)
        return false;
    memcpy(item->owned, item->view.data, bytes);
    item->view.data = item->owned;
    return true;
}

bool ssldyn_arrays_copy(const struct ssldyn_arrays *from, struct ssldyn_arrays *to)
{
    *to = (struct ssldyn_arrays){0};
    bool fine = true;
    for (size_t i = 0; fine && i < from->count; i++) {
        const struct ssldyn_arrays_item *item = &from->items[i];
        fine = ssldyn_arrays_add(to, item->option, item->place,
                                 item->file != NULL ? NULL : &item->view, item->file,
                                 NULL) == SSLDYN_OK;
        if (fine && item->owned != NULL)
            fine = own(&to->items[i]);
    }
    if (!fine)
        ssldyn_arrays_clear(to);
    return fine;
}

enum ssldyn_status ssldyn_arrays_own(struct ssldyn_arrays *arrays, struct ssldyn_error *err)
{
    for (size_t i = 0; i < arrays->count; i++) {
        struct ssldyn_arrays_item *item = &arrays->items[i];
        if (item->view.data != NULL && item->owned == NULL && !own(item))
            return no_memory(err);
    }
    return SSLDYN_OK;
}

void ssldyn_arrays_clear(struct ssldyn_arrays *arrays)
{
    for (size_t i = 0; i < arrays->count; i++)
        clear_item(&arrays->items[i]);
    free(arrays->items);
    *arrays = (struct ssldyn_arrays){0};
}

const char *ssldyn_arrays_name(const struct ssldyn_arrays_item *item, char name[SSLDYN_ARRAYS_NAME])
{
    int used = snprintf(name, SSLDYN_ARRAYS_NAME, SSLDYN_ARRAYS_PREFIX "%.30s", item->option);
    for (char *c = strchr(name, '-'); c != NULL; c = strchr(c, '-'))
        *c = '_';
    if (item->place > 0)
        used += snprintf(name + used, SSLDYN_ARRAYS_NAME - (size_t)used, "_%zu", item->place + 1);
    (void)snprintf(name + used, SSLDYN_ARRAYS_NAME - (size_t)used, SSLDYN_ARRAYS_ENDING);
    return name;
}

/* Copies a file under another name. */
static enum ssldyn_status copy_file(const char *path, const char *directory, const char *name,
                                    struct ssldyn_error *err)
{
    char bytes[1 << 14];
    FILE *from = NULL;
    struct ssldyn_file to = {0};
    enum ssldyn_status status = ssldyn_file_read(path, &from, NULL, err);
    if (status != SSLDYN_OK)
        return status;
    status = ssldyn_file_open_in(&to, directory, name, err);
    if (status == SSLDYN_OK) {
        errno = 0;
        for (size_t got = 1; got > 0;) {
            got = fread(bytes, 1, sizeof bytes, from);
            fwrite(bytes, 1, got, to.stream);
        }
        if (ferror(from))
            status = ssldyn_file_unread(path, err);
        else
            status = ssldyn_file_commit(&to, err);
    }
    ssldyn_file_abandon(&to);
    fclose(from);
    return status;
}

enum ssldyn_status ssldyn_arrays_write(const struct ssldyn_arrays *arrays, const char *directory,
                                       struct ssldyn_error *err)
{
    char name[SSLDYN_ARRAYS_NAME];
    enum ssldyn_status status =
        arrays->count > 0 ? ssldyn_file_make_directory(directory, err) : SSLDYN_OK;
    for (size_t i = 0; i < arrays->count && status == SSLDYN_OK; i++) {
        const struct ssldyn_arrays_item *item = &arrays->items[i];
        ssldyn_arrays_name(item, name);
        status = item->view.data != NULL
                     ? ssldyn_array_view_write(&item->view, directory, name, err)
                     : copy_file(item->file, directory, name, err);
    }
    return status;
}
