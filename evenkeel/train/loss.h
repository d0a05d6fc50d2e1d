// Losses: from the network's logits and the labels to one number.
#pragma once

namespace evenkeel {

enum class Loss { softmax_cross_entropy };

// mean over the batch of log sum exp(z) - z[label].
inline Loss softmax_cross_entropy() { return Loss::softmax_cross_entropy; }

}  // namespace evenkeel
