/* Remarks on the units of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ANSWER_NOTES_H
#define SSLDYN_SIM_ANSWER_ANSWER_NOTES_H

#include "sim/answer/answer.h"

/* What the training settings became, and which rates are left at their defaults. */
void ssldyn_answer_note_training(const struct ssldyn_spec *spec,
                                 const struct ssldyn_answer_mode *mode);

/* Of a run on an X that ssldyn moments scaled: in which units its weight decay is. */
void ssldyn_answer_note_scale(const struct ssldyn_spec *spec,
                              const struct ssldyn_answer_mode *mode);

#endif
