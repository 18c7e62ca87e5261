/* Remarks on the units of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_NOTES_H
#define SSLDYN_SIM_ANSWER_ANSWER_NOTES_H

#include "sim/answer/answer.h"

/* The rates that follow from the training settings, and the rates that are left at their
 * defaults. */
void ssldyn_answer_note_training(const struct ssldyn_spec *spec,
                                 const struct ssldyn_answer_mode *mode);

/* For a run on an X that ssldyn moments scaled: the units of its weight decay. */
void ssldyn_answer_note_scale(const struct ssldyn_spec *spec,
                              const struct ssldyn_answer_mode *mode);

#endif
