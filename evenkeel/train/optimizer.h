// SPDX-License-Identifier: Apache-2.0
// Optimisers as settings; their update rules are graph ops (graph/ops/adam.h, sgd.h, rmsprop.h).
#pragma once

#include <string_view>
#include <variant>

#include "evenkeel/base/export.h"
#include "evenkeel/graph/attribute_types.h"

namespace evenkeel {

// Which trained tensors weight decay and L2 pull to zero, by role: kernels (and any other weight)
// alone unless told otherwise. Decaying gamma, beta or biases gains nothing and often costs
// accuracy.
struct DecayRoles {
  bool kernels = true;
  bool gamma = false;
  bool beta = false;
  bool bias = false;
  EVENKEEL_API bool includes(Role role) const;
  friend bool operator==(const DecayRoles&, const DecayRoles&) = default;
};

// In each: l2 adds l2 p to the gradient of the tensors that `decays` names (the gradient of
// l2/2 |p|^2; the loss shown is without it). clip_norm: gradients are scaled down together where
// their norm over all tensors is larger; 0: never.

// Adam (Kingma & Ba 2015); `form` says where epsilon stands, TensorFlow's or PyTorch's.
struct Adam {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  AdamForm form = AdamForm::tensorflow;
  double l2 = 0;
  double clip_norm = 0;
  DecayRoles decays = {};
  friend bool operator==(const Adam&, const Adam&) = default;
};

// Adam with decoupled weight decay (Loshchilov & Hutter 2019): p <- p - lr weight_decay p besides.
struct AdamW {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 1e-2;
  double clip_norm = 0;
  DecayRoles decays = {};
  friend bool operator==(const AdamW&, const AdamW&) = default;
};

// Stochastic gradient descent with momentum (Polyak 1964) or Nesterov's, as PyTorch computes it.
struct Sgd {
  double learning_rate = 1e-2;
  double momentum = 0;
  bool nesterov = false;
  double l2 = 0;
  double clip_norm = 0;
  DecayRoles decays = {};
  friend bool operator==(const Sgd&, const Sgd&) = default;
};

// RMSprop (Tieleman & Hinton 2012), as PyTorch computes it.
struct Rmsprop {
  double learning_rate = 1e-2;
  double decay = 0.99;  // of the squares' moving average: what it keeps
  double epsilon = 1e-8;
  double momentum = 0;
  double l2 = 0;
  double clip_norm = 0;
  DecayRoles decays = {};
  friend bool operator==(const Rmsprop&, const Rmsprop&) = default;
};

// Adagrad (Duchi, Hazan & Singer 2011), as PyTorch computes it.
struct Adagrad {
  double learning_rate = 1e-2;
  double epsilon = 1e-10;
  double l2 = 0;
  double clip_norm = 0;
  DecayRoles decays = {};
  friend bool operator==(const Adagrad&, const Adagrad&) = default;
};

// Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon; PyTorch's with adjust_lr_fn
// "original") for kernels, each as a matrix of all axes but the last by the last, [R S C, K]:
// v <- momentum v + g, u = g + momentum v (Nesterov) or v, O = u made orthogonal by five
// Newton-Schulz steps, p <- p (1 - lr weight_decay) - lr sqrt(max(1, K / (R S C))) O. All other
// trained tensors, and kernels of one output or one input, follow AdamW (its defaults) at
// `other_factor` times the learning rate.
struct Muon {
  double learning_rate = 2e-2;
  double momentum = 0.95;
  bool nesterov = true;
  double weight_decay = 0;
  double other_factor = 0.05;
  double clip_norm = 0;
  DecayRoles decays = {};
  friend bool operator==(const Muon&, const Muon&) = default;
};

using Optimizer = std::variant<Adam, AdamW, Sgd, Rmsprop, Adagrad, Muon>;

// "adam", "adamw", "sgd", "rmsprop", "adagrad", "muon".
EVENKEEL_API std::string_view name_of(const Optimizer& optimizer);
EVENKEEL_API double learning_rate_of(const Optimizer& optimizer);
EVENKEEL_API void set_learning_rate(Optimizer& optimizer, double rate);
EVENKEEL_API double clip_norm_of(const Optimizer& optimizer);
// l2 or weight_decay, and what it applies to.
EVENKEEL_API double weight_decay_of(const Optimizer& optimizer);
EVENKEEL_API const DecayRoles& decays_of(const Optimizer& optimizer);
// InvalidArgument naming the setting that makes no sense.
EVENKEEL_API void require_valid(const Optimizer& optimizer);

}  // namespace evenkeel
