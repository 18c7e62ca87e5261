/* Networks to and from other programs: tensors under PyTorch's names and in its layout, so that a
 * torchvision ResNet can load the encoder by load_state_dict, and the reverse. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_EXCHANGE_H
#define EXPERIMENTS_GPU_EXCHANGE_H

#include "experiments/gpu/byol.h"

/* Writes a .safetensors file, which is either complete or absent: encoder.conv1.weight (k x c x r x r) ...,
 * projector.*, predictor.*, and the same of the target behind "target."; of each batch normalization
 * running_mean, running_var and num_batches_tracked (0: this program does not count). Numbers keep
 * their precision, F32 or F64. channels: of the images, without padding. */
SSLDYN_MUST_CHECK enum ssldyn_status exchange_write(const char *path, const struct ops *ops,
                                                    struct ops_context *context, struct byol *byol,
                                                    int channels, struct ssldyn_error *err);

/* How many tensors a file gave to each part. */
struct exchange_report {
    size_t encoder, projector, predictor, target;
};

/* Reads a file of any kind that ssldyn reads arrays from (.safetensors, .pt, .npz) into the
 * networks. argument: FILE, or FILE:PREFIX where the encoder's names begin with PREFIX
 * (FILE:module.backbone.); without one, "encoder." or nothing. The whole encoder must be there;
 * projector, predictor, target and running statistics that the file lacks keep their initial values.
 * copies: a target that the file lacks becomes a copy of the online network. EINPUT names the tensor that is
 * missing, has another shape, or belongs to an encoder of another depth. */
SSLDYN_MUST_CHECK enum ssldyn_status exchange_read(const char *argument, const struct ops *ops,
                                                   struct ops_context *context, struct byol *byol,
                                                   int channels, bool copies,
                                                   struct exchange_report *report,
                                                   struct ssldyn_error *err);

#endif
