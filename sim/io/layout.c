/* Columns of a trace (layout.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/layout.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t ssldyn_layout_width(const struct ssldyn_layout *layout, size_t modes)
{
    return layout->scalar_count + modes * layout->per_mode_count;
}

static size_t find(size_t count, const struct ssldyn_column columns[], const char *name,
                   size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(columns[i].name, name, length) == 0 && columns[i].name[length] == '\0')
            return i;
    }
    return SIZE_MAX;
}

size_t ssldyn_layout_find(const struct ssldyn_layout *layout, size_t modes, const char *name)
{
    const size_t scalar = find(layout->scalar_count, layout->scalars, name, strlen(name));
    const char *number = strrchr(name, '_');
    if (scalar != SIZE_MAX || number == NULL)
        return scalar;
    const size_t column =
        find(layout->per_mode_count, layout->per_mode, name, (size_t)(number - name));
    char *end = NULL;
    const unsigned long mode =
        number[1] >= '1' && number[1] <= '9' ? strtoul(number + 1, &end, 10) : 0;
    if (column == SIZE_MAX || mode == 0 || mode > modes || *end != '\0')
        return SIZE_MAX;
    return layout->scalar_count + (mode - 1) * layout->per_mode_count + column;
}

double ssldyn_layout_scalar(const struct ssldyn_layout *layout, const double row[],
                            const char *name)
{
    const size_t column = find(layout->scalar_count, layout->scalars, name, strlen(name));
    return column != SIZE_MAX ? row[column] : (double)NAN;
}
